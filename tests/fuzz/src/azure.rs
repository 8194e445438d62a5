//! Azure's responses to the built-in provider.

use std::collections::BTreeSet;

use portico_azure::AzureProvider;
use portico_domain::{
    account::Listing,
    identity::Claims,
    provider::{
        ConfiguredSignIn, Discovery, FetchError, Person, Provider, Reply, Response, Settings, Step,
        TokenRefusal,
    },
    testing::samples,
};
use portico_provider_model::paging::headers;

use crate::{first_line, text};

const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";

fn settings() -> Settings {
    let settings = Settings::from_iter([("tenant-id", TENANT)]);
    settings.complete(&AzureProvider::describe().settings).unwrap()
}

/// The verified claims of an ID token. The identity equals the declared claims, and the issuer is
/// accepted for its own tenant only.
pub fn azure_claims(data: &[u8]) {
    let Some(Ok(claims)) = text(data).map(Claims::parse) else { return };
    let descriptor = AzureProvider::describe();
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let Ok(identity) = descriptor.people.as_ref().unwrap().identify(&claims, &issuer) else {
        return;
    };
    let members = claims.members();
    let claim_equals = |claim: &str, text: &str| match members.get(claim) {
        Some(serde_json::Value::String(found)) => found == text,
        Some(serde_json::Value::Number(found)) => found.to_string() == text,
        _ => false,
    };
    assert!(claim_equals("oid", identity.subject.as_str()), "{identity:?}");
    let tenant = identity.tenant.as_str();
    assert!(claim_equals("tid", tenant) || tenant == "login.microsoftonline.com", "{identity:?}");
    assert!(!identity.display_name.is_empty());
    assert!(!identity.display_name.chars().any(char::is_control));
    let sign_in = ConfiguredSignIn::new(descriptor.sign_in, Some("/tid"), settings()).unwrap();
    let own = tenant.eq_ignore_ascii_case(TENANT);
    assert_eq!(sign_in.speaks_for(&issuer, &identity.tenant), own, "{tenant}");
}

/// Pages of a listing, separated by zero bytes; each has a status on its first line and the body on
/// the others. Every request is covered by a permission, and the listing terminates.
pub fn azure_listing(data: &[u8]) {
    list(data, settings());
}

/// As [`azure_listing`], with the person's tokens in every tenant. The status 0 is the refusal of a
/// token, and the body its JSON. Every listed tenant and subscription stands once.
pub fn azure_tenants(data: &[u8]) {
    let as_user = Settings::from_iter([("tenant-id", TENANT), ("subscriptions-as", "user")]);
    let settings = as_user.complete(&AzureProvider::describe().settings).unwrap();
    let Some(listing) = list(data, settings) else { return };
    let ids: BTreeSet<_> =
        listing.subscriptions.iter().map(|it| it.id.to_ascii_lowercase()).collect();
    assert_eq!(ids.len(), listing.subscriptions.len());
    let tenants: BTreeSet<_> = listing.tenants.iter().map(|it| &it.id).collect();
    assert_eq!(tenants.len(), listing.tenants.len());
    for subscription in &listing.subscriptions {
        assert!(tenants.contains(subscription.tenant.as_ref().unwrap()));
    }
}

/// The value of `WWW-Authenticate`. Accepted claims are a short JSON object.
pub fn claims_challenge(data: &[u8]) {
    let value = String::from_utf8_lossy(data).into_owned();
    let headers = vec![("www-authenticate".to_owned(), value)];
    let reply = Reply { status: 401, headers, body: String::new() };
    if let Some(claims) = headers::claims_challenge(&reply) {
        assert!(claims.len() <= 4 << 10 && Claims::parse(claims).is_ok());
    }
}

fn list(data: &[u8], settings: Settings) -> Option<Listing> {
    let provider = AzureProvider::create(&settings).unwrap();
    let permissions = AzureProvider::describe().with_settings(&settings).permissions;
    let person = Person { identity: samples::identity(TENANT, "zofia"), token_reply: vec![] };
    let mut listing = provider.discover(&person).unwrap();
    let mut pages = data.split(|byte| *byte == 0);
    let mut responses = vec![];
    for _ in 0..600 {
        let requests = match listing.next(responses) {
            Ok(Step::Fetch { requests, .. }) => requests,
            Ok(Step::Done(listing)) => return Some(listing),
            Err(_) => return None,
        };
        assert!(!requests.is_empty(), "a fetch step has no requests");
        responses = requests
            .into_iter()
            .map(|request| {
                let credential = request.credential.unwrap();
                let permission = permissions
                    .iter()
                    .find(|permission| permission.name == credential.permission)
                    .unwrap();
                assert!(permission.covers(request.method, &request.url), "{}", request.url);
                let (status, body) = first_line(pages.next().unwrap_or_default());
                let status = String::from_utf8_lossy(status).parse().unwrap_or(200);
                let body = String::from_utf8_lossy(body).into_owned();
                let refusal = TokenRefusal::from_json(&body).filter(|_| status == 0);
                let outcome = match refusal {
                    Some(refusal) => Err(FetchError::TokenRefused(Box::new(refusal))),
                    None => Ok(Reply { status, headers: vec![], body }),
                };
                Response { id: request.id, outcome }
            })
            .collect();
    }
    panic!("the listing does not terminate");
}
