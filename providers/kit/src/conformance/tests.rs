mod faulty;
mod same_as_server;

use std::collections::BTreeSet;

use portico_azure::AzureProvider;

use super::*;
use crate::{
    factory::linked,
    fixtures::Fixtures,
    testing::{ExampleCloud, FIXTURES, FaultyProvider, TAPE},
};

/// The template's fixtures and tape.
fn template_fixtures() -> Vec<Fixtures> {
    let fixtures = [("fixtures.json", FIXTURES), ("tape.json", TAPE)];
    fixtures.map(|(name, json)| Fixtures::parse(name, json).unwrap()).into()
}

fn names(report: &Report) -> BTreeSet<&'static str> {
    report.checks.iter().map(|check| check.name).collect()
}

#[tokio::test]
async fn template_provider_passes_every_check() {
    let report = check(&linked::<ExampleCloud>(), &template_fixtures()).await;
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
        } },
        "GET https://management.azure.com/tenants?api-version=2022-12-01": { "body": {
            "value": [{ "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47", "displayName": "Contoso" },
                      { "tenantId": "00000000-0000-4000-8000-00000000000f", "displayName": "Fabrikam" }]
        } },
        "GET https://management.azure.com/subscriptions?api-version=2022-12-01 in 00000000-0000-4000-8000-00000000000f": {
            "body": { "value": [{ "subscriptionId": "3", "displayName": "Three" }] }
        }
    }
}"#;

#[tokio::test]
async fn azure_provider_passes_every_check() {
    let fixtures = [Fixtures::parse("azure.json", AZURE).unwrap()];
    let report = check(&linked::<AzureProvider>(), &fixtures).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test]
async fn check_without_fixtures_skips_rules_that_need_them() {
    let report = check(&linked::<ExampleCloud>(), &[]).await;
    assert!(report.passed(), "{report}");
    let verdict = |name: &str| report.checks.iter().find(|it| it.name == name).unwrap().verdict;
    assert_eq!(verdict("survives-refusals"), Verdict::Passed);
    assert_eq!(verdict("survives-empty-replies"), Verdict::Passed);
    assert_eq!(verdict("lists-the-fixtures"), Verdict::Skipped);
    assert_eq!(verdict("names-who-signed-in"), Verdict::Skipped);
}

#[tokio::test]
async fn report_display_has_finding_remedy_and_counts() {
    let faulty = FaultyProvider::described(|it| it.version = "one".into());
    let is_fast = |name: &str| !name.starts_with("survives");
    let report = check_selected(&faulty, &template_fixtures(), is_fast).await;
    let text = report.to_string();
    for part in [
        "FAILED  has-a-semantic-version: its version is a semantic version",
        "seen: the version is \"one\"",
        "do:   write the version as MAJOR.MINOR.PATCH",
        "skipped refuses-missing-settings",
        "1 failed, 1 skipped",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

/// Reports every faulty provider whose check passed, not only the first.
#[tokio::test]
async fn every_check_fails_for_a_provider_that_breaks_its_rule() {
    let (mut covered, mut passed) = (BTreeSet::new(), Vec::new());
    for (name, fixtures, provider) in faulty::providers() {
        let fixtures = fixtures.map_or_else(template_fixtures, |it| vec![it]);
        let report = check_selected(&provider, &fixtures, |it| it == name).await;
        if report.failures().all(|check| check.name != name) {
            passed.push(format!("{name} passed\n{report}"));
        }
        covered.insert(name);
    }
    assert!(passed.is_empty(), "{}", passed.join("\n"));
    let all = names(&check_selected(&FaultyProvider::correct(), &[], |_| true).await);
    let uncovered: Vec<_> = all.difference(&covered).collect();
    assert!(uncovered.is_empty(), "no faulty provider for {uncovered:?}");
}
