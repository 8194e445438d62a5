//! A value that one caller fetches while the others wait for its outcome, or go on with the one
//! before.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use portico_domain::{ports::IdentityProviderError, time::Timestamp};
use tokio::{sync::Mutex, time::Instant};

/// How long a value that could not be renewed is served before the next try.
const PAUSE: Duration = Duration::from_secs(30);

/// What a kept value is still good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Served as it is.
    Fresh,
    /// Renewed, and served where that fails.
    Stale,
    /// Not served any more.
    Spent,
}

/// A value and when it was fetched.
#[derive(Debug)]
pub(crate) struct Dated<T> {
    pub(crate) value: T,
    pub(crate) fetched_at: Timestamp,
}

impl<T> Dated<T> {
    /// Fresh for an hour, served for a day. Where the clock went backwards its age is unknown.
    pub(crate) fn age(&self, now: Timestamp) -> Age {
        if now < self.fetched_at {
            return Age::Stale;
        }
        match now.since(self.fetched_at).as_secs() {
            0..3_600 => Age::Fresh,
            3_600..86_400 => Age::Stale,
            _ => Age::Spent,
        }
    }
}

/// A value that one caller at a time fetches.
pub(crate) struct Shared<T> {
    kept: RwLock<Option<Arc<T>>>,
    /// Held by whoever fetches; inside is how that failed last.
    flight: Mutex<Option<Failure>>,
}

struct Failure {
    at: Instant,
    error: IdentityProviderError,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { kept: RwLock::default(), flight: Mutex::default() }
    }
}

impl<T> Shared<T> {
    /// The kept value while it is fresh, a new one otherwise.
    ///
    /// A failure is told to everybody who waited for it and to nobody else: whoever comes after it
    /// tries again.
    pub(crate) async fn get(
        &self,
        age: impl Fn(&T) -> Age,
        fetch: impl Future<Output = Result<T, IdentityProviderError>>,
    ) -> Result<Arc<T>, IdentityProviderError> {
        let arrived = Instant::now();
        let stale = match self.kept(&age) {
            Some((value, Age::Fresh)) => return Ok(value),
            Some((value, Age::Stale)) => Some(value),
            Some((_, Age::Spent)) | None => None,
        };
        let mut failure = match (self.flight.try_lock(), &stale) {
            (Ok(flight), _) => flight,
            (Err(_), Some(value)) => return Ok(value.clone()),
            (Err(_), None) => self.flight.lock().await,
        };
        if let Some((value, Age::Fresh)) = self.kept(&age) {
            return Ok(value);
        }
        if let Some(failure) = failure.as_ref() {
            let retry_at = if stale.is_some() { failure.at + PAUSE } else { failure.at };
            if arrived < retry_at {
                return stale.ok_or_else(|| failure.error.clone());
            }
        }
        match fetch.await {
            Ok(value) => {
                *failure = None;
                Ok(self.keep(value))
            }
            Err(error) => {
                *failure = Some(Failure { at: Instant::now(), error: error.clone() });
                stale.ok_or(error)
            }
        }
    }

    /// A newer value than `seen`: somebody else's, or, where `allowed`, one fetched now. Otherwise
    /// `seen` again.
    pub(crate) async fn renew(
        &self,
        seen: &Arc<T>,
        allowed: impl FnOnce() -> bool,
        fetch: impl Future<Output = Result<T, IdentityProviderError>>,
    ) -> Result<Arc<T>, IdentityProviderError> {
        let _flight = self.flight.lock().await;
        match self.kept(|_| Age::Fresh) {
            Some((newer, _)) if !Arc::ptr_eq(&newer, seen) => Ok(newer),
            _ if !allowed() => Ok(seen.clone()),
            _ => Ok(self.keep(fetch.await?)),
        }
    }

    /// The kept value, fresh or stale; nothing is fetched.
    pub(crate) fn peek(&self, age: impl Fn(&T) -> Age) -> Option<Arc<T>> {
        self.kept(age).filter(|(_, age)| *age != Age::Spent).map(|(value, _)| value)
    }

    fn kept(&self, age: impl Fn(&T) -> Age) -> Option<(Arc<T>, Age)> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|value| (value.clone(), age(value)))
    }

    fn keep(&self, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(value.clone());
        value
    }
}

#[cfg(test)]
mod tests;
