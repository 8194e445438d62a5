//! When to stop, and what else a process may be told: an orchestrator sends SIGTERM, a person presses
//! Ctrl-C, whoever has changed a file sends SIGHUP.

use std::{future::Future, io};

use tokio::signal::unix::{self, SignalKind, signal};

/// Ready when the process was told to stop. The handlers stand from when this is called, not from
/// when it is first awaited: a signal during the start is not lost.
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

/// The signals that would end a process without a word, and shall not end one that serves.
pub struct OtherSignals {
    reload: unix::Signal,
    first: unix::Signal,
    second: unix::Signal,
}

/// What such a signal says.
pub(crate) enum Signal {
    /// SIGHUP: read the configuration again.
    Reload,
    /// Nothing: its name.
    Meaningless(&'static str),
}

impl OtherSignals {
    /// Stands for them from now on, as [`stop_signal`] does.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            reload: signal(SignalKind::hangup())?,
            first: signal(SignalKind::user_defined1())?,
            second: signal(SignalKind::user_defined2())?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.reload.recv() => Signal::Reload,
            _ = self.first.recv() => Signal::Meaningless("SIGUSR1"),
            _ = self.second.recv() => Signal::Meaningless("SIGUSR2"),
        }
    }
}
