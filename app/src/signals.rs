//! When to stop: an orchestrator sends SIGTERM, a person presses Ctrl-C.

use std::{future::Future, io};

use tokio::signal::unix::{SignalKind, signal};

/// Ready when the process was told to stop. The handlers stand from when this is called, not from
/// when it is first awaited: a signal during the start is not lost.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + use<>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
