//! What is kept of a provider: fetched once, renewed, and served while it is down.

use super::*;

#[tokio::test]
async fn discovery_and_keys_are_cached_for_an_hour() {
    let scene = Scene::new().await;
    for _ in 0..5 {
        scene.authorization().await.unwrap();
        scene.redeem().await.unwrap();
    }
    assert_eq!((scene.server.count(DISCOVERY), scene.server.count("/keys")), (1, 1));
    scene.clock.advance(Duration::from_secs(3_600));
    scene.redeem().await.unwrap();
    assert_eq!((scene.server.count(DISCOVERY), scene.server.count("/keys")), (2, 2));
}

#[tokio::test]
async fn concurrent_first_logins_share_one_discovery_request() {
    let scene = Scene::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let (closed, base) = (gate.clone(), scene.server.url.to_string());
    scene.lie(DISCOVERY, move |_| {
        let honest = Answer::json(discovery(base.trim_end_matches('/')));
        Answer::Once(closed.clone(), Box::new(honest))
    });
    let mut logins = JoinSet::new();
    for _ in 0..50 {
        let (provider, sign_in) = (scene.provider.clone(), scene.sign_in.clone());
        logins.spawn(async move { authorization(&provider, &sign_in).await.is_ok() });
    }
    scene.server.arrival().await;
    gate.add_permits(50);
    assert_eq!(logins.join_all().await, [true; 50]);
    assert_eq!(scene.server.count(DISCOVERY), 1);
}

#[tokio::test]
async fn cached_documents_serve_for_a_day_while_provider_is_down() {
    let scene = Scene::new().await;
    scene.redeem().await.unwrap();
    scene.lie(DISCOVERY, |_| Answer::HangUp);
    scene.lie("/keys", |_| Answer::status(500));
    for hours in [1, 23] {
        scene.clock.advance(Duration::from_secs(hours * 3_600 - 60));
        assert!(scene.redeem().await.is_ok(), "{hours}");
    }
    scene.clock.advance(Duration::from_secs(3_600));
    assert_eq!(word(scene.redeem().await), "unreachable");
    scene.be_honest();
    assert!(scene.redeem().await.is_ok());
}

#[tokio::test]
async fn redeem_sends_no_code_without_keys() {
    let scene = Scene::new().await;
    let lies: [Case; 5] = [
        (|_| Answer::status(500), "unreachable"),
        (|_| Answer::HangUp, "unreachable"),
        (|_| Answer::redirect("/elsewhere"), "key_endpoint_redirects"),
        (|_| Answer::json("[]"), "keys_unreadable"),
        (|_| Answer::Endless, "keys_too_large"),
    ];
    for (lie, expected) in lies {
        scene.lie("/keys", lie);
        assert_eq!(word(scene.redeem().await), expected);
    }
    assert_eq!((scene.server.count("/token"), scene.server.count("/elsewhere")), (0, 0));
    scene.be_honest();
    assert!(scene.redeem().await.is_ok());
}

#[tokio::test]
async fn unusable_discovery_document_has_its_own_error() {
    let lies: [Case; 9] = [
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
    for (lie, expected) in lies {
        let scene = Scene::new().await;
        scene.lie(DISCOVERY, lie);
        assert_eq!(word(scene.authorization().await), expected);
        assert_eq!(scene.server.count("/elsewhere"), 0);
        scene.be_honest();
        assert!(scene.authorization().await.is_ok(), "a failure is not kept");
    }
}

#[tokio::test]
async fn unknown_kid_refetches_keys() {
    let scene = Scene::new().await;
    scene.redeem().await.unwrap();
    scene.rotate("2");
    scene.redeem().await.unwrap();
    scene.redeem().await.unwrap();
    assert_eq!(scene.server.count("/keys"), 2);
}

#[tokio::test]
async fn unknown_kids_refetch_keys_once_per_30_s() {
    let scene = Scene::new().await;
    scene.redeem().await.unwrap();
    let fetches = || scene.server.count("/keys") - 1;
    for number in 0..20 {
        scene.sign_as(&format!("made-up-{number}"));
        assert_eq!(word(scene.redeem().await), "id_token_key");
    }
    assert_eq!(fetches(), 1);
    scene.clock.advance(Duration::from_secs(29));
    assert_eq!(word(scene.redeem().await), "id_token_key");
    assert_eq!(fetches(), 1);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(word(scene.redeem().await), "id_token_key");
    assert_eq!(fetches(), 2);
    scene.sign_as("1");
    assert!(scene.redeem().await.is_ok(), "the known key still serves");
}
