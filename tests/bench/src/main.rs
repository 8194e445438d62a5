//! Measures the release build of `portico` from outside: `make bench`.
//!
//! Figures that depend on the machine are ratios to a yardstick of the same run; the others are
//! printed with their bound. No figure fails a test. An argument selects one part: `idle`,
//! `logins`, `plugins`, `session`, `tenants`, `tokens` or `million`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures")]

mod idle;
mod logins;
mod plugins;
mod session;
mod sessions;
mod tenants;
mod tokens;
mod yardstick;

#[tokio::main]
async fn main() {
    println!("Portico, release build, {} cores", std::thread::available_parallelism().unwrap());
    let only = std::env::args().nth(1);
    let is_selected = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if is_selected("idle") {
        idle::measure().await;
    }
    if is_selected("logins") {
        logins::measure().await;
    }
    if is_selected("plugins") {
        plugins::measure().await;
    }
    if is_selected("session") {
        session::measure(&session::HUNDRED_THOUSAND).await;
    }
    if is_selected("tenants") {
        tenants::measure().await;
    }
    if is_selected("tokens") {
        tokens::measure().await;
    }
    // Not among all of them: it takes minutes, and gigabytes of disk.
    if only.as_deref() == Some("million") {
        session::measure(&session::MILLION).await;
    }
}

/// Prints one line of the report: name, figure and bound.
fn report(what: &str, figure: &str, bound: &str) {
    println!("{what:<58} {figure:>14}   {bound}");
}

/// The median.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
