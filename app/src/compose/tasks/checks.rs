//! Checks identity providers (discovery document, keys) independently of logins: soon after a provider
//! is offered, with a growing pause while it fails, and hourly while it works.

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

/// The time to the next check after a success.
const SUCCESS_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// The first and the longest time to the next check after a failure; it doubles each time.
const FAILURE_INTERVALS: (Duration, Duration) =
    (Duration::from_secs(5), Duration::from_secs(5 * 60));
/// The most concurrent checks.
const MAX_CONCURRENT: usize = 4;
/// The longest text of a failure, in characters: it may contain text of the provider.
const MAX_MESSAGE_LEN: usize = 600;

/// Checks the offered providers.
pub(crate) struct Checks {
    providers: Providers,
    health: HealthReport,
    /// Notified when the registrations change.
    offered: Arc<Notify>,
    permits: Arc<Semaphore>,
    states: BTreeMap<ProviderId, CheckState>,
    /// Whether the log line about the first check of all providers was written.
    logged: bool,
}

/// The state of one provider.
struct CheckState {
    registration: Weak<Registration>,
    /// When to check next; `None` during a check.
    due: Option<Instant>,
    checked: bool,
    failures: u32,
    /// The stable reason code of its failure.
    reason: Option<String>,
}

type Checked = (ProviderId, Weak<Registration>, Result<(), IdentityProviderError>);

impl Checks {
    /// Checks for the providers of this manager.
    pub(crate) fn of(plugins: &PluginManager) -> Self {
        Self {
            providers: plugins.providers(),
            health: plugins.health(),
            offered: plugins.offered(),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            states: BTreeMap::new(),
            logged: false,
        }
    }

    /// Runs checks until it is dropped.
    pub(crate) async fn run(mut self) {
        let (offered, mut running) = (self.offered.clone(), JoinSet::new());
        loop {
            let next = self.start_due(&mut running);
            self.log_first_round();
            tokio::select! {
                Some(checked) = running.join_next(), if !running.is_empty() => {
                    if let Ok(checked) = checked {
                        self.record(checked);
                    }
                }
                () = offered.notified() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Checks all providers once; the failures by provider id.
    pub(crate) async fn run_once(mut self) -> BTreeMap<ProviderId, String> {
        let mut running = JoinSet::new();
        self.start_due(&mut running);
        let failed = |(id, _, result): Checked| Some((id, message(&result.err()?)));
        running.join_all().await.into_iter().filter_map(failed).collect()
    }

    /// Starts the checks that are due; returns when the next one is.
    fn start_due(&mut self, running: &mut JoinSet<Checked>) -> Instant {
        let (offered, now) = (self.providers.all(), Instant::now());
        self.states.retain(|id, state| {
            let same = |it: &&Arc<Registration>| is_same(&state.registration, it);
            offered.iter().find(same).is_some_and(|it| it.id() == id)
        });
        for registration in &offered {
            let state =
                self.states.entry(registration.id().clone()).or_insert_with(|| CheckState {
                    registration: Arc::downgrade(registration),
                    due: Some(now),
                    checked: false,
                    failures: 0,
                    reason: None,
                });
            if state.due.is_some_and(|due| due <= now) {
                state.due = None;
                running.spawn(check(Arc::clone(registration), self.permits.clone()));
            }
        }
        self.publish();
        let next = self.states.values().filter_map(|state| state.due).min();
        next.unwrap_or(now + SUCCESS_INTERVAL)
    }

    /// Records a result, unless the registration was replaced during the check.
    fn record(&mut self, (id, registration, result): Checked) {
        let Some(state) = self.states.get_mut(&id) else { return };
        if !Weak::ptr_eq(&state.registration, &registration) {
            return;
        }
        state.checked = true;
        match result {
            Ok(()) => {
                if state.reason.take().is_some() {
                    tracing::info!(
                        provider = id.as_str(),
                        "people can sign in with this provider again"
                    );
                }
                state.failures = 0;
                state.due = Some(Instant::now() + SUCCESS_INTERVAL);
            }
            Err(error) => {
                let reason = reason(&error);
                if state.reason.as_deref() != Some(reason.as_str()) {
                    let why = message(&error);
                    tracing::warn!(
                        provider = id.as_str(),
                        reason,
                        why,
                        "people cannot sign in with this provider now"
                    );
                }
                state.reason = Some(reason);
                let (first, longest) = FAILURE_INTERVALS;
                let pause = first.saturating_mul(1 << state.failures.min(10)).min(longest);
                state.failures = state.failures.saturating_add(1);
                state.due = Some(Instant::now() + pause);
            }
        }
    }

    /// Publishes the failing providers.
    fn publish(&self) {
        let failing = self.states.iter();
        let failing = failing.filter_map(|(id, state)| Some((id.clone(), state.reason.clone()?)));
        let failing = failing.collect();
        self.health.update(|health| health.failing = failing);
    }

    /// Logs once that every provider is loaded and checked.
    fn log_first_round(&mut self) {
        if !self.logged
            && self.health.get().loading.is_empty()
            && self.states.values().all(|state| state.checked)
        {
            self.logged = true;
            let providers = self.states.len();
            tracing::info!(providers, "every provider is loaded, and its sign-in was checked");
        }
    }
}

async fn check(registration: Arc<Registration>, permits: Arc<Semaphore>) -> Checked {
    // The semaphore is never closed.
    let _permit = permits.acquire().await;
    let checked = Arc::clone(&registration);
    // In a task of its own, so that a check that panics is a failed one, which is repeated.
    let result = tokio::spawn(async move {
        // An error: the issuer depends on the tenant, and there is no default one to check.
        let Ok(sign_in) = checked.sign_in.at(None) else { return Ok(()) };
        checked.identity.check(&sign_in).await
    });
    let result = result.await.unwrap_or_else(|error| {
        Err(IdentityProviderError::Unreachable(format!("the check failed: {error}")))
    });
    (registration.id().clone(), Arc::downgrade(&registration), result)
}

fn is_same(checked: &Weak<Registration>, offered: &Arc<Registration>) -> bool {
    Weak::ptr_eq(checked, &Arc::downgrade(offered))
}

/// The stable reason code of a failure. It is public (`/readyz`).
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

/// The text of a failure, for the operator.
fn message(error: &IdentityProviderError) -> String {
    clean(&error.to_string(), MAX_MESSAGE_LEN)
}

#[cfg(test)]
mod tests;
