//! The log filter.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::section::section;

section! {
    /// The log filter.
    Telemetry {
        log: String = log_filter {
            open: "PORTICO_LOG", key: "log",
            default: "info",
            help: "log filter: `error`, `warn`, `info`, `debug`, `trace` or `off`, then levels of single parts, such as `info,portico_http=debug`; lines are JSON unless the output is a terminal",
        }
    }
}

/// A filter that sets a level for Portico, or `off`. `EnvFilter` reads an unknown level as the name of a
/// module, so a misspelled level would silence everything.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    const HINT: &str = "write error, warn, info, debug, trace or off, then levels of single parts of \
                        Portico, such as info,portico_http=debug";
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_level = |part: &str| part.parse::<LevelFilter>().is_ok();
    // A span's fields may hold commas and equals signs of their own.
    let target = |part: &str| part.split(['=', '[']).next().unwrap_or_default().trim().to_owned();
    let of_portico = |part: &&str| is_level(part) || target(part).starts_with("portico");
    let has_spans = text.contains('[');
    let known = |part: &str| is_level(part) || part.contains('=') || part.starts_with("portico");
    let is_effective = parts.iter().all(|part| known(part)) && parts.iter().any(of_portico);
    if !has_spans && !is_effective {
        return Err(HINT.into());
    }
    let filter = parts.join(",");
    EnvFilter::try_new(&filter).map(|_| filter).map_err(|_| HINT.into())
}
