//! A cached value with single-flight fetches: one caller fetches, the others wait for its result or
//! use a stale value.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use portico_domain::{ports::IdentityProviderError, time::Timestamp};
use tokio::{sync::Mutex, time::Instant};

/// How long a stale value is served after a failed fetch before the next attempt.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// Whether a cached value may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Used without a fetch.
    Fresh,
    /// Fetched again, and used if that fails.
    Stale,
    /// Not used.
    Expired,
}

/// A value and when it was fetched.
#[derive(Debug)]
pub(crate) struct Dated<T> {
    pub(crate) value: T,
    pub(crate) fetched_at: Timestamp,
}

impl<T> Dated<T> {
    /// Fresh for an hour, then stale until a day has passed. Stale if the clock was set back: the age
    /// is unknown.
    pub(crate) fn age(&self, now: Timestamp) -> Age {
        if now < self.fetched_at {
            return Age::Stale;
        }
        match now.since(self.fetched_at).as_secs() {
            0..3_600 => Age::Fresh,
            3_600..86_400 => Age::Stale,
            _ => Age::Expired,
        }
    }
}

/// A cached value that one caller at a time fetches.
pub(crate) struct Shared<T> {
    cached: RwLock<Option<Arc<T>>>,
    /// Held during a fetch; holds the last failure.
    flight: Mutex<Option<Failure>>,
}

struct Failure {
    at: Instant,
    error: IdentityProviderError,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { cached: RwLock::default(), flight: Mutex::default() }
    }
}

impl<T> Shared<T> {
    /// The cached value if it is fresh, else a fetched one.
    ///
    /// A failure is returned to all callers that waited for that fetch; a later caller fetches again.
    pub(crate) async fn get(
        &self,
        age: impl Fn(&T) -> Age,
        fetch: impl Future<Output = Result<T, IdentityProviderError>>,
    ) -> Result<Arc<T>, IdentityProviderError> {
        let called_at = Instant::now();
        let stale = match self.cached(&age) {
            Some((value, Age::Fresh)) => return Ok(value),
            Some((value, Age::Stale)) => Some(value),
            Some((_, Age::Expired)) | None => None,
        };
        let mut failure = match (self.flight.try_lock(), &stale) {
            (Ok(flight), _) => flight,
            (Err(_), Some(value)) => return Ok(value.clone()),
            (Err(_), None) => self.flight.lock().await,
        };
        if let Some((value, Age::Fresh)) = self.cached(&age) {
            return Ok(value);
        }
        if let Some(failure) = failure.as_ref() {
            let retry_at = if stale.is_some() { failure.at + RETRY_INTERVAL } else { failure.at };
            if called_at < retry_at {
                return stale.ok_or_else(|| failure.error.clone());
            }
        }
        match fetch.await {
            Ok(value) => {
                *failure = None;
                Ok(self.store(value))
            }
            Err(error) => {
                *failure = Some(Failure { at: Instant::now(), error: error.clone() });
                stale.ok_or(error)
            }
        }
    }

    /// A newer value than `seen`: the cached one if another caller has replaced it, else a fetched one
    /// if `allowed`, else `seen`.
    pub(crate) async fn renew(
        &self,
        seen: &Arc<T>,
        allowed: impl FnOnce() -> bool,
        fetch: impl Future<Output = Result<T, IdentityProviderError>>,
    ) -> Result<Arc<T>, IdentityProviderError> {
        let _flight = self.flight.lock().await;
        match self.cached(|_| Age::Fresh) {
            Some((newer, _)) if !Arc::ptr_eq(&newer, seen) => Ok(newer),
            _ if !allowed() => Ok(seen.clone()),
            _ => Ok(self.store(fetch.await?)),
        }
    }

    /// The cached value, fresh or stale, without a fetch.
    pub(crate) fn peek(&self, age: impl Fn(&T) -> Age) -> Option<Arc<T>> {
        self.cached(age).filter(|(_, age)| *age != Age::Expired).map(|(value, _)| value)
    }

    fn cached(&self, age: impl Fn(&T) -> Age) -> Option<(Arc<T>, Age)> {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().map(|value| (value.clone(), age(value)))
    }

    fn store(&self, value: T) -> Arc<T> {
        let value = Arc::new(value);
        *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Some(value.clone());
        value
    }
}

#[cfg(test)]
mod tests;
