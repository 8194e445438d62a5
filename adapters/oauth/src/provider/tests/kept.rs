//! Caching of discovery documents and keys.

use super::*;

#[tokio::test]
async fn discovery_and_keys_are_cached_for_an_hour() {
    let fixture = Fixture::new().await;
    for _ in 0..5 {
        fixture.authorization().await.unwrap();
        fixture.redeem().await.unwrap();
    }
    assert_eq!((fixture.server.count(DISCOVERY), fixture.server.count("/keys")), (1, 1));
    fixture.clock.advance(Duration::from_secs(3_600));
    fixture.redeem().await.unwrap();
    assert_eq!((fixture.server.count(DISCOVERY), fixture.server.count("/keys")), (2, 2));
}

#[tokio::test]
async fn concurrent_first_logins_share_one_discovery_request() {
    let fixture = Fixture::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let (closed, base) = (gate.clone(), fixture.server.url.to_string());
    fixture.respond(DISCOVERY, move |_| {
        let honest = Answer::json(discovery(base.trim_end_matches('/')));
        Answer::Once(closed.clone(), Box::new(honest))
    });
    let mut logins = JoinSet::new();
    for _ in 0..50 {
        let (provider, sign_in) = (fixture.provider.clone(), fixture.sign_in.clone());
        logins.spawn(async move { authorization(&provider, &sign_in).await.is_ok() });
    }
    fixture.server.arrival().await;
    gate.add_permits(50);
    assert_eq!(logins.join_all().await, [true; 50]);
    assert_eq!(fixture.server.count(DISCOVERY), 1);
}

#[tokio::test]
async fn cached_documents_serve_for_a_day_while_provider_is_down() {
    let fixture = Fixture::new().await;
    fixture.redeem().await.unwrap();
    fixture.respond(DISCOVERY, |_| Answer::HangUp);
    fixture.respond("/keys", |_| Answer::status(500));
    for hours in [1, 23] {
        fixture.clock.advance(Duration::from_secs(hours * 3_600 - 60));
        assert!(fixture.redeem().await.is_ok(), "{hours}");
    }
    fixture.clock.advance(Duration::from_secs(3_600));
    assert_eq!(code(fixture.redeem().await), "unreachable");
    fixture.clear_faults();
    assert!(fixture.redeem().await.is_ok());
}

#[tokio::test]
async fn redeem_sends_no_code_without_keys() {
    let fixture = Fixture::new().await;
    let faults: [Case; 5] = [
        (|_| Answer::status(500), "unreachable"),
        (|_| Answer::HangUp, "unreachable"),
        (|_| Answer::redirect("/elsewhere"), "key_endpoint_redirects"),
        (|_| Answer::json("[]"), "keys_unreadable"),
        (|_| Answer::Endless, "keys_too_large"),
    ];
    for (fault, expected) in faults {
        fixture.respond("/keys", fault);
        assert_eq!(code(fixture.redeem().await), expected);
    }
    assert_eq!((fixture.server.count("/token"), fixture.server.count("/elsewhere")), (0, 0));
    fixture.clear_faults();
    assert!(fixture.redeem().await.is_ok());
}

#[tokio::test]
async fn unusable_discovery_document_has_its_own_error() {
    let faults: [Case; 9] = [
        (|_| Answer::status(400), "discovery_absent"),
        (|_| Answer::status(404), "discovery_absent"),
        (|_| Answer::status(429), "unreachable"),
        (
            |_| Answer::Whole(200, "content-type: text/html\r\n".into(), "<p>".into()),
            "discovery_absent",
        ),
        (|_| Answer::redirect("/elsewhere"), "discovery_redirects"),
        (|_| Answer::json("<html>"), "discovery_unreadable"),
        (|_| Answer::Endless, "discovery_too_large"),
        (|_| Answer::status(500), "unreachable"),
        (|_| Answer::json(discovery("http://127.0.0.1:1")), "discovery_issuer"),
    ];
    for (fault, expected) in faults {
        let fixture = Fixture::new().await;
        fixture.respond(DISCOVERY, fault);
        assert_eq!(code(fixture.authorization().await), expected);
        assert_eq!(fixture.server.count("/elsewhere"), 0);
        fixture.clear_faults();
        assert!(fixture.authorization().await.is_ok(), "a failure was cached");
    }
}

#[tokio::test]
async fn unknown_kid_refetches_keys() {
    let fixture = Fixture::new().await;
    fixture.redeem().await.unwrap();
    fixture.rotate("2");
    fixture.redeem().await.unwrap();
    fixture.redeem().await.unwrap();
    assert_eq!(fixture.server.count("/keys"), 2);
}

#[tokio::test]
async fn unknown_kids_refetch_keys_once_per_30_s() {
    let fixture = Fixture::new().await;
    fixture.redeem().await.unwrap();
    let fetches = || fixture.server.count("/keys") - 1;
    for number in 0..20 {
        fixture.sign_as(&format!("made-up-{number}"));
        assert_eq!(code(fixture.redeem().await), "id_token_key");
    }
    assert_eq!(fetches(), 1);
    fixture.clock.advance(Duration::from_secs(29));
    assert_eq!(code(fixture.redeem().await), "id_token_key");
    assert_eq!(fetches(), 1);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(code(fixture.redeem().await), "id_token_key");
    assert_eq!(fetches(), 2);
    fixture.sign_as("1");
    assert!(fixture.redeem().await.is_ok(), "the known key still serves");
}

#[tokio::test]
async fn check_fails_without_a_document_or_a_usable_key_and_keeps_neither() {
    let fixture = Fixture::new().await;
    let check = async || fixture.provider.check(&fixture.sign_in).await;
    check().await.unwrap();
    fixture.entra.published.lock().unwrap().clear();
    assert_eq!(code(check().await), "keys_none");
    fixture.respond("/keys", |_| Answer::status(404));
    assert_eq!(code(check().await), "unreachable");
    fixture.respond(DISCOVERY, |_| Answer::status(404));
    assert_eq!(code(check().await), "discovery_absent");
    fixture.clear_faults();
    fixture.rotate("1");
    check().await.unwrap();
    assert_eq!(fixture.server.count("/keys"), 4, "neither was cached");
}
