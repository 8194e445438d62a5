//! The provider is away for an hour of the clock that Portico and the emulator share.

use portico_e2e::{EmulatorProcess, Settings, SharedClock, assert_refused};
use tempfile::TempDir;

use super::*;

/// The user name of each person, and the subject by which the log names them.
static PEOPLE: [(&str, &str); 4] = [
    (personas::ZOFIA.user_name, personas::ZOFIA.memberships[0].oid),
    (personas::AMARA.user_name, personas::AMARA.memberships[0].oid),
    (personas::HARUKI.user_name, personas::HARUKI.memberships[0].oid),
    (personas::MINH_ANH.user_name, personas::MINH_ANH.memberships[0].oid),
];

const MINUTE: Duration = Duration::from_secs(60);

/// The longest pause after a failed refresh.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Portico and the emulator with a clock that the test moves, and a session of each person.
struct Later {
    portico: Portico,
    emulator: EmulatorProcess,
    browsers: Vec<Browser>,
    _folder: TempDir,
    /// Dropped after the processes that have it.
    clock: SharedClock,
}

impl Later {
    async fn start() -> Self {
        let mut clock = SharedClock::new();
        let emulator = EmulatorProcess::start_with(clock.variables()).await;
        clock.clean_up_after(emulator.id());
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::of_emulator_at(&emulator.address, folder.path());
        for (name, value) in clock.variables() {
            settings.set(name, &value);
        }
        let portico = Portico::start(&settings).await;
        clock.clean_up_after(portico.id());
        let mut browsers = vec![];
        for (user_name, _) in &PEOPLE {
            let mut browser = Browser::default();
            let response = browser.sign_in(&portico.base, user_name).await;
            assert_eq!(response.status.as_u16(), 302, "{response:?}");
            browsers.push(browser);
        }
        Self { portico, emulator, browsers, _folder: folder, clock }
    }

    /// What each session says of the token of its only account.
    async fn tokens(&mut self) -> Vec<String> {
        let mut tokens = vec![];
        for browser in &mut self.browsers {
            let session = browser.session(&self.portico.base).await;
            assert_eq!(session.status.as_u16(), 200, "{session:?}\n{}", self.portico.log());
            tokens.push(account(&session)["token"].as_str().unwrap().to_owned());
        }
        tokens
    }

    /// How many refreshes of each person have ended like this.
    fn outcomes(&self, outcome: &str) -> Vec<usize> {
        let lines = self.portico.log_lines();
        let of = |subject: &str| {
            let fields = lines.iter().map(|line| &line["fields"]);
            fields.filter(|it| it["outcome"] == outcome && it["subject"] == subject).count()
        };
        PEOPLE.iter().map(|(_, subject)| of(subject)).collect()
    }

    /// Uses the sessions until of each person's refreshes more than `before` have ended like this.
    async fn use_until_more(&mut self, outcome: &str, before: &[usize]) {
        for _ in 0..5_000 {
            let tokens = self.tokens().await;
            assert!(!tokens.contains(&"needs_sign_in".to_owned()), "{tokens:?}");
            let now = self.outcomes(outcome);
            if now.iter().zip(before).all(|(now, before)| now > before) {
                return;
            }
            // The pause after a failure may have begun after the clock was last moved.
            self.clock.advance(Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the refreshes have not {outcome}:\n{}", self.portico.log());
    }

    /// The provider answers every request of Portico with 503.
    async fn take_provider_away(&self) {
        for target in
            [Target::Discovery, Target::Keys, Target::Token, Target::Subscriptions, Target::Tenants]
        {
            let unavailable = FaultKind::Status { code: 503, retry_after: None };
            self.emulator.fault(&Fault::always(target, unavailable)).await;
        }
    }

    fn session_ids(&self) -> Vec<Option<String>> {
        let base = &self.portico.base;
        self.browsers.iter().map(|browser| browser.cookie(base, "portico_session")).collect()
    }
}

#[tokio::test]
async fn hour_of_503_ends_no_session_and_each_token_is_fresh_after_it() {
    let mut later = Later::start().await;
    let ids = later.session_ids();
    // The tokens are valid for an hour, and refreshed in its last ten minutes.
    later.clock.advance(45 * MINUTE);
    assert_eq!(later.tokens().await, ["ok"; 4]);
    later.take_provider_away().await;
    let began_at = later.clock.offset();
    for _ in 0..12 {
        later.clock.advance(5 * MINUTE);
        let before = later.outcomes("failed");
        later.use_until_more("failed", &before).await;
        for _ in 0..5 {
            assert_eq!(later.tokens().await, ["stale"; 4]);
        }
    }
    // Not at each use: after 30 s, 1, 2 and 4 minutes, and then every 5.
    let most = 6 + (later.clock.offset() - began_at).as_secs() / LONGEST_PAUSE.as_secs();
    let failed = later.outcomes("failed");
    assert!(failed.iter().all(|failed| *failed as u64 <= most), "{failed:?}, {most} allowed");
    let mut other = Browser::default();
    let response = other.sign_in(&later.portico.base, personas::ZOFIA.user_name).await;
    assert_refused(&response, 503, "provider_unreachable");

    let sent = later.emulator.refreshes().await.len();
    later.emulator.clear_faults().await;
    later.clock.advance(LONGEST_PAUSE);
    later.use_until_more("refreshed", &[0; 4]).await;
    assert_eq!(later.tokens().await, ["ok"; 4]);
    assert_eq!(later.emulator.refreshes().await.len(), sent + 4);
    // The new tokens are valid for an hour too, and refreshed again at its end.
    later.clock.advance(45 * MINUTE);
    assert_eq!(later.tokens().await, ["ok"; 4]);
    assert_eq!(later.outcomes("refreshed"), [1; 4], "{}", later.portico.log());
    later.clock.advance(5 * MINUTE);
    later.use_until_more("refreshed", &[1; 4]).await;
    assert_eq!((later.tokens().await, later.session_ids()), (vec!["ok".into(); 4], ids));
    let response = other.sign_in(&later.portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    let failures = later.portico.failures();
    assert_eq!(failures, [(503, "provider_unreachable".to_owned())]);
}
