//! A thread that increments the engine's epoch every 10 ms, so that running instances are interrupted.
//!
//! It parks while no call runs, and ends when the last sandbox is dropped.

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

/// The interval of epoch increments.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Ticks without a call before the thread parks: unparking it costs more than a call.
const IDLE_TICKS: u32 = 100;

/// Increments the epoch until it is dropped.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    running_calls: AtomicUsize,
    stop: AtomicBool,
}

/// A running call: the ticker does not park until it is dropped.
pub(crate) struct CallGuard<'a>(&'a Shared);

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let shared =
            Arc::new(Shared { running_calls: AtomicUsize::new(0), stop: AtomicBool::new(false) });
        let (of_thread, engine) = (Arc::clone(&shared), engine.clone());
        let builder = thread::Builder::new().name("wasm ticker".into());
        let thread = builder.spawn(move || of_thread.tick(&engine))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Counts a call until the guard is dropped.
    pub(crate) fn begin_call(&self) -> CallGuard<'_> {
        if self.shared.running_calls.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(thread) = &self.thread
        {
            thread.thread().unpark();
        }
        CallGuard(&self.shared)
    }
}

impl Shared {
    fn tick(&self, engine: &Engine) {
        let mut idle = 0;
        while !self.stop.load(Ordering::SeqCst) {
            idle = if self.running_calls.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
            if idle > IDLE_TICKS {
                // A call or a stop after the loads above unparks this thread first: `park` then
                // returns at once.
                thread::park();
                idle = 0;
            } else {
                thread::sleep(TICK);
                engine.increment_epoch();
            }
        }
    }
}

impl Drop for CallGuard<'_> {
    fn drop(&mut self) {
        self.0.running_calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread reads `stop` once a tick. It cannot panic.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_ticker_ends_its_thread() {
        let ticker = Ticker::start(&Engine::default()).unwrap();
        let shared = Arc::downgrade(&ticker.shared);
        drop(ticker.begin_call());
        drop(ticker);
        assert!(shared.upgrade().is_none());
    }
}
