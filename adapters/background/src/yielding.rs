//! Work that lets others have the processor sooner than the system would take it away.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::{Duration, Instant},
};

/// How long a thread runs until it yields. The system lets a thread have its slice, some three
/// milliseconds, whatever its nice value is, before one that has woken up gets its turn.
const YIELDS_AFTER: Duration = Duration::from_micros(200);

thread_local! {
    /// How long this thread has run since it yielded.
    static RAN: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Work whose thread yields (sched_yield(2)) between two polls, once it has run for a while.
pub(crate) struct Yielding<Work>(Pin<Box<Work>>);

impl<Work> Yielding<Work> {
    pub(crate) fn new(work: Work) -> Self {
        Self(Box::pin(work))
    }
}

impl<Work: Future> Future for Yielding<Work> {
    type Output = Work::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Work::Output> {
        let begun = Instant::now();
        let polled = self.0.as_mut().poll(context);
        let ran = RAN.get() + begun.elapsed();
        if ran < YIELDS_AFTER {
            RAN.set(ran);
        } else {
            RAN.set(Duration::ZERO);
            thread::yield_now();
        }
        polled
    }
}
