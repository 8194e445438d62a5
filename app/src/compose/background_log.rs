//! The log lines of refreshes, of listings that no request waits for, and of tokens that backends get. People are named by tenant and subject, as in the lines of logins.

use std::time::Instant;

use portico_domain::{
    check::Check,
    ports::{
        DatedListing, EndListing, EndRefresh, ExchangeLog, HandedToken, IdentityProviderError,
        ListingKey, ListingLog, ListingOutcome, RefreshLog, RefreshOutcome, RefreshedAccount,
    },
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

/// Logs tokens that backends get with tracing: the audit log.
pub(super) struct TracedExchanges;

impl ExchangeLog for TracedExchanges {
    fn handed(&self, token: &HandedToken) {
        let HandedToken { actor, subject, provider, account, tenant, resource, scopes } = token;
        tracing::info!(
            actor = actor.as_str(),
            subject,
            provider = provider.as_str(),
            account = account.as_str(),
            tenant = tenant.as_str(),
            %resource,
            scope = clean(&scopes.join(" "), MAX_MESSAGE_LEN),
            "token exchange"
        );
    }
}

/// Logs listings with tracing.
pub(super) struct TracedListings;

impl ListingLog for TracedListings {
    fn begin(&self, listing: &ListingKey) -> EndListing {
        let (listing, started) = (listing.clone(), Instant::now());
        Box::new(move |outcome| log_listing(&listing, &outcome, started))
    }
}

fn log_listing(listing: &ListingKey, outcome: &ListingOutcome<'_>, started: Instant) {
    let provider = listing.provider.as_str();
    let (tenant, subject) = (listing.person.tenant.as_str(), listing.person.subject.as_str());
    let milliseconds = milliseconds(started);
    let (outcome, why) = match outcome {
        ListingOutcome::Listed(listed) => {
            tracing::info!(provider, tenant, subject, outcome = "listed", milliseconds, "listing");
            return log_missing(listing, listed);
        }
        ListingOutcome::Superseded => {
            let outcome = "superseded";
            return tracing::info!(provider, tenant, subject, outcome, milliseconds, "listing");
        }
        ListingOutcome::NeedsSignIn => ("needs_sign_in", None),
        ListingOutcome::NoToken(error) => ("no_token", error.map(message)),
        ListingOutcome::Failed(error) => ("failed", Some(message(error))),
        ListingOutcome::NotStored(error) => ("not_stored", Some(message(error))),
    };
    tracing::warn!(provider, tenant, subject, outcome, milliseconds, why, "listing");
}

/// A line for each warning and each failed request, as for the listing of a login.
fn log_missing(listing: &ListingKey, listed: &DatedListing) {
    let provider = listing.provider.as_str();
    let (tenant, subject) = (listing.person.tenant.as_str(), listing.person.subject.as_str());
    for warning in &listed.listing.warnings {
        tracing::warn!(provider, tenant, subject, warning, "the listing is incomplete");
    }
    for incident in &listed.incidents {
        let (what, why) = (&incident.what, &incident.why);
        tracing::warn!(provider, tenant, subject, what, why, "the listing is incomplete");
    }
}

fn milliseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn log(account: &RefreshedAccount, outcome: &RefreshOutcome<'_>, started: Instant) {
    let provider = account.provider.as_str();
    let (tenant, subject) = (account.person.tenant.as_str(), account.person.subject.as_str());
    let milliseconds = milliseconds(started);
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
