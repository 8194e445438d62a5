//! Limits the bytes that are read from a connection, below TLS and HTTP.
//!
//! All bytes from the peer are counted: handshakes, session tickets, empty records, interim
//! responses, heads, chunk extensions, trailers. So one limit also covers parts that no parser
//! bounds. Socket reads yield to other tasks (tokio's coop budget), so a peer that sends without
//! pause does not hold a worker thread.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many more bytes may be read from a connection. Clones share the count.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    pub(super) fn of(bytes: u64) -> Self {
        Self(Arc::new(bytes.into()))
    }

    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Relaxed);
    }

    /// Adds to the allowance, unless it is used up.
    pub(super) fn extend(&self, bytes: u64) {
        let add = |rest: u64| (rest > 0).then(|| rest.saturating_add(bytes));
        let _ = self.0.fetch_update(Relaxed, Relaxed, add);
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    fn spend(&self, bytes: u64) {
        let subtract = |rest: u64| Some(rest.saturating_sub(bytes));
        let _ = self.0.fetch_update(Relaxed, Relaxed, subtract);
    }
}

/// A stream whose reads fail once its allowance is used up; exceeds it by at most one buffer.
#[derive(Debug)]
pub(super) struct Metered<S> {
    pub(super) stream: S,
    pub(super) allowance: Allowance,
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.allowance.is_used_up() {
            return Poll::Ready(Err(io::Error::other("the peer sent more bytes than allowed")));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.allowance.spend((buffer.filled().len() - before) as u64);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
