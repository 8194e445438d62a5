//! A future whose thread yields the processor more often than the scheduler would preempt it.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::{Duration, Instant},
};

/// Run time after which a thread yields. Without it a woken request thread waits for the end of the
/// running thread's time slice (about 3 ms in Linux), whatever the nice values are.
const YIELD_INTERVAL: Duration = Duration::from_micros(200);

thread_local! {
    /// How long this thread has run since its last yield.
    static RUN_TIME: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Wraps a future; after a poll, its thread calls sched_yield(2) once [`YIELD_INTERVAL`] is used up.
pub(crate) struct Yielding<Work>(Pin<Box<Work>>);

impl<Work> Yielding<Work> {
    pub(crate) fn new(work: Work) -> Self {
        Self(Box::pin(work))
    }
}

impl<Work: Future> Future for Yielding<Work> {
    type Output = Work::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Work::Output> {
        let started_at = Instant::now();
        let poll = self.0.as_mut().poll(context);
        let run_time = RUN_TIME.get() + started_at.elapsed();
        if run_time < YIELD_INTERVAL {
            RUN_TIME.set(run_time);
        } else {
            RUN_TIME.set(Duration::ZERO);
            thread::yield_now();
        }
        poll
    }
}
