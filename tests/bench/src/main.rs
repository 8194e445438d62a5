//! Measures the release build of `portico` from outside: `make bench`.
//!
//! Figures that depend on the machine are ratios to a yardstick measured in the same run; the
//! others are printed beside the bound they are held to. Nothing here fails a test. A part is
//! measured alone by its name: `idle`, `logins`, `plugins` or `session`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures")]

mod idle;
mod logins;
mod plugins;
mod session;
mod sessions;

#[tokio::main]
async fn main() {
    println!("Portico, release build, {} cores", std::thread::available_parallelism().unwrap());
    let only = std::env::args().nth(1);
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if wanted("idle") {
        idle::measure().await;
    }
    if wanted("logins") {
        logins::measure().await;
    }
    if wanted("plugins") {
        plugins::measure().await;
    }
    if wanted("session") {
        session::measure().await;
    }
}

/// One line of the report: what, how much, and the bound.
fn report(what: &str, figure: &str, bound: &str) {
    println!("{what:<58} {figure:>14}   {bound}");
}

/// The middle of several figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
