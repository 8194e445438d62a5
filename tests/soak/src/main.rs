//! `portico-soak [SECONDS [PLOT.svg]]`: `make soak` runs it for ten minutes.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures")]

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use portico_soak::{beside, draw, soak, starvations};

/// How many times as long the 99th percentile of others' reads may be beside an attack, and for how
/// long each is measured at most.
const MOST_TIMES: f64 = 2.0;
const ATTACKED_FOR: Duration = Duration::from_secs(20);

/// How much memory may grow after the warm-up.
const MOST_GROWTH: f64 = 0.05;
/// How many descriptors more may be open: those of the load's own connections vary.
const MOST_DESCRIPTORS: i64 = 8;
/// How many times as long other people's reads may take beside an attack.
const MOST_RATIO: f64 = 2.0;
/// How long each attack lasts.
const BESIDE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let seconds = arguments.next().map_or(600, |text| text.parse().unwrap());
    let plot = PathBuf::from(arguments.next().unwrap_or_else(|| "target/soak.svg".into()));
    let report = soak(Duration::from_secs(seconds)).await;
    draw(&report, &plot).unwrap();
    let (growth, more) = (report.growth(), report.more_descriptors());
    let first = report.samples.first().unwrap();
    let last = report.samples.last().unwrap();
    println!("measured capacity   {:.1} visits a second", report.capacity);
    println!("visits made         {} in {seconds} s, at half of it", report.visits);
    println!("went wrong          {}", report.wrong.as_deref().unwrap_or("none"));
    println!(
        "memory              {} MiB at first, {} at last, {:+.1} % after the warm-up (at most 5)",
        first.resident >> 20,
        last.resident >> 20,
        growth * 100.0
    );
    println!(
        "descriptors         {} at first, {} at last, {more:+} after the warm-up",
        first.descriptors, last.descriptors
    );
    println!("plot                {}", plot.display());
    let attacks = beside(BESIDE).await;
    for it in &attacks {
        println!(
            "beside {}: {} reads of sessions, p99 {:.2?}, without {:.2?}: {:.2} times (at most 2); \
             {} attacks ended, {} MiB at most",
            it.attack,
            it.reads,
            it.beside,
            it.calm,
            it.ratio(),
            it.attacks,
            it.memory >> 20
        );
    }
    let fair = attacks.iter().all(|it| it.ratio() <= MOST_RATIO);
    let mut good =
        fair && report.wrong.is_none() && growth < MOST_GROWTH && more <= MOST_DESCRIPTORS;
    for starvation in starvations(ATTACKED_FOR.min(Duration::from_secs(seconds))).await {
        let (attack, reads, (alone, beside)) =
            (starvation.attack, starvation.reads, starvation.p99);
        let factor = starvation.factor();
        println!("beside              {attack}");
        println!(
            "  reads of others   {reads}, p99 {beside:.1?}, without it {alone:.1?}: {factor:.1} times \
             as long (at most {MOST_TIMES})"
        );
        println!("  went wrong        {}", starvation.wrong.as_deref().unwrap_or("none"));
        good &= starvation.wrong.is_none() && factor <= MOST_TIMES;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
