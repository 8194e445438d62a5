//! Samples memory and descriptors of a process from /proc.

use std::{
    fs,
    time::{Duration, Instant},
};

use portico_e2e::Portico;

/// One sample.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Seconds since the load began.
    pub at: f64,
    /// Resident memory in bytes (`VmRSS`, proc_pid_status(5)).
    pub resident: u64,
    /// Number of open descriptors (proc_pid_fd(5)).
    pub descriptors: u64,
}

/// Sampling interval, and minimum number of samples.
const SAMPLE_INTERVAL: Duration = Duration::from_secs(2);
const MIN_SAMPLES: u32 = 40;

pub(crate) async fn collect(portico: &Portico, time: Duration) -> Vec<Sample> {
    let started = Instant::now();
    let mut ticks = tokio::time::interval(SAMPLE_INTERVAL.min(time / MIN_SAMPLES));
    let mut samples = Vec::new();
    while started.elapsed() < time {
        ticks.tick().await;
        let at = started.elapsed().as_secs_f64();
        let (resident, _) = portico.memory();
        samples.push(Sample { at, resident, descriptors: descriptors(portico) });
    }
    samples
}

fn descriptors(portico: &Portico) -> u64 {
    fs::read_dir(format!("/proc/{}/fd", portico.id())).unwrap().count() as u64
}
