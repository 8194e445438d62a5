//! Listings stay within their permissions and their budget.

use std::{sync::Mutex, time::Duration};

use url::Url;

use super::*;
use crate::{
    identity::TenantId,
    ports::{IdentityProviderError, MockCloudApi},
    provider::{Credential, FetchError, Method, Placement, ProviderError, Request, Response, Step},
    testing::{
        FakeClock,
        doubles::{self, ScriptedRun},
        samples,
    },
};

mod budget;

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

/// Runs a provider whose first step has `requests`, and returns the responses that it got.
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
    use_case.run(&doubles.into_registration(), &person, &AccessToken::new("persons-token")).await
}

fn outcomes(responses: &[Response]) -> Vec<Result<String, FetchError>> {
    responses.iter().map(|r| r.outcome.clone().map(|reply| reply.body)).collect()
}

/// An API that lists something, with the token that it expects.
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
async fn run_sends_each_principals_own_token() {
    let mut doubles = doubles::Provider::silent();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = sent.clone();
    doubles.api.expect_fetch().returning(move |fetch| {
        let token = fetch.token.unwrap().0.expose().to_owned();
        log.lock().unwrap().push(token.clone());
        Ok(reply("listed"))
    });
    doubles
        .identity
        .expect_application_token()
        .times(1)
        .withf(|sign_in, scopes| {
            sign_in.issuer().as_str() == samples::issuer("contoso")
                && scopes == ["https://cloud.example/.default"]
        })
        .returning(|_, _| Ok(AccessToken::new("applications-token")));
    let requests = vec![
        request(1, "https://cloud.example/list/a", Some("as-application")),
        request(2, "https://cloud.example/list/b", Some("as-user")),
        request(3, "https://cloud.example/list/c", Some("as-application")),
    ];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    let tokens = ["applications-token", "persons-token", "applications-token"];
    assert_eq!(*sent.lock().unwrap(), tokens);
    assert_eq!(outcomes(&responses), vec![Ok("listed".to_owned()); 3]);
}

#[tokio::test]
async fn run_withholds_a_response_with_any_token_of_the_listing() {
    let mut doubles = doubles::Provider::silent();
    let token = |_: &_, _: &_| Ok(AccessToken::new("applications-token"));
    doubles.identity.expect_application_token().returning(token);
    doubles.api.expect_fetch().returning(|fetch| {
        let body = fetch.request.url.query().unwrap();
        let header = fetch.request.url.fragment().unwrap_or_default();
        Ok(Reply { headers: vec![("link".into(), header.into())], ..reply(body) })
    });
    let get = |id, echo: &str, permission| {
        request(id, &format!("https://cloud.example/list?{echo}"), permission)
    };
    let requests = vec![
        get(1, "persons-token", Some("as-user")),
        // Under another token, without one, encoded, in a header.
        get(2, "persons-token", Some("as-application")),
        get(3, "persons-token", None),
        get(4, "%61pplications-token", None),
        get(5, "a#YXBwbGljYXRpb25zLXRva2Vu", Some("as-user")),
        get(6, "nothing#of-the-kind", Some("as-user")),
    ];
    let (responses, listed) = ask_once(doubles, ListingBudget::default(), requests).await;
    let mut expected = vec![Err(FetchError::Refused); 5];
    expected.push(Ok("nothing".to_owned()));
    assert_eq!(outcomes(&responses), expected);
    for incident in &listed.incidents {
        assert_eq!(incident.what, "https://cloud.example/list");
        assert!(incident.why.starts_with("echoed_token"), "{incident:?}");
    }
    assert_eq!(listed.incidents.len(), 5);
}

#[tokio::test]
async fn run_sends_an_application_token_under_its_own_permission_only() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .times(2)
        .returning(|_, scopes| Ok(AccessToken::new(format!("token for {}", scopes[0]))));
    doubles.api.expect_fetch().times(3).returning(|fetch| {
        let host = fetch.request.url.host_str().unwrap();
        let expected = format!("token for https://{host}/.default");
        assert_eq!(fetch.token.unwrap().0.expose(), expected);
        Ok(reply("listed"))
    });
    let requests = vec![
        request(1, "https://cloud.example/list/a", Some("as-application")),
        request(2, "https://elsewhere.example/list/b", Some("elsewhere-as-application")),
        request(3, "https://cloud.example/list/c", Some("as-application")),
    ];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), vec![Ok("listed".to_owned()); 3]);
}

#[tokio::test]
async fn run_sends_no_request_that_no_permission_covers() {
    let requests = vec![
        request(1, "https://evil.example/list", Some("as-user")),
        request(2, "https://cloud.example/other", Some("as-user")),
        request(3, "https://cloud.example/list", Some("no-such-grant")),
        request(4, "https://evil.example/list", None),
    ];
    // The mocked API and identity provider expect no call and fail the test at one.
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

#[tokio::test]
async fn run_warns_about_a_challenge_or_an_unexpected_error() {
    for (problem, expected) in [
        (ProviderError::Challenge("{}".into()), "The cloud wants you to sign in once more."),
        (ProviderError::Unexpected("x".into()), "sign in again later to list them."),
    ] {
        let mut doubles = doubles::Provider::silent();
        doubles.cloud.expect_list().return_once(move |_| Err(problem.into()));
        let warnings = run(doubles, ListingBudget::default()).await.listing.warnings;
        assert!(warnings[0].starts_with("Your subscriptions could not be listed. "));
        assert!(warnings[0].ends_with(expected), "{warnings:?}");
    }
}

#[tokio::test]
async fn run_warns_about_a_refusal_and_fails_on_a_broken_rule() {
    let refused =
        ProviderError::Refused { code: "no_billing".into(), help: "Ask for billing.".into() };
    for (problem, expected) in
        [(refused.into(), Some("Ask for billing.")), (CallError::Broken("x".into()), None)]
    {
        let mut doubles = doubles::Provider::silent();
        doubles.cloud.expect_list().return_once(move |_| Err(problem));
        let run = try_run(doubles, ListingBudget::default()).await;
        let warning = run.ok().map(|listed| listed.listing.warnings[0].clone());
        assert_eq!(warning.is_some(), expected.is_some());
        assert!(warning.unwrap_or_default().ends_with(expected.unwrap_or_default()));
    }
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

/// A request under `permission` in another tenant than the one signed in to.
fn in_tenant(permission: &str, tenant: &str) -> Request {
    let tenant = TenantId::parse(tenant).ok();
    let credential = Some(Credential { permission: permission.into(), tenant });
    Request { credential, ..request(1, "https://cloud.example/list", None) }
}

#[tokio::test]
async fn run_uses_the_application_token_of_another_allowed_tenant() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .times(1)
        .withf(|sign_in, _| sign_in.issuer().as_str() == samples::issuer("fabrikam"))
        .returning(|_, _| Ok(AccessToken::new("fabrikams")));
    doubles.api.expect_fetch().times(1).returning(|_| Ok(reply("listed")));
    let requests = vec![in_tenant("as-application", "fabrikam")];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Ok("listed".to_owned())]);
}

#[tokio::test]
async fn run_sends_no_token_to_a_tenant_that_is_not_allowed_nor_the_persons_to_another() {
    let requests = vec![in_tenant("as-application", "evil"), in_tenant("as-user", "fabrikam")];
    let (responses, listed) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), vec![Err(FetchError::NoToken); 2]);
    assert!(listed.incidents[0].why.contains("evil is not allowed"));
}

#[tokio::test]
async fn run_reports_a_missing_application_token_to_the_provider_and_the_log() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .returning(|_, _| Err(IdentityProviderError::TimedOut("token endpoint".into())));
    let requests = vec![request(1, "https://cloud.example/list", Some("as-application"))];
    let (responses, listed) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Err(FetchError::NoToken)]);
    assert!(listed.incidents[0].why.contains("token endpoint"));
}
