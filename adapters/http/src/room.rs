//! Room for so many connections, and a word to those who come beyond.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

/// What a client hears that comes while every connection is taken.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\
                      connection: close\r\n\r\n";

/// How many clients at once are told so. Those beyond wait in the system's queue: somebody who is
/// slow to be refused keeps a turn for [`REFUSE_WITHIN`] at most.
const MOST_REFUSALS: usize = 1_024;

/// How long a refused client may go on sending: an answer to a client that is cut off while it
/// sends is lost.
const REFUSE_WITHIN: Duration = Duration::from_secs(1);

/// How often the log says that connections are refused.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Where connections are counted.
pub(crate) struct Room {
    connections: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    most: usize,
    refused: u64,
    said: Option<Instant>,
}

impl Room {
    /// Room for `most` connections.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(most)),
            refusals: Arc::new(Semaphore::new(MOST_REFUSALS)),
            most,
            refused: 0,
            said: None,
        }
    }

    /// Waits until the next connection can be taken up, be it to refuse it.
    pub(crate) async fn entrance(&self) -> Entrance {
        tokio::select! {
            biased;
            place = permit(&self.connections) => Entrance::Place(place),
            turn = permit(&self.refusals) => Entrance::Refusal(turn),
        }
    }

    /// The connection with its place, which it holds as long as it lasts; `None` where it was
    /// refused.
    pub(crate) fn admit(
        &mut self,
        entrance: Entrance,
        stream: TcpStream,
    ) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let turn = match entrance {
            Entrance::Place(place) => return Some((stream, place)),
            Entrance::Refusal(turn) => turn,
        };
        // A place may have come free since.
        if let Ok(place) = Arc::clone(&self.connections).try_acquire_owned() {
            return Some((stream, place));
        }
        tokio::spawn(async move {
            let _ = timeout(REFUSE_WITHIN, refuse(stream)).await;
            drop(turn);
        });
        self.refused += 1;
        if self.said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
            let (most, refused) = (self.most, self.refused);
            tracing::warn!(most, refused, "all connections are taken: others are refused");
            self.said = Some(Instant::now());
        }
        None
    }
}

/// What the next connection gets.
pub(crate) enum Entrance {
    /// A place.
    Place(OwnedSemaphorePermit),
    /// A turn to be told that there is none.
    Refusal(OwnedSemaphorePermit),
}

async fn permit(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    match Arc::clone(semaphore).acquire_owned().await {
        Ok(permit) => permit,
        // It was closed, which nobody does.
        Err(_) => pending().await,
    }
}

/// Answers once something was asked, since clients take an answer to nothing for a fault; then
/// reads on until the client has seen the end.
async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    let mut ignored = [0; 1_024];
    let _ = stream.read(&mut ignored).await?;
    stream.write_all(FULL).await?;
    stream.shutdown().await?;
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}
