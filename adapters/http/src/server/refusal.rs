//! Answers 503 to connections that are admitted nowhere, whatever they ask.

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

/// The most refusals under way at once; beyond them a connection is closed without an answer, so
/// that a network over its limit costs the others nothing.
const MAX_REFUSALS: usize = 2_048;

/// How long a refused client may take to ask and to read its answer.
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
        let answer = self.answer();
        tokio::spawn(async move {
            // Whether the client reads it is the client's affair.
            let _ = timeout(REFUSAL_TIMEOUT, send(stream, &answer)).await;
            drop(permit);
        });
    }

    /// The same, of a connection that is known by its socket.
    pub(super) fn refuse_socket(&self, socket: Socket) {
        if let Ok(stream) = TcpStream::from_std(socket.into()) {
            self.refuse(stream);
        }
    }

    fn answer(&self) -> String {
        let correlation = self.correlations.draw();
        tracing::debug!(correlation, "a connection was refused");
        let body = Failure::from(ErrorCode::Full).json(&correlation);
        format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
             cache-control: no-store\r\nretry-after: 1\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// An answer to no request is one that clients do not expect, so the first bytes of one are waited
/// for. The rest is read away unseen: a socket that is closed with unread bytes is reset, and the
/// answer with it (RFC 9112 section 9.6).
async fn send(mut stream: TcpStream, answer: &str) -> io::Result<()> {
    let mut unread = [0; 1_024];
    if stream.read(&mut unread).await? == 0 {
        return Ok(());
    }
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}
