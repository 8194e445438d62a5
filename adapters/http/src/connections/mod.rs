//! Room for so many connections, of one network and in all.
//!
//! Where there is no place left, a connection is let into a reserve: it may ask one thing, which is
//! answered where it is a health check or comes from somebody who is signed in, and refused in
//! words otherwise. So whoever fills the places keeps neither of them out.

mod held;
pub(crate) mod network;
mod pool;
pub(crate) mod shares;

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use self::pool::{Full, Most, Pool};
pub(crate) use self::{
    held::Held,
    pool::{AtOnce, Busy, ConnectionPermit},
};

/// How many connections the reserve takes. One address has the share of it that it has of all.
const RESERVE: usize = 1_024;

/// How long a connection in the reserve waits for its request before it gives way to another.
const KEEPS_IN_RESERVE: Duration = Duration::from_millis(250);

/// How long the next connection waits for the reserve: longer than those in it keep their places,
/// unless each of them is being answered.
const RESERVE_TIMEOUT: Duration = Duration::from_secs(1);

/// How many times as many connections as one address a /24 or /48 may have.
const WIDE: usize = 4;

/// How long a connection keeps its place while it waits for its next request, though others want
/// it.
const KEEPS: Duration = Duration::from_secs(1);

/// How often the log says that places are short.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Where connections are counted.
pub(crate) struct ConnectionLimit {
    places: Arc<Pool>,
    reserve: Arc<Pool>,
    most: usize,
    short: u64,
    said: Option<Instant>,
}

/// How a connection is let in.
pub(crate) enum Admission {
    /// With a place.
    ConnectionPermit(ConnectionPermit),
    /// Into the reserve.
    Reserve(ConnectionPermit),
    /// Not at all: its network has its share of the reserve, or all of it is being answered.
    None,
}

impl ConnectionLimit {
    /// Room for `most` connections, of which one address may have `of_one`.
    pub(crate) fn new(most: usize, of_one: usize) -> Self {
        let of_one = of_one.min(most);
        let places = Most { all: most, narrow: of_one, wide: of_one.saturating_mul(WIDE) };
        let share = (RESERVE * of_one / most).max(1);
        let reserve = Most { all: RESERVE, narrow: share, wide: share * WIDE };
        Self {
            places: Pool::new(places, KEEPS),
            reserve: Pool::new(reserve, KEEPS_IN_RESERVE),
            most,
            short: 0,
            said: None,
        }
    }

    /// Lets a connection of this client in; of a trusted proxy's, without a client.
    pub(crate) async fn admit(&mut self, client: Option<IpAddr>) -> Admission {
        if let Ok(place) = self.places.enter(client) {
            return Admission::ConnectionPermit(place);
        }
        self.short += 1;
        if self.said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
            let (most, short) = (self.most, self.short);
            tracing::warn!(
                most,
                short,
                "all connections of an address, of a network or in all are taken: only health \
                 checks and those who are signed in are answered there"
            );
            self.said = Some(Instant::now());
        }
        self.reserved(client).await.map_or(Admission::None, Admission::Reserve)
    }

    /// A place in the reserve. Where all of them are taken the next connections wait in the
    /// system's queue meanwhile.
    async fn reserved(&self, client: Option<IpAddr>) -> Option<ConnectionPermit> {
        let begun = Instant::now();
        loop {
            match self.reserve.enter(client) {
                Ok(place) => return Some(place),
                Err(Full::All) if begun.elapsed() < RESERVE_TIMEOUT => {
                    let _ = timeout(KEEPS_IN_RESERVE / 5, self.reserve.freed()).await;
                }
                Err(_) => return None,
            }
        }
    }
}
