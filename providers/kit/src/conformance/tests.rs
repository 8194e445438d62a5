mod broken;
mod host;

use std::collections::BTreeSet;

use portico_azure::AzureProvider;

use super::*;
use crate::{
    factory::linked,
    testing::{ExampleCloud, FIXTURES, FaultyProvider, TAPE},
};

fn good() -> Vec<Fixtures> {
    let fixtures = [("fixtures.json", FIXTURES), ("tape.json", TAPE)];
    fixtures.map(|(name, json)| Fixtures::parse(name, json).unwrap()).into()
}

fn names(report: &Report) -> BTreeSet<&'static str> {
    report.checks.iter().map(|check| check.name).collect()
}

#[tokio::test]
async fn the_provider_of_a_new_project_passes_every_check() {
    let report = check(&linked::<ExampleCloud>(), &good()).await;
    assert!(report.passed(), "{report}");
    let skipped: Vec<_> =
        report.checks.iter().filter(|it| it.verdict == Verdict::Skipped).collect();
    let expected = ["refuses-missing-settings", "survives-reordered-responses"];
    assert_eq!(skipped.iter().map(|it| it.name).collect::<Vec<_>>(), expected, "{report}");
    assert_eq!(names(&report).len(), report.checks.len(), "two checks have one name");
}

const AZURE: &str = r#"{
    "settings": { "tenant-id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "subscriptions-as": "user" },
    "claims": {
        "iss": "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "name": "Zofia Nowak", "preferred_username": "zofia@contoso.example"
    },
    "replies": {
        "GET https://management.azure.com/subscriptions?api-version=2022-12-01": { "body": {
            "value": [{ "subscriptionId": "1", "displayName": "One", "state": "Enabled" }],
            "nextLink": "https://management.azure.com/subscriptions?api-version=2022-12-01&$skiptoken=2"
        } },
        "GET https://management.azure.com/subscriptions?api-version=2022-12-01&$skiptoken=2": { "body": {
            "value": [{ "subscriptionId": "2", "displayName": "Two", "tenantId": "t" }]
        } }
    }
}"#;

#[tokio::test]
async fn azure_passes_every_check() {
    let fixtures = [Fixtures::parse("azure.json", AZURE).unwrap()];
    let report = check(&linked::<AzureProvider>(), &fixtures).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test]
async fn without_fixtures_the_checks_that_need_none_are_made() {
    let report = check(&linked::<ExampleCloud>(), &[]).await;
    assert!(report.passed(), "{report}");
    let of = |name: &str| report.checks.iter().find(|it| it.name == name).unwrap().verdict;
    assert_eq!(of("survives-refusals"), Verdict::Passed);
    assert_eq!(of("survives-empty-replies"), Verdict::Passed);
    assert_eq!(of("lists-the-fixtures"), Verdict::Skipped);
    assert_eq!(of("names-who-signed-in"), Verdict::Skipped);
}

#[tokio::test]
async fn a_report_says_what_was_seen_and_what_to_do() {
    let faulty = FaultyProvider::described(|it| it.version = "one".into());
    let quick = |name: &str| !name.starts_with("survives");
    let report = these(&faulty, &good(), quick).await;
    let text = report.to_string();
    for words in [
        "FAILED  has-a-semantic-version: its version is a semantic version",
        "seen: the version is \"one\"",
        "do:   write the version as MAJOR.MINOR.PATCH",
        "skipped refuses-missing-settings",
        "1 failed, 1 skipped",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn every_check_goes_red_for_the_provider_that_breaks_it() {
    let mut seen = BTreeSet::new();
    for (name, fixtures, faulty) in broken::providers() {
        let fixtures = fixtures.map_or_else(good, |it| vec![it]);
        let report = these(&faulty, &fixtures, |it| it == name).await;
        let failed: Vec<_> = report.failures().map(|check| check.name).collect();
        assert!(failed.contains(&name), "{name} stays green\n{report}");
        seen.insert(name);
    }
    let all = names(&these(&FaultyProvider::correct(), &[], |_| true).await);
    let green: Vec<_> = all.difference(&seen).collect();
    assert_eq!(green, [""; 0].iter().collect::<Vec<_>>(), "no provider breaks these");
}
