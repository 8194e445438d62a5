use super::*;
use crate::{
    provider::Principal,
    testing::{doubles, samples},
};

#[test]
fn allow_accepts_the_named_tenants_in_either_case() {
    let tenant = |text: &str| TenantId::parse(text).unwrap();
    let allowed = AllowedTenants::only([tenant("7F7A-1")]);
    assert!(allowed.allow(&tenant("7f7a-1")));
    assert!(!allowed.allow(&tenant("7f7a-2")));
    assert!(!AllowedTenants::only([]).allow(&tenant("7f7a-1")));
    assert!(AllowedTenants::Everybody.allow(&tenant("7f7a-1")));
}

fn azure(revision: &str) -> Arc<Registration> {
    let registration = doubles::Provider::silent().into_registration();
    Arc::new(Registration { revision: Revision::new(revision), ..registration })
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn found(providers: &Providers, revision: &str) -> Option<String> {
    let found = providers.find_revision(&samples::azure(), &Revision::new(revision))?;
    Some(found.revision.to_string())
}

#[test]
fn find_revision_returns_a_replaced_revision_for_the_attempt_lifetime() {
    let providers = Providers::default();
    providers.replace(vec![azure("one")], at(0));
    providers.replace(vec![azure("two")], at(100));
    assert_eq!(found(&providers, "one").as_deref(), Some("one"));
    assert_eq!(found(&providers, "two").as_deref(), Some("two"));
    assert_eq!(found(&providers, "unheard of").as_deref(), Some("two"));
    assert_eq!(providers.find(&samples::azure()).unwrap().revision, Revision::new("two"));
    providers.replace(providers.all(), at(100 + ATTEMPT_LIFETIME.as_secs()));
    assert_eq!(found(&providers, "one").as_deref(), Some("two"));
}

#[test]
fn replace_with_nothing_offers_nothing_and_keeps_revisions_for_logins() {
    let providers = Providers::default();
    let clone = providers.clone();
    providers.replace(vec![azure("one")], at(0));
    assert_eq!(clone.all().len(), 1);
    providers.replace(vec![], at(100));
    assert!(clone.all().is_empty());
    assert!(clone.find(&samples::azure()).is_none());
    assert_eq!(found(&clone, "one").as_deref(), Some("one"));
    assert_eq!(found(&clone, "unheard of"), None);
}

#[test]
fn replace_keeps_at_most_max_retired_revisions() {
    let providers = Providers::default();
    for revision in 0..=MAX_RETIRED + 1 {
        providers.replace(vec![azure(&revision.to_string())], at(0));
    }
    let newest = (MAX_RETIRED + 1).to_string();
    assert_eq!(found(&providers, "0").as_deref(), Some(newest.as_str()));
    assert_eq!(found(&providers, "1").as_deref(), Some("1"));
}

#[test]
fn secret_headers_are_those_that_the_operator_configured() {
    let header = |setting: &str| SecretHeader {
        setting: setting.into(),
        header: format!("x-{setting}"),
        prefix: String::new(),
    };
    let permission = Permission {
        secret_headers: vec![header("key"), header("missing")],
        ..samples::permission("as-user", Principal::SignedInUser)
    };
    let secrets = [("key".to_owned(), ProviderSecret::new("s3cret"))].into();
    let registration = Registration { secrets, ..doubles::Provider::silent().into_registration() };
    let found = registration.secret_headers(&permission);
    let found: Vec<_> =
        found.iter().map(|(it, secret)| (it.header.as_str(), secret.expose())).collect();
    assert_eq!(found, [("x-key", "s3cret")]);
}
