//! Signals: SIGTERM, SIGINT and SIGQUIT stop the process, SIGHUP reloads the configuration.

use std::{future::Future, io};

use tokio::signal::unix::{self, SignalKind, signal};

/// Resolves on a stop signal. The handlers are installed by the call, not by the first poll, so a signal
/// during the start is not lost.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + use<>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = quit.recv() => {}
        }
    })
}

/// Signals whose default action would terminate a serving process.
pub struct OtherSignals {
    reload: unix::Signal,
    user1: unix::Signal,
    user2: unix::Signal,
}

/// A signal that does not stop the process.
pub(crate) enum Signal {
    /// SIGHUP: reload the configuration.
    Reload,
    /// Ignored; its name.
    Ignored(&'static str),
}

impl OtherSignals {
    /// Installs the handlers.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            reload: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
        })
    }

    /// The next signal.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.reload.recv() => Signal::Reload,
            _ = self.user1.recv() => Signal::Ignored("SIGUSR1"),
            _ = self.user2.recv() => Signal::Ignored("SIGUSR2"),
        }
    }
}
