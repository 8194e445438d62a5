//! Asks identity providers whether people could sign in, before anybody tries: soon after a provider is
//! offered, again and again while it fails, and now and then while it is well.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use portico_domain::{
    identity::ProviderId,
    ports::IdentityProviderError,
    provider::{Providers, Registration},
    text::clean,
};
use portico_plugins::{HealthReport, PluginManager};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// How soon a provider that is well is asked again.
const WELL_FOR: Duration = Duration::from_secs(60 * 60);
/// How soon one that fails is asked again at first, and at most: the pause doubles each time.
const PAUSES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(5 * 60));
/// How many are asked at once.
const MAX_AT_ONCE: usize = 4;
/// What is said of a failure, in characters: a provider's words may stand in it.
const MAX_WORDS_LEN: usize = 600;

/// Asks what is offered.
pub(crate) struct Checks {
    providers: Providers,
    health: HealthReport,
    /// Told when other registrations are offered.
    offered: Arc<Notify>,
    turns: Arc<Semaphore>,
    known: BTreeMap<ProviderId, Known>,
    /// Whether it was said that all have been asked.
    said: bool,
}

/// What is known of one provider.
struct Known {
    registration: Weak<Registration>,
    /// When to ask next; `None` while it is asked.
    due: Option<Instant>,
    asked: bool,
    failures: u32,
    /// The stable word for why it fails.
    reason: Option<String>,
}

type Checked = (ProviderId, Weak<Registration>, Result<(), IdentityProviderError>);

impl Checks {
    /// Asks what this manager offers.
    pub(crate) fn of(plugins: &PluginManager) -> Self {
        Self {
            providers: plugins.providers(),
            health: plugins.health(),
            offered: plugins.offered(),
            turns: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            known: BTreeMap::new(),
            said: false,
        }
    }

    /// Asks for ever.
    pub(crate) async fn follow(mut self) {
        let (offered, mut asking) = (self.offered.clone(), JoinSet::new());
        loop {
            let next = self.ask_due(&mut asking);
            self.say_when_all_were_asked();
            tokio::select! {
                Some(checked) = asking.join_next(), if !asking.is_empty() => {
                    if let Ok(checked) = checked {
                        self.note(checked);
                    }
                }
                () = offered.notified() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Asks all of them once: what keeps people from signing in, by the provider's id.
    pub(crate) async fn once(mut self) -> BTreeMap<ProviderId, String> {
        let mut asking = JoinSet::new();
        self.ask_due(&mut asking);
        let failed = |(id, _, result): Checked| Some((id, words(&result.err()?)));
        asking.join_all().await.into_iter().filter_map(failed).collect()
    }

    /// Asks those that are due, and says when the next one will be.
    fn ask_due(&mut self, asking: &mut JoinSet<Checked>) -> Instant {
        let (offered, now) = (self.providers.all(), Instant::now());
        self.known.retain(|id, known| {
            let is_it = |it: &&Arc<Registration>| is_same(&known.registration, it);
            offered.iter().find(is_it).is_some_and(|it| it.id() == id)
        });
        for registration in &offered {
            let known = self.known.entry(registration.id().clone()).or_insert_with(|| Known {
                registration: Arc::downgrade(registration),
                due: Some(now),
                asked: false,
                failures: 0,
                reason: None,
            });
            if known.due.is_some_and(|due| due <= now) {
                known.due = None;
                asking.spawn(check(Arc::clone(registration), self.turns.clone()));
            }
        }
        self.show();
        let next = self.known.values().filter_map(|known| known.due).min();
        next.unwrap_or(now + WELL_FOR)
    }

    /// Takes what came of asking one, unless another has taken its place meanwhile.
    fn note(&mut self, (id, registration, result): Checked) {
        let Some(known) = self.known.get_mut(&id) else { return };
        if !Weak::ptr_eq(&known.registration, &registration) {
            return;
        }
        known.asked = true;
        match result {
            Ok(()) => {
                if known.reason.take().is_some() {
                    tracing::info!(
                        provider = id.as_str(),
                        "people can sign in with this provider again"
                    );
                }
                known.failures = 0;
                known.due = Some(Instant::now() + WELL_FOR);
            }
            Err(error) => {
                let reason = reason(&error);
                if known.reason.as_deref() != Some(reason.as_str()) {
                    let why = clean(&error.to_string(), MAX_WORDS_LEN);
                    tracing::warn!(
                        provider = id.as_str(),
                        reason,
                        why,
                        "people cannot sign in with this provider now"
                    );
                }
                known.reason = Some(reason);
                let pause = PAUSES.0.saturating_mul(1 << known.failures.min(10)).min(PAUSES.1);
                known.failures = known.failures.saturating_add(1);
                known.due = Some(Instant::now() + pause);
            }
        }
    }

    /// Reports which of them fail.
    fn show(&self) {
        let failing = self.known.iter();
        let failing = failing.filter_map(|(id, known)| Some((id.clone(), known.reason.clone()?)));
        let failing = failing.collect();
        self.health.update(|health| health.failing = failing);
    }

    /// A line for whoever waits for a start to be whole.
    fn say_when_all_were_asked(&mut self) {
        if !self.said
            && self.health.get().loading.is_empty()
            && self.known.values().all(|known| known.asked)
        {
            self.said = true;
            let providers = self.known.len();
            tracing::info!(
                providers,
                "every provider is loaded and was asked whether people can sign in"
            );
        }
    }
}

async fn check(registration: Arc<Registration>, turns: Arc<Semaphore>) -> Checked {
    // Nobody closes it.
    let _turn = turns.acquire().await;
    // Where an issuer is each tenant's own and nobody said which, there is none to ask.
    let result = match registration.sign_in.at(None) {
        Ok(sign_in) => registration.identity.check(&sign_in).await,
        Err(_) => Ok(()),
    };
    (registration.id().clone(), Arc::downgrade(&registration), result)
}

fn is_same(known: &Weak<Registration>, offered: &Arc<Registration>) -> bool {
    Weak::ptr_eq(known, &Arc::downgrade(offered))
}

/// A failure in a stable word. Anybody may read it.
fn reason(error: &IdentityProviderError) -> String {
    match error {
        IdentityProviderError::InvalidResponse { check, .. }
        | IdentityProviderError::ClockDiffers { check, .. } => check.as_str().to_owned(),
        IdentityProviderError::Misconfigured(_) => "misconfigured".to_owned(),
        IdentityProviderError::TimedOut(_) => "timeout".to_owned(),
        IdentityProviderError::Unreachable(_) => "unreachable".to_owned(),
        IdentityProviderError::Refused { .. } => "refused".to_owned(),
    }
}

/// A failure for the operator.
fn words(error: &IdentityProviderError) -> String {
    clean(&error.to_string(), MAX_WORDS_LEN)
}
