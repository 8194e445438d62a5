use rstest::rstest;

use super::*;

fn identity(subject: &str, tenant: &str) -> Identity {
    Identity {
        subject: Subject::parse(subject).unwrap(),
        tenant: TenantId::parse(tenant).unwrap(),
        display_name: "Zofia".into(),
        username: None,
    }
}

#[test]
fn person_key_differs_between_tenants_of_one_subject() {
    let azure = ProviderId::parse("azure").unwrap();
    let key = |tenant: &str, subject: &str| {
        let who = identity(subject, tenant);
        PersonKey::of(&azure, "https://login.example", &who.tenant, &who.subject)
    };
    assert_ne!(key("one", "zofia"), key("two", "zofia"));
    assert_eq!(key("one", "zofia"), key("one", "zofia"));
}

/// Apps have stored these values. A change of the derivation gives every person another id.
#[rstest]
#[case::entra(
    "azure",
    "https://login.microsoftonline.com/0d1fd1c2-0aef-4d7c-9b5b-5c1e2c6a7e11/v2.0",
    "0d1fd1c2-0aef-4d7c-9b5b-5c1e2c6a7e11",
    "5f3b2c1d-4e6a-4b7c-8d9e-0f1a2b3c4d5e",
    "3WeallEGbfUj-RJId0Pte-PH4MRWYMSZuIHa8L7kEfA"
)]
#[case::google(
    "google",
    "https://accounts.google.com",
    "contoso.example",
    "110169484474386276334",
    "rgItHuaoZb8A73lrV7ymdiLhzG40ueWZJjmK-UyTaJk"
)]
#[case::github(
    "github",
    "https://github.com/login/oauth",
    "github.com",
    "583231",
    "RtyvVe1GnGIy08GTZXuFl5ZE58-wM6r1bfDVLuKSxUA"
)]
fn id_never_changes(
    #[case] provider: &str,
    #[case] issuer: &str,
    #[case] tenant: &str,
    #[case] subject: &str,
    #[case] expected: &str,
) {
    let who = identity(subject, tenant);
    let provider = ProviderId::parse(provider).unwrap();
    let id = PersonKey::of(&provider, issuer, &who.tenant, &who.subject).id();
    assert_eq!(id, expected);
}

#[rstest]
fn id_is_43_characters_of_base64url(#[values(0, 62, 63, 255)] byte: u8) {
    let id = PersonKey::from_bytes([byte; 32]).id();
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    assert!(id.len() == 43 && id.bytes().all(is_plain), "{id}");
}

#[test]
fn revision_displays_the_text_it_was_made_from() {
    let revision = Revision::new("linked-1");
    assert_eq!((revision.as_str(), revision.to_string().as_str()), ("linked-1", "linked-1"));
}
