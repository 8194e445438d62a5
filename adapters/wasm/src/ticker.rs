//! The clock that stops a guest: a thread that raises the engine's epoch every 10 ms.
//!
//! It sleeps while no guest runs, and ends with the last sandbox.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use wasmtime::Engine;

/// How often a running guest is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// For how many ticks without a guest it goes on: to wake a thread costs more than a call.
const LINGER: u32 = 100;

/// Ticks while it lives.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    /// Calls under way.
    calls: AtomicUsize,
    stop: AtomicBool,
}

/// A call under way: the ticker does not sleep while there is one.
pub(crate) struct Running<'a>(&'a Shared);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let shared = Arc::new(Shared { calls: AtomicUsize::new(0), stop: AtomicBool::new(false) });
        let (theirs, engine) = (Arc::clone(&shared), engine.clone());
        let ticker = thread::Builder::new().name("wasm ticker".into());
        let thread = ticker.spawn(move || theirs.tick(&engine))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Counts a call until the guard is dropped.
    pub(crate) fn begin(&self) -> Running<'_> {
        if self.shared.calls.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(thread) = &self.thread
        {
            thread.thread().unpark();
        }
        Running(&self.shared)
    }
}

impl Shared {
    fn tick(&self, engine: &Engine) {
        let mut idle = 0;
        while !self.stop.load(Ordering::SeqCst) {
            idle = if self.calls.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
            if idle > LINGER {
                // Whoever begins a call or ends the ticker after the loads above unparks: then
                // this returns at once.
                thread::park();
                idle = 0;
            } else {
                thread::sleep(TICK);
                engine.increment_epoch();
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It looks at `stop` once a tick, and it cannot panic.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_ends_with_its_ticker() {
        let ticker = Ticker::start(&Engine::default()).unwrap();
        let shared = Arc::downgrade(&ticker.shared);
        drop(ticker.begin());
        drop(ticker);
        assert!(shared.upgrade().is_none());
    }
}
