//! Looks names up without a thread: a few at a time, each once for all who ask, and no longer than
//! a connection may take.
//!
//! Every HTTP client, so every provider, has its own: one whose name servers do not answer uses up
//! its own turns.

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

/// How long a lookup may take, the wait for its turn included.
const WITHIN: Duration = Duration::from_secs(2);
/// How many names are looked up at once.
const AT_ONCE: usize = 8;
/// How many names are kept. A provider has two or three; one with a pattern of hosts may have more.
const MAX_NAMES: usize = 64;
/// How many of a name's addresses are kept.
const MAX_ADDRESSES: usize = 32;
/// How long addresses are kept, whatever their time to live says.
const KEPT: std::ops::RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(300);
/// How long a failure is kept: what waits for the same name needs no query of its own.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

/// Finds the addresses of names.
pub(crate) trait Lookup: fmt::Debug + Send + Sync {
    /// The addresses of this name, in the order in which to try them.
    fn look_up(&self, name: String) -> Looking;
}

/// A lookup under way.
pub(crate) type Looking = Pin<Box<dyn Future<Output = Found> + Send>>;

/// The addresses, or why there are none.
pub(crate) type Found = Result<Vec<IpAddr>, String>;

/// Names as one provider needs them.
pub(crate) struct Names {
    resolver: Arc<Resolver>,
    turns: Arc<Semaphore>,
    kept: Mutex<HashMap<String, Shared<BoxFuture<'static, Kept>>>>,
}

#[derive(Clone)]
struct Kept {
    found: Found,
    until: Instant,
}

impl Names {
    pub(crate) fn new(servers: NameServers) -> Self {
        Self {
            resolver: Arc::new(Resolver::new(servers)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            kept: Mutex::default(),
        }
    }

    /// The lookup of this name that is under way or still good, or a new one.
    fn lookup(&self, name: String) -> Shared<BoxFuture<'static, Kept>> {
        let now = Instant::now();
        let is_good = |lookup: &Shared<_>| match lookup.peek() {
            Some(Kept { until, .. }) => *until > now,
            None => true,
        };
        let mut kept = lock(&self.kept);
        if let Some(lookup) = kept.get(&name).filter(|lookup| is_good(lookup)) {
            return lookup.clone();
        }
        kept.retain(|_, lookup| is_good(lookup));
        let lookup = self.begin(name.clone()).boxed().shared();
        if kept.len() < MAX_NAMES {
            kept.insert(name, lookup.clone());
        }
        lookup
    }

    fn begin(&self, name: String) -> impl Future<Output = Kept> + Send + 'static {
        let (turns, resolver) = (self.turns.clone(), self.resolver.clone());
        async move {
            let looking = async {
                let _turn = turns.acquire().await.map_err(|_| "there are no turns".to_owned())?;
                resolver.addresses(&name).await
            };
            let (found, lives) = match timeout(WITHIN, looking).await {
                Ok(Ok((mut addresses, lives))) => {
                    addresses.truncate(MAX_ADDRESSES);
                    (Ok(addresses), lives.clamp(*KEPT.start(), *KEPT.end()))
                }
                Ok(Err(why)) => (Err(why), FAILURE_KEPT),
                Err(_) => {
                    // Whatever the name servers still send ends with their connections.
                    resolver.reset();
                    (Err("no name server answered in time".to_owned()), FAILURE_KEPT)
                }
            };
            Kept { found, until: Instant::now() + lives }
        }
    }
}

impl Lookup for Names {
    fn look_up(&self, name: String) -> Looking {
        let lookup = self.lookup(name);
        if lookup.peek().is_none() {
            // It goes on when whoever asked first has gone, as others may wait for it.
            tokio::spawn(lookup.clone());
        }
        Box::pin(async move { lookup.await.found })
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
