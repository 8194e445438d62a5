//! The program of `make soak`: `portico-soak visits [SECONDS [PLOT.svg]]` and `portico-soak attacks
//! [SECONDS [TEXT]]`, with the time per attack and a part of the names of the attacks to run.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "it prints figures"
)]

use std::{env, path::Path, process::ExitCode, time::Duration};

use portico_soak::{Attack, Measure, draw, soak, starvation};

/// Maximum ratio of the reads' p99 during an attack to that without it.
const MAX_RATIO: f64 = 2.0;
/// Number of turns into which the time is divided.
const TURNS: u32 = 5;

/// Maximum growth of memory after the warm-up.
const MAX_GROWTH: f64 = 0.05;
/// Maximum growth of open descriptors; the load's own connections fluctuate.
const MAX_DESCRIPTORS: i64 = 8;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let seconds = |usual: u64| {
        let seconds = arguments.get(1).map_or(usual, |text| text.parse().unwrap());
        Duration::from_secs(seconds)
    };
    let passed = match arguments.first().map(String::as_str) {
        Some("visits") => {
            let plot = arguments.get(2).map_or("target/soak.svg", String::as_str);
            visits(seconds(600), plot.as_ref()).await
        }
        Some("attacks") => {
            let text = arguments.get(2).map_or("", String::as_str);
            attacks(seconds(20), text).await
        }
        _ => {
            eprintln!("portico-soak visits [SECONDS [PLOT.svg]] | attacks [SECONDS [TEXT]]");
            return ExitCode::from(2);
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the soak; returns whether memory, descriptors and errors are within their limits.
async fn visits(time: Duration, plot: &Path) -> bool {
    let report = soak(time).await;
    draw(&report, plot).unwrap();
    let (growth, more) = (report.growth(), report.descriptor_growth());
    let first = report.samples.first().unwrap();
    let last = report.samples.last().unwrap();
    println!("measured capacity   {:.1} visits a second", report.capacity);
    println!("visits made         {} in {time:?}, at half of it", report.visits);
    println!("first error         {}", report.first_error.as_deref().unwrap_or("none"));
    println!(
        "memory              {} MiB at first, {} at last, {:+.1} % after the warm-up (at most 5)",
        first.resident >> 20,
        last.resident >> 20,
        growth * 100.0
    );
    println!(
        "descriptors         {} at start, {} at end, {more:+} after the warm-up",
        first.descriptors, last.descriptors
    );
    println!("plot                {}", plot.display());
    report.first_error.is_none() && growth < MAX_GROWTH && more <= MAX_DESCRIPTORS
}

/// Runs the attacks whose name contains `text`; returns whether all are within the limits.
async fn attacks(time: Duration, text: &str) -> bool {
    let measure = Measure { turns: TURNS, turn: time / TURNS, alone: true };
    let mut passed = true;
    for attack in Attack::ALL.into_iter().filter(|it| it.to_string().contains(text)) {
        let it = starvation(attack, measure).await;
        let ((alone, during_attack), ratio) = (it.p99, it.ratio());
        println!(
            "{attack}\n  ratio {ratio:.2}: p99 of {} reads {during_attack:.2?}, without the attack {alone:.2?}; \
             {} attempts, {} MiB of memory at most; first error: {}",
            it.reads,
            it.attempts,
            it.memory >> 20,
            it.first_error.as_deref().unwrap_or("none")
        );
        passed &= it.first_error.is_none() && ratio <= MAX_RATIO;
    }
    passed
}
