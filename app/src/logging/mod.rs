//! The log on standard error: text on a terminal, else JSON.
//!
//! Callers never wait for its reader: `queue.rs` buffers the lines, and drops and counts those over its
//! limit.

mod queue;

use std::{
    fs::File,
    io::{self, IsTerminal, Write, stderr},
    os::fd::AsFd,
    panic,
    sync::OnceLock,
    time::Duration,
};

use portico_domain::text::printable;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, fmt, layer::SubscriberExt, reload,
    util::SubscriberInitExt,
};

use self::queue::Queue;

/// How long the process waits at its end for the last lines to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The log of this process. Dropping it waits up to two seconds until the last lines are written.
#[must_use = "the last lines are written when this is dropped"]
pub struct Log(Queue);

impl Log {
    /// Queues a text that is no log line, behind the lines so far.
    pub(crate) fn print(&self, text: &str) {
        self.0.push(format!("{text}\n").into_bytes());
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush(FLUSH_TIMEOUT);
    }
}

/// Starts logging with this filter. A second call in a process does not replace the first log.
pub fn start_logging(filter: &str) -> io::Result<Log> {
    let (filter, handle) = reload::Layer::new(parsed(filter));
    // A separate descriptor: a blocked writer would hold the lock of `Stderr`.
    let output = File::from(stderr().as_fd().try_clone_to_owned()?);
    let queue = Queue::start(output)?;
    // No colours: `Printable` removes escape sequences.
    let lines = fmt::layer().with_ansi(false).with_writer(queue.clone());
    let lines = if stderr().is_terminal() { lines.boxed() } else { lines.json().boxed() };
    let lines = lines.with_filter(filter).with_filter(filter_fn(may_be_logged));
    if Registry::default().with(lines).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    // The default hook writes to standard error directly and could block.
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a thread panicked")));
    Ok(Log(queue))
}

/// The filter of this process's log.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Replaces the filter.
pub(crate) fn set_filter(filter: &str) {
    if let Some(handle) = FILTER.get() {
        // It fails only if the subscriber was dropped.
        let _ = handle.reload(parsed(filter));
    }
}

/// The parsed filter. The configuration has already refused an invalid one, so the default is unused.
fn parsed(filter: &str) -> EnvFilter {
    EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Whether a line may be logged, whatever the filter: debug lines of libraries contain data such as codes
/// and cookies, so only their warnings and errors are logged.
fn may_be_logged(line: &Metadata<'_>) -> bool {
    line.target().starts_with("portico") || *line.level() <= Level::WARN
}

/// Removes control characters from each line: names and texts of clouds could contain escape sequences.
struct Printable<W>(W);

impl<W: Write> Write for Printable<W> {
    /// Receives one whole line, as `tracing_subscriber::fmt` writes it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        // Line breaks in the text could forge another log line.
        let text = printable(text.trim_end_matches('\n')).replace('\n', " ");
        self.0.write_all(format!("{text}\n").as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_removes_line_breaks_and_control_characters() {
        let mut written = Printable(vec![]);
        written.write_all("a\u{1b}[2Jb\u{202e}c\nINFO forged\n".as_bytes()).unwrap();
        written.write_all(b"{\"next\": 1}\n").unwrap();
        let written = String::from_utf8(written.0).unwrap();
        assert_eq!(written, "a[2Jbc INFO forged\n{\"next\": 1}\n");
    }
}
