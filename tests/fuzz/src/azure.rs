//! What Azure answers, to the one provider that is built in.

use portico_azure::AzureProvider;
use portico_domain::{
    identity::Claims,
    provider::{Discovery, Provider, Reply, Response, Settings, Step},
    testing::samples,
};

use crate::{first_line, text};

const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";

fn settings() -> Settings {
    let given = Settings::from_iter([("tenant-id", TENANT)]);
    given.complete(&AzureProvider::describe().settings).unwrap()
}

/// The claims of an ID token, verified. Whoever they name is who stands at the declared places.
pub fn azure_claims(data: &[u8]) {
    let Some(Ok(claims)) = text(data).map(Claims::parse) else { return };
    let provider = AzureProvider::create(&settings(), None).unwrap();
    let Ok(identity) = provider.identify(&claims) else { return };
    let issuer = claims.members()["iss"].as_str().unwrap().to_owned();
    let people = AzureProvider::describe().people.unwrap();
    assert!(people.vouch(&claims, &issuer, &identity), "{identity:?}");
    assert!(identity.tenant.as_str().eq_ignore_ascii_case(TENANT));
    assert!(!identity.display_name.is_empty());
    assert!(!identity.display_name.chars().any(char::is_control));
}

/// Pages of a listing, a zero byte between two of them: a status on the first line of each, the
/// body on the others. Every request is granted, and the listing ends.
pub fn azure_listing(data: &[u8]) {
    let settings = settings();
    let provider = AzureProvider::create(&settings, None).unwrap();
    let grants = AzureProvider::describe().with_settings(&settings).grants;
    let mut discovery = provider.discover(&samples::identity(TENANT, "zofia")).unwrap();
    let mut pages = data.split(|byte| *byte == 0);
    let mut responses = vec![];
    for _ in 0..600 {
        let requests = match discovery.next(responses) {
            Ok(Step::Fetch(requests)) => requests,
            Ok(Step::Done(_)) | Err(_) => return,
        };
        assert!(!requests.is_empty(), "it waits for nothing");
        responses = requests
            .into_iter()
            .map(|request| {
                let credential = request.credential.unwrap();
                let grant = grants.iter().find(|grant| grant.name == credential.grant).unwrap();
                assert!(grant.covers(request.method, &request.url), "{}", request.url);
                let (status, body) = first_line(pages.next().unwrap_or_default());
                let status = String::from_utf8_lossy(status).parse().unwrap_or(200);
                let body = String::from_utf8_lossy(body).into_owned();
                let reply = Reply { status, headers: vec![], body };
                Response { id: request.id, outcome: Ok(reply) }
            })
            .collect();
    }
    panic!("the listing does not end");
}
