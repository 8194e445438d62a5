//! Listings end within their budget of requests, bytes and time.

use rstest::rstest;

use super::*;

#[tokio::test]
async fn run_answers_requests_beyond_the_budget_without_sending_them() {
    let mut doubles = doubles::Provider::silent();
    doubles.api = listing_api();
    let requests =
        (1..=3).map(|id| request(id, "https://cloud.example/list", Some("as-user"))).collect();
    let budget = ListingBudget { requests: 2, ..ListingBudget::default() };
    let (responses, _) = ask_once(doubles, budget, requests).await;
    assert_eq!(outcomes(&responses)[2], Err(FetchError::BudgetSpent));
    assert!(outcomes(&responses)[..2].iter().all(Result::is_ok));
}

#[tokio::test]
async fn run_sends_no_request_after_the_timeout() {
    let budget = ListingBudget { time: Duration::ZERO, ..ListingBudget::default() };
    let requests = vec![request(1, "https://cloud.example/list", Some("as-user"))];
    let (responses, _) = ask_once(doubles::Provider::silent(), budget, requests).await;
    assert_eq!(outcomes(&responses), [Err(FetchError::BudgetSpent)]);
}

/// Runs a provider that never ends and repeats one step.
async fn repeating(requests: Vec<Request>) -> Result<Listed, CallError> {
    let mut doubles = doubles::Provider::silent();
    let mut steps = 0;
    let run = move |_| {
        steps += 1;
        assert!(steps < 100, "the listing was not stopped");
        Ok(Step::fetch(requests.clone()))
    };
    doubles.cloud.expect_list().return_once(|_| Ok(Box::new(ScriptedRun(run))));
    try_run(doubles, ListingBudget { requests: 3, ..Default::default() }).await
}

#[rstest]
#[case::one_request_per_step(vec![request(1, "https://evil.example/", None)])]
#[case::no_request_per_step(vec![])]
#[tokio::test]
async fn run_stops_a_provider_that_never_finishes(#[case] requests: Vec<Request>) {
    let broken = repeating(requests).await.unwrap_err();
    assert_eq!(broken, CallError::Broken("it requested more after its budget was spent".into()));
}

#[tokio::test]
async fn run_refuses_a_step_of_501_requests() {
    let flood = vec![request(1, "https://cloud.example/list", Some("as-user")); 501];
    let broken = repeating(flood).await.unwrap_err();
    assert_eq!(broken, CallError::Broken("it asked for 501 requests at once".into()));
}

#[tokio::test]
async fn run_answers_a_step_of_500_requests() {
    let requests = (1..=500).map(|id| request(id, "https://evil.example/", None)).collect();
    let (responses, _) =
        ask_once(doubles::Provider::silent(), ListingBudget::default(), requests).await;
    assert_eq!(responses.len(), 500);
}

#[tokio::test]
async fn run_charges_response_bytes_to_the_budget() {
    let mut doubles = doubles::Provider::silent();
    let limits = Arc::new(Mutex::new(Vec::new()));
    let seen = limits.clone();
    doubles.api.expect_fetch().returning(move |fetch| {
        seen.lock().unwrap().push(fetch.max_bytes);
        Ok(reply("ten bytes."))
    });
    // Eight requests are sent concurrently: the ninth follows the first response and has the rest.
    let requests =
        (1..=9).map(|id| request(id, "https://cloud.example/list", Some("as-user"))).collect();
    let budget = ListingBudget { bytes: 85, ..ListingBudget::default() };
    let (responses, _) = ask_once(doubles, budget, requests).await;
    assert!(outcomes(&responses).iter().all(Result::is_ok));
    assert_eq!(*limits.lock().unwrap(), [85, 85, 85, 85, 85, 85, 85, 85, 75]);
}

#[tokio::test]
async fn run_sends_no_request_after_the_bytes_are_spent() {
    let budget = ListingBudget { bytes: 0, ..ListingBudget::default() };
    let requests = vec![request(1, "https://cloud.example/list", Some("as-user"))];
    let (responses, _) = ask_once(doubles::Provider::silent(), budget, requests).await;
    assert_eq!(outcomes(&responses), [Err(FetchError::BudgetSpent)]);
}

#[tokio::test]
async fn run_limits_a_request_to_one_mebibyte_and_ten_seconds() {
    let mut doubles = doubles::Provider::silent();
    doubles.api.expect_fetch().times(1).returning(|fetch| {
        assert_eq!((fetch.max_bytes, fetch.timeout), (1_048_576, Duration::from_secs(10)));
        Ok(reply("listed"))
    });
    let requests = vec![request(1, "https://cloud.example/list", Some("as-user"))];
    let (responses, _) = ask_once(doubles, ListingBudget::default(), requests).await;
    assert_eq!(outcomes(&responses), [Ok("listed".to_owned())]);
}
