use portico_domain::testing::doubles::Provider;

use super::*;

fn checks(providers: Providers) -> Checks {
    Checks {
        providers,
        health: HealthReport::new(()),
        offered: Arc::default(),
        permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
        states: BTreeMap::new(),
        logged: false,
    }
}

#[tokio::test]
async fn check_that_panics_is_a_failed_check() {
    let mut doubles = Provider::silent();
    doubles.identity.expect_check().returning(|_| panic!("a defect"));

    let failures = checks(doubles.into_providers()).run_once().await;

    let [message] = failures.into_values().collect::<Vec<_>>().try_into().unwrap();
    assert!(message.contains("the check failed: task"), "{message}");
    assert!(message.contains("a defect"), "{message}");
}
