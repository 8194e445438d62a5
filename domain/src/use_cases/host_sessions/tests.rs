use super::*;
use crate::testing::{CountingEntropy, FakeClock, FakeHostSeal, FakeLoginAttempts, samples};

const SESSION: SessionKey = SessionKey::from_bytes([7; 32]);

fn host(text: &str) -> WebOrigin {
    WebOrigin::parse(text).unwrap()
}

fn app() -> WebOrigin {
    host("https://app.example")
}

struct World {
    clock: Arc<FakeClock>,
    sessions: HostSessions,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(FakeClock::at(1_000_000));
        let sessions = HostSessions {
            seal: Arc::new(FakeHostSeal::default()),
            attempts: Arc::new(FakeLoginAttempts::default()),
            policy: samples::POLICY,
            clock: clock.clone(),
            entropy: Arc::new(CountingEntropy::default()),
        };
        Self { clock, sessions }
    }

    async fn issue(&self, browser: &BrowserId) -> HandOffCode {
        let page = Url::parse("https://app.example/deep?link=1").unwrap();
        let challenge = BrowserChallenge::of(browser);
        self.sessions.issue(SESSION, (&app(), page), challenge).await.unwrap()
    }
}

fn browser(id: &str) -> BrowserId {
    BrowserId::new(id)
}

#[tokio::test]
async fn browser_redeems_its_code_once_for_a_session_at_that_host() {
    let world = World::new();
    let code = world.issue(&browser("zofia")).await;
    let redeemed = world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await.unwrap();
    assert_eq!(redeemed.return_to.as_str(), "https://app.example/deep?link=1");
    assert_eq!(world.sessions.find(&redeemed.sealed, &app()), Some(SESSION));
    assert_eq!(world.sessions.find(&redeemed.sealed, &host("https://other.example")), None);
    let again = world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await;
    assert!(matches!(again, Err(HandOffRefused::Spent)), "{again:?}");
}

#[tokio::test]
async fn code_is_refused_to_another_browser_and_spent_by_it() {
    let world = World::new();
    for thief in [Some(browser("thief")), None] {
        let code = world.issue(&browser("zofia")).await;
        let stolen = world.sessions.redeem(&code, &app(), thief.as_ref()).await;
        assert!(matches!(stolen, Err(HandOffRefused::OtherBrowser)), "{stolen:?}");
        let late = world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await;
        assert!(matches!(late, Err(HandOffRefused::Spent)), "{late:?}");
    }
}

#[tokio::test]
async fn code_is_refused_at_another_host_and_does_not_end_there() {
    let world = World::new();
    let code = world.issue(&browser("zofia")).await;
    let elsewhere = host("https://other.example");
    let stolen = world.sessions.redeem(&code, &elsewhere, Some(&browser("zofia"))).await;
    assert!(matches!(stolen, Err(HandOffRefused::Unknown)), "{stolen:?}");
    assert!(world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await.is_ok());
}

#[tokio::test]
async fn code_expires_after_thirty_seconds_and_is_none_of_the_future() {
    let world = World::new();
    let code = world.issue(&browser("zofia")).await;
    world.clock.advance(Duration::from_secs(30));
    let late = world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await;
    assert!(matches!(late, Err(HandOffRefused::Expired)), "{late:?}");
    world.clock.advance(Duration::from_secs(1_000));
    let code = world.issue(&browser("zofia")).await;
    world.clock.set_back(Duration::from_secs(1_030));
    let early = world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await;
    assert!(matches!(early, Err(HandOffRefused::Expired)), "{early:?}");
}

#[tokio::test]
async fn session_of_a_host_ends_with_the_longest_session() {
    let world = World::new();
    let code = world.issue(&browser("zofia")).await;
    let redeemed = world.sessions.redeem(&code, &app(), Some(&browser("zofia"))).await.unwrap();
    world.clock.advance(samples::POLICY.max - Duration::from_secs(1));
    assert_eq!(world.sessions.find(&redeemed.sealed, &app()), Some(SESSION));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.sessions.find(&redeemed.sealed, &app()), None);
}

#[test]
fn challenge_is_parsed_from_43_characters_of_base64url() {
    let challenge = BrowserChallenge::of(&browser("zofia"));
    assert_eq!(BrowserChallenge::parse(challenge.as_str()), Some(challenge.clone()));
    for text in ["", "short", &challenge.as_str()[1..], &format!("{}a", challenge.as_str())] {
        assert_eq!(BrowserChallenge::parse(text), None, "{text}");
    }
    assert_ne!(BrowserChallenge::of(&browser("marek")), challenge);
}
