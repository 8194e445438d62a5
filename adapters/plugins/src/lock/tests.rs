//! Locks are read as they were written, and damaged ones are refused.

use std::fs;

use portico_domain::{
    provider::{
        Capability, ClientAuthentication, EndpointTemplates, Method, Permission, Placement,
        Principal, ScopeSeparator, SecretHeader, SignInTemplate, TokenEncoding, UserRecordTemplate,
    },
    testing::samples,
};

use super::*;

fn granted(id: &str) -> Granted {
    let descriptor = Descriptor { id: ProviderId::parse(id).unwrap(), ..samples::descriptor() };
    let limits = LimitsEntry { memory_mib: Some(256), ..LimitsEntry::default() };
    Granted::everything(&descriptor, "sha256:00".into(), Some(limits), false)
}

/// A descriptor whose every field differs from the sample's.
fn unusual() -> Descriptor {
    let [one, other] =
        ["one", "other"].map(|name| samples::permission(name, Principal::SignedInUser));
    let secret =
        SecretHeader { setting: "api-key".into(), header: "x-key".into(), prefix: "Key ".into() };
    let record = |member: Option<&str>| UserRecordTemplate {
        member: member.map(Into::into),
        url: "{url}/me".into(),
        headers: vec![("accept".into(), "application/json".into())],
        permission: "one".into(),
    };
    Descriptor {
        sign_in: SignInTemplate {
            endpoints: EndpointTemplates::Plain {
                issuer: "{url}/{tenant}".into(),
                authorization: "{url}/authorize".into(),
                token: "{url}/token".into(),
                end_session: Some("{url}/logout".into()),
            },
            default_tenant: Some("{tenant-id}".into()),
            scopes: vec!["{scopes}".into()],
            scope_separator: ScopeSeparator::Comma,
            parameters: vec![("access_type".into(), "offline".into())],
            token_encoding: TokenEncoding::JsonSnakeCase,
            client_authentication: ClientAuthentication::Basic,
            token_reply: vec!["instance_url".into()],
            user_records: vec![record(None), record(Some("emails"))],
        },
        people: None,
        permissions: vec![
            Permission {
                placement: Placement::Prefix("token".into()),
                request_headers: vec!["x-version".into()],
                reply_headers: vec!["x-next".into()],
                secret_headers: vec![secret],
                ..one
            },
            Permission { placement: Placement::Basic, principal: Principal::Nobody, ..other },
            Permission {
                placement: Placement::Header("x-token".into()),
                methods: vec![Method::Get, Method::Post],
                ..samples::permission("third", Principal::Application)
            },
        ],
        capabilities: vec![in_every_tenant("as-user")],
        ..samples::descriptor()
    }
}

fn in_every_tenant(permission: &str) -> Capability {
    let (name, kind) = (permission.into(), Capability::TENANTS.into());
    Capability { name, kind, why: "lists them".into(), extra: vec![("a".into(), "b".into())] }
}

#[test]
fn capability_that_is_not_in_the_lock_is_not_granted() {
    let asked =
        Descriptor { capabilities: vec![in_every_tenant("as-user")], ..samples::descriptor() };
    let granted = Granted::everything(&asked, "sha256:00".into(), None, false);
    let consent = granted.consent().unwrap().unwrap();
    assert!(consent.apply_to(asked.clone()).uses_other_tenants("as-user"));
    let without = Granted { capabilities: vec![], ..granted };
    let consent = without.consent().unwrap().unwrap();
    assert!(!consent.apply_to(asked).uses_other_tenants("as-user"));
}

#[test]
fn consent_survives_write_and_read() {
    let folder = tempfile::tempdir().unwrap();
    for descriptor in [samples::descriptor(), unusual()] {
        let mut lock = Lock::default();
        lock.grant(Granted::everything(&descriptor, "sha256:00".into(), None, true));
        lock.write(folder.path()).unwrap();
        let read = Lock::read(folder.path()).unwrap();
        assert_eq!(read, lock);
        let consent = read.providers[0].consent().unwrap().unwrap();
        assert_eq!(consent.apply_to(descriptor.clone()), descriptor);
    }
}

#[test]
fn entry_of_first_format_is_no_consent_and_is_preserved() {
    let folder = tempfile::tempdir().unwrap();
    let first = "[[provider]]\nid = \"old\"\nversion = \"1.0.0\"\ndigest = \"sha256:00\"\n\
                 [[provider.grant]]\nname = \"list\"\nwhy = \"lists\"\n\
                 principal = \"application\"\nhosts = [\"a.example\"]\npaths = [\"/\"]\n\
                 methods = [\"GET\"]\n";
    fs::write(folder.path().join(LOCK_FILE), first).unwrap();
    let mut lock = Lock::read(folder.path()).unwrap();
    assert_eq!(lock.providers[0].consent(), Ok(None));
    lock.grant(granted("github"));
    lock.write(folder.path()).unwrap();
    let read = Lock::read(folder.path()).unwrap();
    let consented: Vec<_> =
        read.providers.iter().map(|it| (it.id.as_str(), it.consent().unwrap().is_some())).collect();
    assert_eq!(consented, [("github", true), ("old", false)]);
}

#[test]
fn grants_survive_write_and_read_sorted_by_id() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Lock::read(folder.path()).unwrap(), Lock::default());
    let mut lock = Lock::default();
    lock.grant(granted("github"));
    lock.grant(granted("aws"));
    lock.grant(Granted { version: "2.0.0".into(), ..granted("github") });
    lock.write(folder.path()).unwrap();
    let read = Lock::read(folder.path()).unwrap();
    assert_eq!(read, lock);
    let ids: Vec<_> = read.providers.iter().map(|it| (&*it.id, &*it.version)).collect();
    assert_eq!(ids, [("aws", "1.0.0"), ("github", "2.0.0")]);
}

#[test]
fn read_refuses_invalid_lock_and_names_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let twice = "[[provider]]\nid = \"a\"\nversion = \"1\"\ndigest = \"d\"\n".repeat(2);
    for (text, reason) in [
        ("provider = 7", "providers.lock cannot be understood"),
        ("[[provider]]\nid = \"A/b\"\nversion = \"1\"\ndigest = \"d\"\n", "no provider's id"),
        (twice.as_str(), "stands in it twice"),
        ("[[providers]]\n", "unknown field"),
    ] {
        fs::write(folder.path().join(LOCK_FILE), text).unwrap();
        let refused = Lock::read(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
}

#[test]
fn invalid_consent_of_one_entry_leaves_other_entries_valid() {
    let folder = tempfile::tempdir().unwrap();
    let mut lock = Lock::default();
    lock.grant(granted("github"));
    lock.grant(granted("aws"));
    lock.write(folder.path()).unwrap();
    let text = fs::read_to_string(folder.path().join(LOCK_FILE)).unwrap();
    for (from, to, why) in [
        ("placement = \"bearer\"", "placement = \"cookie\"", "no placement of a token"),
        ("[provider.sign_in]", "[provider.sign_in]\ntoken = \"{url}\"", "or neither"),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        let edited = Lock::parse(&text.replacen(from, to, 1)).unwrap();
        let refused = edited.providers[0].consent().unwrap_err();
        assert!(refused.contains(why), "{refused}");
        assert!(edited.providers[1].consent().unwrap().is_some());
        edited.write(folder.path()).unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), edited);
    }
}
