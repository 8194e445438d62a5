//! Discovery is held to grants and budget, whatever the provider asks.

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

/// Runs a provider that asks for `requests` once, and returns what it was answered.
async fn ask_once(
    mut doubles: doubles::Provider,
    budget: ListingBudget,
    requests: Vec<Request>,
) -> (Vec<Response>, Listed) {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let seen = answers.clone();
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
    let discovered = run(doubles, budget).await;
    let answers = std::mem::take(&mut *answers.lock().unwrap());
    (answers, discovered)
}

async fn run(doubles: doubles::Provider, budget: ListingBudget) -> Listed {
    try_run(doubles, budget).await.unwrap()
}

async fn try_run(doubles: doubles::Provider, budget: ListingBudget) -> Result<Listed, CallError> {
    let discover = ListResources { clock: Arc::new(FakeClock::at(1_000)), budget };
    let person = Person { identity: samples::identity("contoso", "zofia"), token_reply: vec![] };
    discover.run(&doubles.into_registration(), &person, &AccessToken::new("persons-token")).await
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
async fn each_principal_gets_its_own_token() {
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
    let (answers, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    let tokens = ["applications-token", "persons-token", "applications-token"];
    assert_eq!(*sent.lock().unwrap(), tokens);
    assert_eq!(outcomes(&answers), vec![Ok("listed".to_owned()); 3]);
}

#[tokio::test]
async fn a_reply_that_holds_any_token_of_the_listing_is_withheld() {
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
    let (answers, discovered) = ask_once(doubles, ListingBudget::default(), requests).await;
    let mut expected = vec![Err(FetchError::Refused); 5];
    expected.push(Ok("nothing".to_owned()));
    assert_eq!(outcomes(&answers), expected);
    for incident in &discovered.incidents {
        assert_eq!(incident.what, "https://cloud.example/list");
        assert!(incident.why.starts_with("echoed_token"), "{incident:?}");
    }
    assert_eq!(discovered.incidents.len(), 5);
}

#[tokio::test]
async fn an_application_token_goes_under_its_own_grant_alone() {
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
    let (answers, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), vec![Ok("listed".to_owned()); 3]);
}

#[tokio::test]
async fn what_no_grant_covers_is_never_sent() {
    let requests = vec![
        request(1, "https://evil.example/list", Some("as-user")),
        request(2, "https://cloud.example/other", Some("as-user")),
        request(3, "https://cloud.example/list", Some("no-such-grant")),
        request(4, "https://evil.example/list", None),
    ];
    // The mocked API and identity provider expect no call and fail the test at one.
    let (answers, discovered) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), vec![Err(FetchError::NotGranted); 4]);
    assert_eq!(discovered.incidents.len(), 4);
}

#[tokio::test]
async fn requests_beyond_the_budget_are_answered_and_not_sent() {
    let mut doubles = doubles::Provider::silent();
    doubles.api = listing_api();
    let requests =
        (1..=3).map(|id| request(id, "https://cloud.example/list", Some("as-user"))).collect();
    let budget = ListingBudget { requests: 2, ..ListingBudget::default() };
    let (answers, _) = ask_once(doubles, budget, requests).await;
    assert_eq!(outcomes(&answers)[2], Err(FetchError::BudgetSpent));
    assert!(outcomes(&answers)[..2].iter().all(Result::is_ok));
}

#[tokio::test]
async fn no_request_is_sent_once_the_time_is_over() {
    let budget = ListingBudget { time: Duration::ZERO, ..ListingBudget::default() };
    let requests = vec![request(1, "https://cloud.example/list", Some("as-user"))];
    let (answers, _) = ask_once(doubles::Provider::silent(), budget, requests).await;
    assert_eq!(outcomes(&answers), [Err(FetchError::BudgetSpent)]);
}

/// What becomes of a provider that takes the same step for ever.
async fn over_and_over(requests: Vec<Request>) -> Result<Listed, CallError> {
    let mut doubles = doubles::Provider::silent();
    let mut steps = 0;
    let run = move |_| {
        steps += 1;
        assert!(steps < 100, "nobody stops it");
        Ok(Step::fetch(requests.clone()))
    };
    doubles.cloud.expect_list().return_once(|_| Ok(Box::new(ScriptedRun(run))));
    try_run(doubles, ListingBudget { requests: 3, ..Default::default() }).await
}

#[tokio::test]
async fn a_provider_that_never_ends_is_stopped() {
    for requests in [vec![request(1, "https://evil.example/", None)], vec![]] {
        let broken = over_and_over(requests).await.unwrap_err();
        assert_eq!(
            broken,
            CallError::Broken("it went on asking after its budget was spent".into())
        );
    }
}

#[tokio::test]
async fn a_flood_of_requests_in_one_step_is_not_answered() {
    let flood = vec![request(1, "https://cloud.example/list", Some("as-user")); 501];
    let broken = over_and_over(flood).await.unwrap_err();
    assert_eq!(broken, CallError::Broken("it asked for 501 requests at once".into()));
}

#[tokio::test]
async fn as_many_requests_as_one_step_may_hold_are_all_answered() {
    let requests = (1..=500).map(|id| request(id, "https://evil.example/", None)).collect();
    let (answers, _) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(answers.len(), 500);
}

#[tokio::test]
async fn what_replies_bring_is_taken_out_of_the_budget_of_bytes() {
    let mut doubles = doubles::Provider::silent();
    let limits = Arc::new(Mutex::new(Vec::new()));
    let seen = limits.clone();
    doubles.api.expect_fetch().returning(move |fetch| {
        seen.lock().unwrap().push(fetch.at_most);
        Ok(reply("ten bytes."))
    });
    // The requests of one chunk are sent side by side: the second chunk meets what the first left.
    let requests =
        (1..=9).map(|id| request(id, "https://cloud.example/list", Some("as-user"))).collect();
    let budget = ListingBudget { bytes: 85, ..ListingBudget::default() };
    let (answers, _) = ask_once(doubles, budget, requests).await;
    assert!(outcomes(&answers).iter().all(Result::is_ok));
    assert_eq!(*limits.lock().unwrap(), [85, 85, 85, 85, 85, 85, 85, 85, 5]);
}

#[tokio::test]
async fn no_request_is_sent_once_the_bytes_are_spent() {
    let budget = ListingBudget { bytes: 0, ..ListingBudget::default() };
    let requests = vec![request(1, "https://cloud.example/list", Some("as-user"))];
    let (answers, _) = ask_once(doubles::Provider::silent(), budget, requests).await;
    assert_eq!(outcomes(&answers), [Err(FetchError::BudgetSpent)]);
}

#[tokio::test]
async fn a_request_may_take_a_mebibyte_and_the_time_that_is_left() {
    let mut doubles = doubles::Provider::silent();
    doubles.api.expect_fetch().times(1).returning(|fetch| {
        assert_eq!((fetch.at_most, fetch.within), (1_048_576, Duration::from_secs(20)));
        Ok(reply("listed"))
    });
    let requests = vec![request(1, "https://cloud.example/list", Some("as-user"))];
    let (answers, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), [Ok("listed".to_owned())]);
}

#[tokio::test]
async fn a_request_without_a_credential_goes_where_one_may_and_brings_no_token() {
    let mut doubles = doubles::Provider::silent();
    doubles.api.expect_fetch().times(1).returning(|fetch| {
        assert!(fetch.token.is_none());
        Ok(reply("listed"))
    });
    let requests = vec![request(1, "https://cloud.example/list", None)];
    let (answers, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), [Ok("listed".to_owned())]);
}

#[tokio::test]
async fn what_the_cloud_wants_of_the_person_stands_in_the_warning() {
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
async fn what_the_cloud_refuses_is_a_warning_and_what_the_provider_breaks_is_not() {
    let refused =
        ProviderError::Refused { code: "no_billing".into(), help: "Ask for billing.".into() };
    for (problem, expected) in
        [(refused.into(), Some("Ask for billing.")), (CallError::Broken("x".into()), None)]
    {
        let mut doubles = doubles::Provider::silent();
        doubles.cloud.expect_list().return_once(move |_| Err(problem));
        let run = try_run(doubles, ListingBudget::default()).await;
        let warning = run.ok().map(|discovered| discovered.listing.warnings[0].clone());
        assert_eq!(warning.is_some(), expected.is_some());
        assert!(warning.unwrap_or_default().ends_with(expected.unwrap_or_default()));
    }
}

#[tokio::test]
async fn a_post_under_a_grant_to_read_is_never_sent() {
    let post = Request {
        method: Method::Post,
        ..request(1, "https://cloud.example/list", Some("as-user"))
    };
    let (answers, _) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), vec![post]).await;
    assert_eq!(outcomes(&answers), [Err(FetchError::NotGranted)]);
}

/// A request under `permission` in another tenant than the one signed in to.
fn in_tenant(permission: &str, tenant: &str) -> Request {
    let tenant = TenantId::parse(tenant).ok();
    let credential = Some(Credential { permission: permission.into(), tenant });
    Request { credential, ..request(1, "https://cloud.example/list", None) }
}

#[tokio::test]
async fn the_applications_token_of_another_tenant_is_had_where_that_tenant_is_allowed() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .times(1)
        .withf(|sign_in, _| sign_in.issuer().as_str() == samples::issuer("fabrikam"))
        .returning(|_, _| Ok(AccessToken::new("fabrikams")));
    doubles.api.expect_fetch().times(1).returning(|_| Ok(reply("listed")));
    let requests = vec![in_tenant("as-application", "fabrikam")];
    let (answers, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), [Ok("listed".to_owned())]);
}

#[tokio::test]
async fn no_token_goes_to_a_tenant_that_is_not_allowed_nor_the_persons_to_another() {
    let requests = vec![in_tenant("as-application", "evil"), in_tenant("as-user", "fabrikam")];
    let (answers, discovered) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), vec![Err(FetchError::NoToken); 2]);
    assert!(discovered.incidents[0].why.contains("evil is not allowed"));
}

#[tokio::test]
async fn without_an_application_token_the_provider_hears_so_and_the_log_why() {
    let mut doubles = doubles::Provider::silent();
    doubles
        .identity
        .expect_application_token()
        .returning(|_, _| Err(IdentityProviderError::TimedOut("token endpoint".into())));
    let requests = vec![request(1, "https://cloud.example/list", Some("as-application"))];
    let (answers, discovered) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&answers), [Err(FetchError::NoToken)]);
    assert!(discovered.incidents[0].why.contains("token endpoint"));
}
