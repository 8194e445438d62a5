//! When accounts are listed apart from requests, and what becomes of their listings.

use std::sync::{Mutex, atomic::AtomicUsize, atomic::Ordering};

use super::*;
use crate::{
    account::{AccountId, AccountToken, ListingState},
    ports::{EndListing, ListingKey, ListingOutcome, Written},
    provider::{CallError, Person, Registration},
    session::{Ending, Session, SessionKey},
    testing::{
        FakeClock, FakeSessions, FakeTasks, SessionsExt, SlowCloud, background_listings, doubles,
        samples,
    },
    time::Timestamp,
    use_cases::{TokenError, list_resources::ListingRequest},
};

const KEY: SessionKey = SessionKey::from_bytes([1; 32]);
const START: Timestamp = Timestamp::from_unix_seconds(1_000);
const QUARTER: Duration = Duration::from_mins(15);

/// The names of the outcomes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl ListingLog for Log {
    fn begin(&self, _: &ListingKey) -> EndListing {
        let lines = self.0.clone();
        Box::new(move |outcome: ListingOutcome<'_>| {
            lines.lock().unwrap().push(match outcome {
                ListingOutcome::Listed(_) => "listed",
                ListingOutcome::Superseded => "superseded",
                ListingOutcome::NeedsSignIn => "needs_sign_in",
                ListingOutcome::NoToken(_) => "no_token",
                ListingOutcome::Failed(_) => "failed",
                ListingOutcome::NotStored(_) => "not_stored",
            });
        })
    }
}

/// Zofia's session, listed at [`START`], at a cloud of which a part is slow.
struct World {
    listings: BackgroundListings,
    sessions: Arc<FakeSessions>,
    tasks: Arc<FakeTasks>,
    clock: Arc<FakeClock>,
    cloud: SlowCloud,
    log: Log,
    account: AccountId,
}

impl World {
    async fn new() -> Self {
        let cloud = SlowCloud::default();
        let registration = cloud.registration(doubles::Provider::silent());
        Self::at(cloud, registration).await
    }

    async fn at(cloud: SlowCloud, registration: Registration) -> Self {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let (tasks, clock) = (Arc::new(FakeTasks::default()), Arc::new(FakeClock::at(1_000)));
        let log = Log::default();
        let shared_clock: Arc<dyn Clock> = clock.clone();
        let providers = Providers::new([registration]);
        let listings =
            background_listings(&providers, &sessions, &tasks, &shared_clock, log.clone());
        let session = samples::session("contoso", "zofia", START);
        let account = session.accounts[0].id.clone();
        let tokens = vec![(account.clone(), samples::tokens("contoso"))];
        sessions.create(KEY, &session, tokens).await.unwrap();
        Self { listings, sessions, tasks, clock, cloud, log, account }
    }

    /// At a cloud whose listings fail so.
    async fn failing(error: CallError) -> Self {
        let mut doubles = doubles::Provider::silent();
        doubles.cloud.expect_list().returning(move |_| Err(error.clone()));
        Self::at(SlowCloud::default(), doubles.into_registration()).await
    }

    async fn session(&self) -> Session {
        self.sessions.find(&KEY, self.clock.now()).await.unwrap().unwrap().value
    }

    async fn edit(&self, change: impl FnOnce(&mut Session)) {
        let found = self.sessions.find(&KEY, self.clock.now()).await.unwrap().unwrap();
        let mut session = found.value;
        change(&mut session);
        let written = self.sessions.replace(&KEY, found.version, &session, vec![]).await;
        assert_eq!(written.unwrap(), Written::Done);
    }

    /// A use of the session. Returns how many tasks it started.
    async fn use_session(&self) -> usize {
        self.listings.start_due(&KEY, &self.session().await);
        self.tasks.run_all().await
    }

    async fn ask(&self) -> Result<ListedAgain, Arc<ListingError>> {
        self.listings.run(&KEY, &self.account).await
    }

    fn log(&self) -> Vec<&'static str> {
        self.log.0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn use_of_a_session_lists_an_account_whose_listing_is_a_quarter_of_an_hour_old() {
    let world = World::new().await;
    world.cloud.open();
    world.clock.advance(QUARTER - Duration::from_secs(1));
    assert_eq!(world.use_session().await, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!((world.use_session().await, world.log()), (1, vec!["listed"]));
    let account = world.session().await.accounts.remove(0);
    assert_eq!(account.refreshed_at, START.plus(QUARTER));
    assert_eq!((account.subscriptions.len(), world.use_session().await), (2, 0));
}

#[tokio::test]
async fn former_listing_is_served_while_a_new_one_is_under_way() {
    let world = World::new().await;
    world.clock.advance(QUARTER);
    let before = world.session().await;
    // Neither of the two uses waits, and the second starts no other listing.
    world.listings.start_due(&KEY, &before);
    world.listings.start_due(&KEY, &before);
    assert_eq!(world.session().await, before);
    let state = before.accounts[0].listing_state(world.clock.now());
    assert_eq!(state, ListingState::Complete);
    world.cloud.open();
    assert_eq!(world.tasks.run_all().await, 1);
}

#[tokio::test]
async fn pending_listing_of_a_killed_process_is_made_at_the_next_use() {
    let world = World::new().await;
    world.cloud.open();
    world.edit(|session| session.accounts[0].is_listing_pending = true).await;
    assert_eq!(world.use_session().await, 1);
    assert!(!world.session().await.accounts[0].is_listing_pending);
}

#[tokio::test]
async fn look_at_a_session_lists_what_is_pending_and_nothing_that_is_old() {
    let world = World::new().await;
    world.cloud.open();
    world.clock.advance(2 * QUARTER);
    world.listings.start_pending(&KEY, &world.session().await);
    assert_eq!(world.tasks.run_all().await, 0);
    world.edit(|session| session.accounts[0].is_listing_pending = true).await;
    world.listings.start_pending(&KEY, &world.session().await);
    assert_eq!((world.tasks.run_all().await, world.log()), (1, vec!["listed"]));
    assert!(!world.session().await.accounts[0].is_listing_pending);
}

#[tokio::test]
async fn login_without_a_share_does_not_wait_and_its_listing_is_broken_off() {
    let world = World::new().await;
    world.tasks.lose_patience();
    let session = world.session().await;
    let account = &session.accounts[0];
    let person = Person { identity: account.identity.clone(), token_reply: vec![] };
    let mut pending = vec![];
    for _ in 0..=MAX_LISTINGS / 2 {
        let provider = world.listings.ports.providers.find(&account.provider).unwrap();
        let (person, tokens) = (person.clone(), samples::tokens("contoso"));
        let request = ListingRequest { provider, person, tokens };
        let listed = world.listings.for_login(request, true, session.person).await.unwrap();
        let LoginListing::Pending { rest, .. } = listed else { panic!("it waited") };
        pending.push(rest);
    }
    assert!(pending.pop().unwrap().is_none() && pending.iter().all(Option::is_some));
    let before = world.cloud.requests();
    world.cloud.open();
    world.tasks.run_all().await;
    // One request is left of each listing that goes on, and of no other.
    assert_eq!(world.cloud.requests() - before, MAX_LISTINGS / 2);
}

#[tokio::test]
async fn account_that_needs_a_sign_in_is_not_listed() {
    let world = World::new().await;
    world.clock.advance(QUARTER);
    let refused = AccountToken::issued(START, START, true).refused(None);
    world.edit(|session| session.accounts[0].token = Some(refused)).await;
    assert_eq!(world.use_session().await, 0);
}

#[tokio::test]
async fn listing_that_fails_is_tried_again_after_a_pause() {
    let world = World::failing(CallError::Overloaded).await;
    world.edit(|session| session.accounts[0].is_listing_pending = true).await;
    let begun: Vec<usize> = {
        let mut begun = vec![];
        for _ in 0..4 {
            begun.push(world.use_session().await);
            world.clock.advance(Duration::from_secs(15));
        }
        begun
    };
    assert_eq!((begun, world.log()), (vec![1, 0, 1, 0], vec!["failed", "failed"]));
    assert!(world.session().await.accounts[0].is_listing_pending);
}

#[tokio::test]
async fn plug_in_that_breaks_a_rule_leaves_the_listing_and_a_warning() {
    let world = World::failing(CallError::Broken("its id is empty".into())).await;
    let asked = world.ask().await;
    // The listing of the session is older than five seconds when it is asked for.
    assert!(asked.is_ok(), "{asked:?}");
    world.clock.advance(Duration::from_secs(5));
    let error = world.ask().await.unwrap_err();
    assert!(matches!(*error, ListingError::Provider(_, CallError::Broken(_))), "{error:?}");
    let account = world.session().await.accounts.remove(0);
    assert_eq!((account.subscriptions.len(), account.is_listing_pending), (1, false));
    assert!(account.warnings[0].contains("broke a rule"), "{:?}", account.warnings);
}

#[tokio::test]
async fn asked_listing_is_returned_when_it_ends_soon() {
    let world = World::new().await;
    world.cloud.open();
    world.clock.advance(Duration::from_secs(5));
    let refreshed_at = START.plus(Duration::from_secs(5));
    let listed = ListedAgain { state: ListingState::Complete, refreshed_at };
    assert_eq!(world.ask().await.unwrap(), listed);
    // A page that asks again at once gets the same, and the cloud no request.
    world.clock.advance(Duration::from_secs(4));
    assert_eq!((world.ask().await.unwrap(), world.cloud.requests()), (listed, 3));
    world.clock.advance(Duration::from_secs(1));
    world.ask().await.unwrap();
    assert_eq!(world.cloud.requests(), 6);
}

#[tokio::test]
async fn asked_listing_that_takes_long_goes_on() {
    let world = World::new().await;
    world.tasks.lose_patience();
    world.clock.advance(Duration::from_secs(5));
    let in_progress = ListedAgain { state: ListingState::InProgress, refreshed_at: START };
    assert_eq!(world.ask().await.unwrap(), in_progress);
    let state = world.session().await.accounts[0].listing_state(world.clock.now());
    assert_eq!(state, ListingState::InProgress);
    assert_eq!(world.ask().await.unwrap(), in_progress);
    world.cloud.open();
    assert_eq!((world.tasks.run_all().await, world.cloud.requests()), (1, 3));
    let account = world.session().await.accounts.remove(0);
    assert_eq!(account.listing_state(world.clock.now()), ListingState::Complete);
}

#[tokio::test]
async fn asked_listing_of_an_account_that_needs_a_sign_in_says_so_each_time() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(5));
    let refused = AccountToken::issued(START, START, true).refused(None);
    world.edit(|session| session.accounts[0].token = Some(refused)).await;
    for _ in 0..2 {
        let error = world.ask().await.unwrap_err();
        let needs_sign_in = matches!(*error, ListingError::Token(_, TokenError::NeedsSignIn(_)));
        assert!(needs_sign_in, "{error:?}");
    }
    assert!(!world.session().await.accounts[0].is_listing_pending);
}

#[tokio::test]
async fn account_that_is_not_there_is_not_found() {
    let world = World::new().await;
    let unknown = world.listings.run(&KEY, &AccountId::from_text("x")).await.unwrap_err();
    let elsewhere = SessionKey::from_bytes([2; 32]);
    let foreign = world.listings.run(&elsewhere, &world.account).await.unwrap_err();
    for error in [unknown, foreign] {
        assert!(matches!(*error, ListingError::NotFound), "{error:?}");
    }
}

#[tokio::test]
async fn session_that_ends_during_its_listing_stays_ended() {
    let world = World::new().await;
    world.clock.advance(QUARTER);
    world.listings.start_due(&KEY, &world.session().await);
    world.sessions.end(&KEY, Ending::SignedOut, world.clock.now()).await.unwrap();
    world.cloud.open();
    world.tasks.run_all().await;
    assert_eq!(world.sessions.count(), 0);
    assert_eq!(world.log(), Vec::<&str>::new());
}

#[tokio::test]
async fn patience_is_not_needed_for_what_is_done() {
    let world = World::new().await;
    world.tasks.lose_patience();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = polls.clone();
    let work: Joint<usize> =
        async move { counted.fetch_add(1, Ordering::Relaxed) }.boxed().shared();
    assert_eq!(world.listings.patiently(&work).await, Some(0));
    assert_eq!((world.tasks.run_all().await, polls.load(Ordering::Relaxed)), (0, 1));
}
