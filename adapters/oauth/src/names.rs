//! Asynchronous DNS resolver with a cache: limits concurrent lookups, shares the lookup of a name
//! among its callers, and has a timeout.
//!
//! Every HTTP client, so every provider, has its own: a provider whose name servers do not answer
//! uses up only its own permits.

mod servers;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use self::servers::Resolver;
pub use self::servers::{InvalidNameServer, NameServers};

/// Timeout of a lookup, the wait for a permit included.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);
/// The most concurrent lookups.
const MAX_CONCURRENT: usize = 8;
/// The most cached names. A provider has two or three; one with a pattern of hosts may have more.
const MAX_NAMES: usize = 64;
/// The most cached addresses of a name.
const MAX_ADDRESSES: usize = 32;
/// Bounds of the time for which addresses are cached; their time to live is clamped to it.
const TTL: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(300);
/// How long a failure is cached: callers that wait for the same name share it.
const FAILURE_TTL: Duration = Duration::from_secs(1);

/// Resolves host names.
pub(crate) trait Lookup: fmt::Debug + Send + Sync {
    /// The addresses of this name, in the order in which to try them.
    fn look_up(&self, name: String) -> PendingLookup;
}

/// A lookup in progress.
pub(crate) type PendingLookup = Pin<Box<dyn Future<Output = LookupResult> + Send>>;

/// The addresses, or why there are none.
pub(crate) type LookupResult = Result<Vec<IpAddr>, String>;

/// The resolver of one provider.
pub(crate) struct Names {
    resolver: Arc<Resolver>,
    permits: Arc<Semaphore>,
    cache: Mutex<HashMap<String, Shared<BoxFuture<'static, CacheEntry>>>>,
}

#[derive(Clone)]
struct CacheEntry {
    result: LookupResult,
    expires_at: Instant,
}

impl Names {
    pub(crate) fn new(servers: NameServers) -> Self {
        Self {
            resolver: Arc::new(Resolver::new(servers)),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            cache: Mutex::default(),
        }
    }

    /// The lookup of this name that is in progress or cached, or a new one.
    fn lookup(&self, name: String) -> Shared<BoxFuture<'static, CacheEntry>> {
        let now = Instant::now();
        let is_valid = |lookup: &Shared<_>| match lookup.peek() {
            Some(CacheEntry { expires_at, .. }) => *expires_at > now,
            None => true,
        };
        let mut cache = lock(&self.cache);
        if let Some(lookup) = cache.get(&name).filter(|lookup| is_valid(lookup)) {
            return lookup.clone();
        }
        cache.retain(|_, lookup| is_valid(lookup));
        let lookup = self.query(name.clone()).boxed().shared();
        if cache.len() < MAX_NAMES {
            cache.insert(name, lookup.clone());
        }
        lookup
    }

    fn query(&self, name: String) -> impl Future<Output = CacheEntry> + Send + 'static {
        let (permits, resolver) = (self.permits.clone(), self.resolver.clone());
        async move {
            let query = async {
                let permit = permits.acquire().await;
                let _permit = permit.map_err(|_| "the semaphore is closed".to_owned())?;
                resolver.addresses(&name).await
            };
            let (result, ttl) = match timeout(LOOKUP_TIMEOUT, query).await {
                Ok(Ok((mut addresses, ttl))) => {
                    addresses.truncate(MAX_ADDRESSES);
                    (Ok(addresses), ttl.clamp(*TTL.start(), *TTL.end()))
                }
                Ok(Err(error)) => (Err(error), FAILURE_TTL),
                Err(_) => {
                    // Closes the connections, so that late responses are not read.
                    resolver.reset();
                    (Err("no name server answered in time".to_owned()), FAILURE_TTL)
                }
            };
            CacheEntry { result, expires_at: Instant::now() + ttl }
        }
    }
}

impl Lookup for Names {
    fn look_up(&self, name: String) -> PendingLookup {
        let lookup = self.lookup(name);
        if lookup.peek().is_none() {
            // Spawned, so that it goes on for other callers when the first one is cancelled.
            tokio::spawn(lookup.clone());
        }
        Box::pin(async move { lookup.await.result })
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("resolver", &self.resolver).finish_non_exhaustive()
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
