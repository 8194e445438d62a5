//! What Portico says of itself.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::section::section;

section! {
    /// What Portico says of itself.
    Telemetry {
        log: String = log_filter {
            open: "PORTICO_LOG", key: "log",
            default: "info",
            help: "log filter: `error`, `warn`, `info`, `debug`, `trace` or `off`, and behind it levels for parts, such as `info,portico_http=debug`; lines are JSON when not on a terminal",
        }
    }
}

/// A filter by which Portico says something, or `off`. A word that is no level is the name of a module
/// to the filter, and of all others nothing would be heard.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    const MEND: &str = "write error, warn, info, debug, trace or off, and behind it for a part of \
                        Portico its level, such as info,portico_http=debug";
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_level = |part: &str| part.parse::<LevelFilter>().is_ok();
    // A span's fields may hold commas and equals signs of their own.
    let target = |part: &str| part.split(['=', '[']).next().unwrap_or_default().trim().to_owned();
    let of_portico = |part: &&str| is_level(part) || target(part).starts_with("portico");
    let has_spans = text.contains('[');
    let known = |part: &str| is_level(part) || part.contains('=') || part.starts_with("portico");
    let is_heard = parts.iter().all(|part| known(part)) && parts.iter().any(of_portico);
    if !has_spans && !is_heard {
        return Err(MEND.into());
    }
    let filter = parts.join(",");
    EnvFilter::try_new(&filter).map(|_| filter).map_err(|_| MEND.into())
}
