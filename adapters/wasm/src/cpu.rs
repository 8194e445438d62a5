//! Processor time of one instance, as the thread that runs it had it: what others had meanwhile on a
//! busy machine does not count.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// What one instance has had, over all its calls. One thread at a time runs it.
#[derive(Default)]
pub(crate) struct CpuTime {
    /// Nanoseconds of the turns before.
    spent: AtomicU64,
    /// The thread's time when this turn began.
    turn_began: AtomicU64,
}

impl CpuTime {
    /// What was spent, this turn included. Called by the thread that runs the instance.
    pub(crate) fn spent_in_turn(&self) -> Duration {
        let turn = of_this_thread().saturating_sub(self.turn_began.load(Ordering::Relaxed));
        Duration::from_nanos(self.spent.load(Ordering::Relaxed).saturating_add(turn))
    }

    /// What was spent in turns that have ended.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    /// Runs this, and counts the time of every turn in which it is polled.
    pub(crate) async fn count<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            let began = of_this_thread();
            self.turn_began.store(began, Ordering::Relaxed);
            let polled = work.as_mut().poll(context);
            self.spent.fetch_add(of_this_thread().saturating_sub(began), Ordering::Relaxed);
            polled
        })
        .await
    }
}

/// Nanoseconds of processor time that this thread has had.
fn of_this_thread() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanoseconds) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(nanoseconds: u64) {
        let began = of_this_thread();
        while of_this_thread() - began < nanoseconds {}
    }

    #[tokio::test]
    async fn the_turns_of_the_work_count_and_those_between_do_not() {
        let cpu = Arc::new(CpuTime::default());
        let seen = Arc::clone(&cpu);
        let work = Arc::clone(&cpu).count(async move {
            for _ in 0..3 {
                compute(1_000_000);
                tokio::task::yield_now().await;
            }
            compute(1_000_000);
            seen.spent_in_turn()
        });
        let beside = async {
            for _ in 0..3 {
                compute(20_000_000);
                tokio::task::yield_now().await;
            }
        };
        let (within, ()) = tokio::join!(work, beside);
        let spent = cpu.spent();
        assert!(spent >= within && within >= Duration::from_millis(4), "{within:?} of {spent:?}");
        assert!(spent < Duration::from_millis(20), "{spent:?}");
    }
}
