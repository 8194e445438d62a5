//! What a process holds, as /proc says.

use std::{
    fs,
    time::{Duration, Instant},
};

use portico_e2e::Portico;

/// What a process held at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Seconds since the load began.
    pub at: f64,
    /// Bytes of memory (`VmRSS`, proc_pid_status(5)).
    pub resident: u64,
    /// Open descriptors (proc_pid_fd(5)).
    pub descriptors: u64,
}

/// How often it is looked at, and how many times at least.
const EVERY: Duration = Duration::from_secs(2);
const AT_LEAST: u32 = 40;

pub(crate) async fn watch(portico: &Portico, time: Duration) -> Vec<Sample> {
    let begun = Instant::now();
    let mut ticks = tokio::time::interval(EVERY.min(time / AT_LEAST));
    let mut samples = Vec::new();
    while begun.elapsed() < time {
        ticks.tick().await;
        let at = begun.elapsed().as_secs_f64();
        let (resident, _) = portico.memory();
        samples.push(Sample { at, resident, descriptors: descriptors(portico) });
    }
    samples
}

fn descriptors(portico: &Portico) -> u64 {
    fs::read_dir(format!("/proc/{}/fd", portico.id())).unwrap().count() as u64
}
