use rstest::rstest;

use super::*;
use crate::{account::TenantState, testing::samples};

fn listed(change: impl FnOnce(&mut Subscription)) -> Result<Subscription, CallError> {
    let mut one = samples::subscription("one");
    change(&mut one);
    let checked = listing(Listing { subscriptions: vec![one], ..Listing::default() })?;
    Ok(checked.subscriptions.into_iter().next().unwrap())
}

#[test]
fn listing_cleans_truncates_and_defaults_names() {
    let shown = listed(|one| one.display_name = "Łódź\r\nSet-Cookie: a\u{202e}".into());
    assert_eq!(shown.unwrap().display_name, "ŁódźSet-Cookie: a");
    let shown = listed(|one| one.display_name = "x".repeat(5_000));
    assert_eq!(shown.unwrap().display_name.len(), 256);
    let shown = listed(|one| one.display_name = "\u{200b}".into());
    assert_eq!(shown.unwrap().display_name, "one");
}

#[rstest]
#[case::empty("")]
#[case::line_break("a\nb")]
#[case::leading_space(" a")]
#[case::bidirectional_override("a\u{202e}")]
#[case::too_long(&"a".repeat(257))]
fn listing_refuses_an_id_that_is_not_displayable(#[case] id: &str) {
    assert!(matches!(listed(|one| one.id = id.into()), Err(CallError::Broken(_))));
}

#[test]
fn listing_cleans_state_and_tenant_of_a_subscription() {
    let shown = listed(|one| {
        one.state = Some("Enabled\u{202e}".into());
        one.tenant = Some("contoso\r\n".into());
    });
    let shown = shown.unwrap();
    assert_eq!(shown.state.as_deref(), Some("Enabled"));
    assert_eq!(shown.tenant.as_deref(), Some("contoso"));
}

#[test]
fn listing_accepts_an_id_of_256_characters() {
    assert!(listed(|one| one.id = "ż".repeat(256)).is_ok());
}

fn listed_extra(pairs: &[(&str, &str)]) -> Result<Vec<(String, String)>, CallError> {
    let pairs = pairs.iter().map(|(key, value)| ((*key).into(), (*value).into()));
    let extra = pairs.collect();
    listed(|one| one.extra = extra).map(|one| one.extra)
}

#[test]
fn listing_cleans_values_of_extra_members() {
    let extra = listed_extra(&[("region", "eu\u{202e}"), ("plan", "")]).unwrap();
    assert_eq!(extra, [("region".into(), "eu".into()), ("plan".to_owned(), String::new())]);
}

#[rstest]
#[case::repeated(&[("a", "1"), ("a", "2")])]
#[case::unnamed(&[("", "1")])]
#[case::line_break(&[("a\n", "1")])]
fn listing_refuses_invalid_names_of_extra_members(#[case] pairs: &[(&str, &str)]) {
    assert!(matches!(listed_extra(pairs), Err(CallError::Broken(_))));
}

#[test]
fn listing_accepts_16_extra_members_and_refuses_17() {
    let keys: Vec<_> = (0..17).map(|n| n.to_string()).collect();
    let pairs: Vec<_> = keys.iter().map(|key| (key.as_str(), "x")).collect();
    assert_eq!(listed_extra(&pairs[1..]).unwrap().len(), 16);
    assert!(matches!(listed_extra(&pairs), Err(CallError::Broken(_))));
}

fn tenant() -> Tenant {
    Tenant {
        id: "contoso".into(),
        display_name: String::new(),
        state: TenantState::Blocked,
        reason: None,
        mender: None,
        repair: None,
        extra: vec![],
    }
}

fn with_tenants(tenants: Vec<Tenant>) -> Result<Listing, CallError> {
    listing(Listing { tenants, ..Listing::default() })
}

#[test]
fn listing_cleans_reason_and_extra_members_of_a_tenant() {
    let reason = Some(format!("{}\u{202e}", "w\n".repeat(1_000)));
    let extra = vec![("region".to_owned(), "eu\u{202e}".to_owned())];
    let checked = with_tenants(vec![Tenant { reason, extra, ..tenant() }]).unwrap();
    let checked = &checked.tenants[0];
    assert_eq!(checked.reason, Some("w".repeat(MAX_WARNING_LEN)));
    assert_eq!(checked.extra, [("region".to_owned(), "eu".to_owned())]);
    let unnamed = Tenant { extra: vec![(String::new(), "eu".into())], ..tenant() };
    assert!(matches!(with_tenants(vec![unnamed]), Err(CallError::Broken(_))));
}

#[test]
fn listing_refuses_more_than_max_tenants() {
    let many = vec![tenant(); MAX_TENANTS];
    assert_eq!(with_tenants(many.clone()).unwrap().tenants.len(), MAX_TENANTS);
    let too_many = [many, vec![tenant()]].concat();
    assert!(matches!(with_tenants(too_many), Err(CallError::Broken(_))));
}

fn with_repair(repair: Repair) -> Result<Listing, CallError> {
    with_tenants(vec![Tenant { repair: Some(repair), ..tenant() }])
}

#[rstest]
#[case::sign_in(Repair::SignIn)]
#[case::claims(Repair::Claims(r#"{"acrs":{}}"#.into()))]
#[case::https_link(Repair::Link("https://cloud.example/consent".into()))]
fn listing_keeps_a_valid_repair_of_a_tenant(#[case] repair: Repair) {
    let tenants = with_repair(repair.clone()).unwrap().tenants;
    assert_eq!((&tenants[0].repair, tenants[0].display_name.as_str()), (&Some(repair), "contoso"));
}

#[rstest]
#[case::claims_in_an_array(Repair::Claims("[]".into()))]
#[case::claims_that_are_no_json(Repair::Claims("{".into()))]
#[case::script_link(Repair::Link("javascript:alert(1)".into()))]
#[case::http_link(Repair::Link("http://cloud.example".into()))]
#[case::relative_link(Repair::Link("/consent".into()))]
fn listing_refuses_an_invalid_repair_of_a_tenant(#[case] repair: Repair) {
    assert!(matches!(with_repair(repair), Err(CallError::Broken(_))));
}

#[test]
fn listing_and_identity_refuse_names_of_one_mebibyte() {
    let megabyte = || "a".repeat(1 << 20);
    assert!(listed(|one| one.display_name = megabyte()).is_err());
    assert!(listed(|one| one.state = Some(megabyte())).is_err());
    let who = samples::identity("contoso", "zofia");
    assert!(identity(Identity { display_name: megabyte(), ..who.clone() }).is_err());
    assert!(identity(Identity { username: Some(megabyte()), ..who }).is_err());
}

#[test]
fn listing_truncates_a_name_of_64_kib_and_refuses_a_longer_one() {
    let shown = listed(|one| one.display_name = "a".repeat(65_536));
    assert_eq!(shown.unwrap().display_name, "a".repeat(256));
    assert!(listed(|one| one.display_name = "a".repeat(65_537)).is_err());
}

#[test]
fn listing_keeps_ten_thousand_entries_unchanged() {
    let subscriptions = vec![samples::subscription("one"); 10_000];
    let listed = listing(Listing { subscriptions: subscriptions.clone(), ..Listing::default() });
    assert_eq!(listed.unwrap().subscriptions, subscriptions);
}

#[test]
fn listing_refuses_too_many_entries_and_truncates_warnings() {
    let subscriptions = vec![samples::subscription("one"); MAX_SUBSCRIPTIONS + 1];
    assert!(listing(Listing { subscriptions, ..Listing::default() }).is_err());
    let warnings = vec!["w\n".repeat(10_000); 100];
    let checked = listing(Listing { warnings, ..Listing::default() }).unwrap();
    assert_eq!(checked.warnings.len(), MAX_WARNINGS);
    assert_eq!(checked.warnings[0], "w".repeat(MAX_WARNING_LEN));
}

#[test]
fn identity_falls_back_to_the_username_or_the_subject() {
    let nameless = || Identity { display_name: "\n".into(), ..samples::identity("c", "zofia") };
    assert_eq!(identity(nameless()).unwrap().display_name, "zofia@contoso.example");
    let unknown = Identity { username: Some("\0".into()), ..nameless() };
    let shown = identity(unknown).unwrap();
    assert_eq!((shown.display_name.as_str(), shown.username), ("zofia", None));
}
