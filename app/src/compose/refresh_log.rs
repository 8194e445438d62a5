//! The log lines of refreshes. People are named by tenant and subject, as in the lines of logins.

use std::time::Instant;

use portico_domain::{
    check::Check,
    ports::{EndRefresh, IdentityProviderError, RefreshLog, RefreshOutcome, RefreshedAccount},
    text::clean,
};

/// The longest text of a failure, in characters: it may contain text of the provider.
const MAX_MESSAGE_LEN: usize = 600;

/// Logs refreshes with tracing.
pub(super) struct TracedRefreshes;

impl RefreshLog for TracedRefreshes {
    fn begin(&self, account: &RefreshedAccount) -> EndRefresh {
        let (account, started) = (account.clone(), Instant::now());
        Box::new(move |outcome| log(&account, &outcome, started))
    }
}

fn log(account: &RefreshedAccount, outcome: &RefreshOutcome<'_>, started: Instant) {
    let provider = account.provider.as_str();
    let (tenant, subject) = (account.person.tenant.as_str(), account.person.subject.as_str());
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (name, check, why) = described(outcome);
    let check = check.map(Check::as_str);
    match outcome {
        RefreshOutcome::Refreshed | RefreshOutcome::Superseded | RefreshOutcome::Ended => {
            tracing::info!(
                provider,
                tenant,
                subject,
                outcome = name,
                milliseconds,
                "token refresh"
            );
        }
        RefreshOutcome::NeedsSignIn(_)
        | RefreshOutcome::Failed(_)
        | RefreshOutcome::NotStored(_) => tracing::warn!(
            provider,
            tenant,
            subject,
            outcome = name,
            milliseconds,
            check,
            why,
            "token refresh"
        ),
        RefreshOutcome::OtherPerson(_) => tracing::error!(
            provider,
            tenant,
            subject,
            outcome = name,
            milliseconds,
            check,
            "session ended: the provider answered a refresh for another person"
        ),
    }
}

/// The name of the outcome, the check that failed, and the reason.
fn described(outcome: &RefreshOutcome<'_>) -> (&'static str, Option<Check>, Option<String>) {
    match outcome {
        RefreshOutcome::Refreshed => ("refreshed", None, None),
        RefreshOutcome::Superseded => ("superseded", None, None),
        RefreshOutcome::Ended => ("session_gone", None, None),
        RefreshOutcome::NeedsSignIn(error) => ("needs_sign_in", None, Some(message(error))),
        RefreshOutcome::Failed(error) => ("failed", check(error), Some(message(error))),
        RefreshOutcome::NotStored(error) => ("not_stored", None, Some(message(error))),
        RefreshOutcome::OtherPerson(check) => ("other_person", Some(*check), None),
    }
}

fn check(error: &IdentityProviderError) -> Option<Check> {
    match error {
        IdentityProviderError::InvalidResponse { check, .. }
        | IdentityProviderError::ClockDiffers { check, .. } => Some(*check),
        _ => None,
    }
}

fn message(error: &impl ToString) -> String {
    clean(&error.to_string(), MAX_MESSAGE_LEN)
}
