//! The end of sessions: by sign-out everywhere, by a tenant that is no longer allowed, and by limits.

use portico_e2e::{
    Browser, Portico, Response, Target, World, assert_refused, hint, personas, world,
};
use rstest::rstest;

use crate::{
    concurrency::{join, live_sessions},
    scenario::{HostileScenario, Refusal, TestClient, claim},
};

async fn sign_out_everywhere(scenario: &HostileScenario, browser: &mut Browser) {
    assert_eq!(browser.sign_out_everywhere(scenario.base()).await.status, 204);
}

#[tokio::test]
async fn login_begun_before_sign_out_everywhere_is_refused() {
    let scenario = HostileScenario::start(&[]).await;
    let ended = Refusal::new(401, "session_ended");
    let zofia = || hint(personas::ZOFIA.user_name);
    // Logins in a browser without a session, in one with a session, and one that connects an account.
    let mut phone = Browser::default();
    let without_session = phone.up_to_callback(scenario.base(), &zofia()).await;
    let mut laptop = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser;
    let again = laptop.up_to_callback(scenario.base(), &zofia()).await;
    let connect = laptop.up_to_callback(scenario.base(), &hint(personas::HARUKI.user_name)).await;
    let mut other = Browser::default();
    let of_another =
        other.up_to_callback(scenario.base(), &hint(personas::MINH_ANH.user_name)).await;

    let mut signing_out = laptop.clone();
    sign_out_everywhere(&scenario, &mut signing_out).await;
    let mut connecting = laptop.clone();
    for (browser, callback) in
        [(&mut phone, without_session), (&mut laptop, again), (&mut connecting, connect)]
    {
        scenario.tried(1);
        let response = browser.get(callback).await;
        scenario.assert_refusal(&response, ended).await;
        assert_eq!(browser.session(scenario.base()).await.status, 401);
    }
    // Logins of another person, and logins that begin after the sign-out, succeed.
    assert_eq!(other.get(of_another).await.status, 302);
    assert_eq!(phone.sign_in(scenario.base(), personas::ZOFIA.user_name).await.status, 302);
    assert_eq!(phone.session(scenario.base()).await.status, 200);
}

#[tokio::test]
async fn login_concurrent_with_sign_out_everywhere_leaves_no_session() {
    let scenario = HostileScenario::start(&[]).await;
    let mut browsers = vec![];
    for _ in 0..6 {
        let mut browser = Browser::default();
        let query = hint(personas::ZOFIA.user_name);
        let callback = browser.up_to_callback(scenario.base(), &query).await;
        browsers.push((browser, callback));
    }
    let mut signed_in = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser;
    let callbacks = browsers.iter_mut().map(|(browser, callback)| browser.get(callback.clone()));
    let ((), responses) =
        tokio::join!(sign_out_everywhere(&scenario, &mut signed_in), join(callbacks));
    assert!(responses.iter().all(|response| [302, 401].contains(&response.status.as_u16())));
    let browsers: Vec<_> = browsers.into_iter().map(|(browser, _)| browser).collect();
    assert_eq!(live_sessions(&scenario, &browsers).await, 0);
    scenario.tried(6);
}

#[rstest]
#[case::without_session(false)]
#[case::with_session(true)]
#[tokio::test]
async fn concurrent_callbacks_of_one_browser_leave_one_session(#[case] signed_in: bool) {
    let scenario = HostileScenario::start(&[]).await;
    let mut browser = Browser::default();
    if signed_in {
        browser.sign_in(scenario.base(), personas::ZOFIA.user_name).await;
    }
    let mut callbacks = vec![];
    for _ in 0..6 {
        let query = hint(personas::ZOFIA.user_name);
        callbacks.push(browser.up_to_callback(scenario.base(), &query).await);
    }
    let mut copies: Vec<_> = callbacks.iter().map(|_| browser.clone()).collect();
    let requests = copies.iter_mut().zip(&callbacks).map(|(copy, url)| copy.get(url));
    let responses = join(requests).await;
    assert!(responses.iter().all(|response| response.status == 302), "{responses:?}");
    assert_eq!(live_sessions(&scenario, &copies).await, 1);
    scenario.tried(6);
}

#[tokio::test]
async fn session_over_the_limit_of_a_person_ends_the_oldest_with_its_reason() {
    let scenario = HostileScenario::start(&[("PORTICO_SESSIONS_PER_PERSON", "3")]).await;
    let mut browsers = vec![];
    for _ in 0..5 {
        browsers.push(TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser);
    }
    let mut other = TestClient::signed_in(&scenario, personas::MINH_ANH.user_name).await.browser;
    assert_eq!(live_sessions(&scenario, &browsers).await, 3);
    for (index, browser) in browsers.iter_mut().enumerate() {
        scenario.tried(1);
        let response = browser.session(scenario.base()).await;
        if index < 2 {
            scenario.assert_refusal(&response, Refusal::new(401, "session_ended")).await;
            assert!(
                response.json()["error"].as_str().unwrap().contains("the oldest"),
                "{response:?}"
            );
        } else {
            assert_eq!(response.status, 200);
        }
    }
    assert_eq!(other.session(scenario.base()).await.status, 200);
}

#[tokio::test]
async fn session_bytes_of_a_person_are_bounded_by_ending_the_oldest() {
    let limits = [("PORTICO_MIB_PER_PERSON", "1"), ("PORTICO_SESSIONS_PER_PERSON", "1000")];
    let scenario = HostileScenario::start(&limits).await;
    scenario.inject(Target::Token, &[claim("padding", "x".repeat(40_000))]);
    let mut browsers = vec![];
    for _ in 0..30 {
        scenario.tried(1);
        browsers.push(TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await.browser);
    }
    let live = live_sessions(&scenario, &browsers).await;
    assert!(live * 40_000 < 1 << 20 && live > 15, "{live} live sessions");
    let oldest = browsers[0].session(scenario.base()).await;
    scenario.assert_refusal(&oldest, Refusal::new(401, "session_ended")).await;
    assert_eq!(browsers[29].session(scenario.base()).await.status, 200);
}

#[tokio::test]
async fn session_of_a_tenant_no_longer_allowed_ends_at_the_next_request() {
    let World { emulator: _emulator, portico, mut settings, folder: _folder } = world(&[]).await;
    let base = portico.base.clone();
    let (mut amara, mut zofia) = (Browser::default(), Browser::default());
    amara.sign_in(&base, personas::AMARA.user_name).await;
    zofia.sign_in(&base, personas::ZOFIA.user_name).await;
    let connect = zofia.up_to_callback(&base, &hint(personas::HARUKI.user_name)).await;
    zofia.get(connect).await;
    let accounts = |response: Response| response.json()["accounts"].as_array().unwrap().len();
    assert_eq!(accounts(zofia.session(&base).await), 2);

    settings.set("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id);
    portico.stop().await;
    let portico = Portico::start(&settings).await;
    let response = amara.session(&base).await;
    assert_refused(&response, 401, "session_ended");
    assert!(response.json()["error"].as_str().unwrap().contains("may not be used here any more"));
    assert_eq!(accounts(zofia.session(&base).await), 1);

    // Allowing the tenants again restores nothing.
    let all = [&personas::CONTOSO, &personas::TAILSPIN, &personas::FABRIKAM].map(|it| it.id);
    settings.set("AZURE_ALLOWED_TENANTS", &all.join(","));
    portico.stop().await;
    let _portico = Portico::start(&settings).await;
    assert_eq!(amara.session(&base).await.status, 401);
    assert_eq!(accounts(zofia.session(&base).await), 1);
    portico_hostile::tried(2);
}
