//! Answers 503 on connections that are not admitted.

use std::{sync::Arc, time::Duration};

use socket2::Socket;
use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

use crate::{
    error::{ErrorCode, Failure},
    response::CorrelationIds,
};

/// The most concurrent refusals. Beyond it a connection is closed without a response, so that a
/// network over its limit costs others nothing.
const MAX_REFUSALS: usize = 2_048;

/// Timeout for the first bytes of the request and for reading the response.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(3);

/// Refuses connections.
#[derive(Clone)]
pub(super) struct Refusals {
    correlations: CorrelationIds,
    permits: Arc<Semaphore>,
}

impl Refusals {
    pub(super) fn new(correlations: CorrelationIds) -> Self {
        Self { correlations, permits: Arc::new(Semaphore::new(MAX_REFUSALS)) }
    }

    /// Answers 503 and closes the connection, in the background.
    pub(super) fn refuse(&self, stream: TcpStream) {
        let Ok(permit) = self.permits.clone().try_acquire_owned() else { return };
        let response = self.response();
        tokio::spawn(async move {
            let _ = timeout(REFUSAL_TIMEOUT, send(stream, &response)).await;
            drop(permit);
        });
    }

    /// [`Self::refuse`] for a socket.
    pub(super) fn refuse_socket(&self, socket: Socket) {
        if let Ok(stream) = TcpStream::from_std(socket.into()) {
            self.refuse(stream);
        }
    }

    fn response(&self) -> String {
        let correlation = self.correlations.draw();
        tracing::debug!(correlation, "connection refused");
        let body = Failure::from(ErrorCode::Full).json(&correlation);
        format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
             cache-control: no-store\r\nretry-after: 1\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// Waits for the first bytes of the request, since HTTP clients treat a response without a request as
/// an error. Then reads to the end: closing a socket with unread bytes resets it, and the client may
/// lose the response (RFC 9112 section 9.6).
async fn send(mut stream: TcpStream, response: &str) -> io::Result<()> {
    let mut unread = [0; 1_024];
    if stream.read(&mut unread).await? == 0 {
        return Ok(());
    }
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await?;
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}
