//! Listings stay within their permissions and their budget.

use std::{sync::Mutex, time::Duration};

use rstest::rstest;
use url::Url;

use super::*;
use crate::{
    identity::TenantId,
    ports::{IdentityProviderError, MockCloudApi},
    provider::{
        Credential, FetchError, Method, Placement, ProviderError, Reply, Request, Response, Step,
    },
    secret::RefreshToken,
    testing::{
        FakeClock,
        doubles::{self, ScriptedRun},
        samples,
    },
};

mod budget;
mod tenants;
mod tokens;

fn request(id: u32, url: &str, permission: Option<&str>) -> Request {
    Request {
        id,
        method: Method::Get,
        url: Url::parse(url).unwrap(),
        headers: vec![],
        body: None,
        credential: permission
            .map(|permission| Credential { permission: permission.into(), tenant: None }),
    }
}

fn reply(body: &str) -> Reply {
    Reply { status: 200, headers: vec![("echo".into(), body.into())], body: body.into() }
}

/// Runs a provider whose first step has `requests`, and returns the responses that it received.
async fn ask_once(
    mut doubles: doubles::Provider,
    budget: ListingBudget,
    requests: Vec<Request>,
) -> (Vec<Response>, Listed) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let seen = received.clone();
    let mut requests = Some(requests);
    doubles.cloud.expect_list().return_once(move |_| {
        Ok(Box::new(ScriptedRun(move |responses| match requests.take() {
            Some(requests) => Ok(Step::fetch(requests)),
            None => {
                *seen.lock().unwrap() = responses;
                Ok(Step::Done(Listing::default()))
            }
        })))
    });
    let listed = run(doubles, budget).await;
    let responses = std::mem::take(&mut *received.lock().unwrap());
    (responses, listed)
}

async fn run(doubles: doubles::Provider, budget: ListingBudget) -> Listed {
    try_run(doubles, budget).await.unwrap()
}

async fn try_run(doubles: doubles::Provider, budget: ListingBudget) -> Result<Listed, CallError> {
    let use_case = ListResources { clock: Arc::new(FakeClock::at(1_000)), budget };
    let person = Person { identity: samples::identity("contoso", "zofia"), token_reply: vec![] };
    let tokens = TokenSet {
        access: AccessToken::new("persons-token"),
        refresh: Some(RefreshToken::new("home-refresh-token")),
        ..samples::tokens("contoso")
    };
    let provider = doubles.into_registration().into();
    use_case.run(&ListingRequest { provider, person, tokens }).await
}

fn outcomes(responses: &[Response]) -> Vec<Result<String, FetchError>> {
    responses.iter().map(|r| r.outcome.clone().map(|reply| reply.body)).collect()
}

/// An API that expects the token of the person.
fn listing_api() -> MockCloudApi {
    let mut api = MockCloudApi::new();
    api.expect_fetch().returning(|fetch| {
        let (token, placement) = fetch.token.unwrap();
        assert_eq!((token.expose(), placement), ("persons-token", &Placement::Bearer));
        Ok(reply("listed"))
    });
    api
}

#[tokio::test]
async fn run_sends_no_request_that_no_permission_covers() {
    let requests = vec![
        request(1, "https://evil.example/list", Some("as-user")),
        request(2, "https://cloud.example/other", Some("as-user")),
        request(3, "https://cloud.example/list", Some("no-such-permission")),
        request(4, "https://evil.example/list", None),
    ];
    // The mocks of the API and the identity provider fail the test at any call.
    let (responses, listed) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), vec![Err(FetchError::NotGranted); 4]);
    assert_eq!(listed.incidents.len(), 4);
}

#[tokio::test]
async fn run_sends_a_request_without_a_credential_within_permissions_and_without_a_token() {
    let mut doubles = doubles::Provider::silent();
    doubles.api.expect_fetch().times(1).returning(|fetch| {
        assert!(fetch.token.is_none());
        Ok(reply("listed"))
    });
    let requests = vec![request(1, "https://cloud.example/list", None)];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Ok("listed".to_owned())]);
}

#[rstest]
#[case::challenge(
    ProviderError::Challenge("{}".into()),
    "The cloud wants you to sign in once more."
)]
#[case::unexpected(ProviderError::Unexpected("x".into()), "sign in again later to list them.")]
#[tokio::test]
async fn run_warns_about_a_challenge_or_an_unexpected_error(
    #[case] error: ProviderError,
    #[case] expected: &str,
) {
    let mut doubles = doubles::Provider::silent();
    doubles.cloud.expect_list().return_once(move |_| Err(error.into()));
    let warnings = run(doubles, ListingBudget::default()).await.listing.warnings;
    assert!(warnings[0].starts_with("Your subscriptions could not be listed. "));
    assert!(warnings[0].ends_with(expected), "{warnings:?}");
}

#[tokio::test]
async fn run_warns_about_a_refusal_with_its_help() {
    let refused =
        ProviderError::Refused { code: "no_billing".into(), help: "Ask for billing.".into() };
    let mut doubles = doubles::Provider::silent();
    doubles.cloud.expect_list().return_once(move |_| Err(refused.into()));
    let warnings = run(doubles, ListingBudget::default()).await.listing.warnings;
    assert!(warnings[0].ends_with("Ask for billing."), "{warnings:?}");
}

#[tokio::test]
async fn run_fails_on_a_broken_rule() {
    let broken = CallError::Broken("x".into());
    let returned = broken.clone();
    let mut doubles = doubles::Provider::silent();
    doubles.cloud.expect_list().return_once(move |_| Err(returned));
    assert_eq!(try_run(doubles, ListingBudget::default()).await.err(), Some(broken));
}

#[tokio::test]
async fn run_sends_no_post_under_a_permission_for_get() {
    let post = Request {
        method: Method::Post,
        ..request(1, "https://cloud.example/list", Some("as-user"))
    };
    let (responses, _) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), vec![post]).await;
    assert_eq!(outcomes(&responses), [Err(FetchError::NotGranted)]);
}
