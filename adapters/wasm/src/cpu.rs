//! Processor time of one instance, measured as the CPU time of the thread that runs it: the time of
//! other threads on a busy machine does not count.

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

/// Processor time of one instance over all its calls. One thread at a time runs it.
#[derive(Default)]
pub(crate) struct CpuTime {
    /// Nanoseconds of finished polls.
    spent: AtomicU64,
    /// The thread's CPU time when the current poll began.
    poll_began: AtomicU64,
}

impl CpuTime {
    /// Time spent, the current poll included. Called by the thread that runs the instance.
    pub(crate) fn spent_with_current_poll(&self) -> Duration {
        let poll = thread_cpu_time().saturating_sub(self.poll_began.load(Ordering::Relaxed));
        Duration::from_nanos(self.spent.load(Ordering::Relaxed).saturating_add(poll))
    }

    /// Time spent in finished polls.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    /// Runs `work` and adds up the time of each poll.
    pub(crate) async fn measure<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            let began = thread_cpu_time();
            self.poll_began.store(began, Ordering::Relaxed);
            let poll = work.as_mut().poll(context);
            self.spent.fetch_add(thread_cpu_time().saturating_sub(began), Ordering::Relaxed);
            poll
        })
        .await
    }
}

/// CPU time of this thread in nanoseconds.
fn thread_cpu_time() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanoseconds) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(nanoseconds: u64) {
        let began = thread_cpu_time();
        while thread_cpu_time() - began < nanoseconds {}
    }

    #[tokio::test]
    async fn measure_adds_up_polls_of_its_work_only() {
        let cpu = Arc::new(CpuTime::default());
        let cpu_in_work = Arc::clone(&cpu);
        let work = Arc::clone(&cpu).measure(async move {
            for _ in 0..3 {
                compute(1_000_000);
                tokio::task::yield_now().await;
            }
            compute(1_000_000);
            cpu_in_work.spent_with_current_poll()
        });
        let other_work = async {
            for _ in 0..3 {
                compute(20_000_000);
                tokio::task::yield_now().await;
            }
        };
        let (within, ()) = tokio::join!(work, other_work);
        let spent = cpu.spent();
        assert!(spent >= within && within >= Duration::from_millis(4), "{within:?} of {spent:?}");
        assert!(spent < Duration::from_millis(20), "{spent:?}");
    }
}
