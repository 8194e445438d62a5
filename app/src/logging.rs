//! Log lines on standard error: for a person on a terminal, JSON everywhere else.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts logging by this filter. A second start in one process keeps the first.
pub fn start_logging(filter: &str) {
    // The configuration has refused what this cannot parse.
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let _ = if stderr().is_terminal() { lines.try_init() } else { lines.json().try_init() };
}
