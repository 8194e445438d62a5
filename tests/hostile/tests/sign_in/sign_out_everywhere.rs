//! A sign-out everywhere while refreshes and logins of its person are under way.

use std::time::Duration;

use portico_e2e::{Browser, Fault, FaultKind, Response, Target, assert_refused, hint, personas};
use portico_emulator::Person;
use tokio::task::JoinSet;
use url::Url;

use crate::{
    concurrency::live_sessions,
    scenario::{HostileScenario, Refusal, TestClient, member},
};

const SESSIONS: usize = 50;

/// Logins that redeem their code, and as many that list: one person may have so many lists under way.
const LOGINS: usize = 8;

/// More sessions than a person has by default; no listing is reused.
const VARIABLES: [(&str, &str); 2] =
    [("PORTICO_SESSIONS_PER_PERSON", "100"), ("PORTICO_LISTING_MAX_AGE", "0s")];

const REFUSED: Refusal = Refusal::new(401, "session_ended");

/// Requests of browsers, each with its browser.
type Requests = JoinSet<(Browser, Response)>;

/// A browser in which this person has just signed in.
async fn signed_in(scenario: &HostileScenario, person: &Person) -> Browser {
    let mut browser = Browser::default();
    let response = browser.sign_in(scenario.base(), person.user_name).await;
    assert_eq!(response.status, 302, "{response:?}");
    browser
}

/// Browsers in which this person has just signed in. The tokens expire at once, so that the first use of
/// a session refreshes them.
async fn unused(scenario: &HostileScenario, person: &Person, count: usize) -> Vec<Browser> {
    scenario.inject(Target::Token, &[member("expires_in", 0)]);
    let mut browsers = vec![];
    for _ in 0..count {
        browsers.push(signed_in(scenario, person).await);
    }
    scenario.emulator().clear_faults();
    browsers
}

/// Logins up to their callbacks: every other one in a browser with a session, the others in new ones.
async fn callbacks(scenario: &HostileScenario) -> Vec<(Browser, Url)> {
    let mut callbacks = vec![];
    for index in 0..LOGINS {
        let mut browser = match index % 2 {
            0 => signed_in(scenario, &personas::ZOFIA).await,
            _ => Browser::default(),
        };
        let query = hint(personas::ZOFIA.user_name);
        let callback = browser.up_to_callback(scenario.base(), &query).await;
        callbacks.push((browser, callback));
    }
    callbacks
}

/// Sends a request of each browser.
fn send(requests: impl IntoIterator<Item = (Browser, Url)>) -> Requests {
    let send = |(mut browser, url): (Browser, Url)| async move {
        let response = browser.get(url).await;
        (browser, response)
    };
    requests.into_iter().map(send).collect()
}

/// Holds the responses of this endpoint, to this grant, until the faults are cleared.
fn hold(scenario: &HostileScenario, target: Target, grant: Option<&str>) {
    let held = Fault::always(target, FaultKind::Held);
    scenario.emulator().fault(match grant {
        Some(grant) => held.for_grant(grant),
        None => held,
    });
}

/// Waits until `count` returns this.
async fn wait_for(expected: usize, what: &str, count: impl Fn() -> usize) {
    for _ in 0..6_000 {
        if count() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} {what} instead of {expected}", count());
}

/// The number of ended refreshes of this person, and how many of them ended like this.
fn refreshes(scenario: &HostileScenario, person: &Person, outcome: &str) -> (usize, usize) {
    let lines = scenario.world.portico.log_lines();
    let of_person: Vec<_> = lines
        .iter()
        .map(|line| &line["fields"])
        .filter(|it| it["message"] == "token refresh" && it["subject"] == person.home().oid)
        .collect();
    let like_this = of_person.iter().filter(|it| it["outcome"] == outcome).count();
    (of_person.len(), like_this)
}

#[tokio::test]
async fn sign_out_everywhere_during_50_refreshes_and_16_logins_leaves_no_session() {
    let scenario = HostileScenario::start(&VARIABLES).await;
    let (base, emulator) = (scenario.base(), scenario.emulator());
    let zofias = unused(&scenario, &personas::ZOFIA, SESSIONS).await;
    let mut other = unused(&scenario, &personas::HARUKI, 1).await.remove(0);
    let [to_list, to_redeem] = [callbacks(&scenario).await, callbacks(&scenario).await];

    let listings = || emulator.requests().iter().filter(|it| it.path == "/subscriptions").count();
    let (listed, redeemed) = (listings(), scenario.redemptions());
    hold(&scenario, Target::Subscriptions, None);
    let listing = send(to_list);
    wait_for(listed + LOGINS, "listings", listings).await;
    // A login does not wait for its list, which is still under way.
    let mut browsers = zofias.clone();
    for (browser, landed) in listing.join_all().await {
        assert_eq!(landed.status, 302, "{landed:?}");
        browsers.push(browser);
    }
    hold(&scenario, Target::Token, Some("authorization_code"));
    hold(&scenario, Target::Token, Some("refresh_token"));
    let mut redeeming = send(to_redeem);
    let url = Url::parse(&format!("{base}/api/session")).unwrap();
    let using = send(zofias.iter().chain([&other]).map(|it| (it.clone(), url.clone())));
    let redemptions = || scenario.redemptions();
    wait_for(redeemed + 2 * LOGINS, "redemptions", redemptions).await;
    wait_for(SESSIONS + 1, "refreshes", || emulator.refreshes().len()).await;
    assert!(using.join_all().await.iter().all(|(_, session)| session.status == 200));

    assert_eq!(zofias[SESSIONS - 1].clone().sign_out_everywhere(base).await.status, 204);
    assert_eq!(refreshes(&scenario, &personas::ZOFIA, ""), (0, 0), "refreshes have ended");
    assert!(redeeming.try_join_next().is_none(), "a login has ended");
    emulator.clear_faults();

    for (browser, response) in redeeming.join_all().await {
        scenario.assert_refusal(&response, REFUSED).await;
        browsers.push(browser);
    }
    let zofias_refreshes = || refreshes(&scenario, &personas::ZOFIA, "session_gone");
    wait_for(SESSIONS, "ended refreshes", || zofias_refreshes().0).await;
    assert_eq!(zofias_refreshes(), (SESSIONS, SESSIONS), "{}", scenario.world.portico.log());
    wait_for(1, "refreshes", || refreshes(&scenario, &personas::HARUKI, "refreshed").1).await;
    assert_no_session_but_of(&scenario, browsers, &mut other).await;
    scenario.tried(SESSIONS + 2 * LOGINS);
}

/// Asserts that no browser but `other` is signed in, and that a new login leaves one session.
async fn assert_no_session_but_of(
    scenario: &HostileScenario,
    mut browsers: Vec<Browser>,
    other: &mut Browser,
) {
    let base = scenario.base();
    assert_eq!(live_sessions(scenario, &browsers).await, 0);
    for browser in &mut browsers[..SESSIONS] {
        assert_refused(&browser.session(base).await, 401, "session_ended");
    }
    let session = other.session(base).await.json();
    assert_eq!(session["accounts"][0]["token"], "ok", "{session}");
    let mut again = TestClient::signed_in(scenario, personas::ZOFIA.user_name).await.browser;
    let own = again.get(format!("{base}/api/sessions")).await.json();
    assert_eq!(own["sessions"].as_array().unwrap().len(), 1, "{own}");
}
