//! Log lines on standard error: for a person on a terminal, JSON everywhere else.

use std::io::{IsTerminal, stderr};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, fmt, layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging by this filter. A second start in one process keeps the first.
pub fn start_logging(filter: &str) {
    // The configuration has refused what this cannot parse.
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(stderr);
    let lines = if stderr().is_terminal() { lines.boxed() } else { lines.json().boxed() };
    let lines = lines.with_filter(filter).with_filter(filter_fn(keeps_secrets));
    let _ = Registry::default().with(lines).try_init();
}

/// Libraries say at their most talkative what went through them, codes and cookies too: below a
/// warning they are not heard, whatever the filter says.
fn keeps_secrets(line: &Metadata<'_>) -> bool {
    line.target().starts_with("portico") || *line.level() <= Level::WARN
}
