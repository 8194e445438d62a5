//! Log lines on standard error: for a person on a terminal, JSON everywhere else.
//!
//! No caller waits for whoever reads them: `queue.rs` holds lines that are not written yet, and
//! drops and counts what exceeds it.

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

/// How long the end of the process waits for the last lines to be read.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The log of this process. Dropping it writes the lines that are left, as long as somebody reads
/// them within two seconds.
#[must_use = "the last lines are written when this is dropped"]
pub struct Log(Queue);

impl Log {
    /// Writes a text that is no log line after the lines so far, and waits no longer than they do.
    pub(crate) fn say(&self, text: &str) {
        self.0.push(format!("{text}\n").into_bytes());
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush(FLUSH_TIMEOUT);
    }
}

/// Starts logging by this filter. A second start in one process keeps the first.
pub fn start_logging(filter: &str) -> io::Result<Log> {
    let (filter, handle) = reload::Layer::new(parsed(filter));
    // A descriptor of its own: `Stderr` has a lock, and a writer that waits would keep it.
    let output = File::from(stderr().as_fd().try_clone_to_owned()?);
    let queue = Queue::start(output)?;
    // Without colours: they are the same sequences that nobody else may send to a terminal.
    let lines = fmt::layer().with_ansi(false).with_writer(queue.clone());
    let lines = if stderr().is_terminal() { lines.boxed() } else { lines.json().boxed() };
    let lines = lines.with_filter(filter).with_filter(filter_fn(keeps_secrets));
    if Registry::default().with(lines).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    // The standard hook writes to standard error itself, and would wait for its reader.
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a thread panicked")));
    Ok(Log(queue))
}

/// The filter of this process's log.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Filters by this from now on.
pub(crate) fn set_filter(filter: &str) {
    if let Some(handle) = FILTER.get() {
        // It fails where the log has gone, and then nobody reads it.
        let _ = handle.reload(parsed(filter));
    }
}

/// The configuration has refused what this cannot parse.
fn parsed(filter: &str) -> EnvFilter {
    EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Libraries say at their most talkative what went through them, codes and cookies too: below a
/// warning they are not heard, whatever the filter says.
fn keeps_secrets(line: &Metadata<'_>) -> bool {
    line.target().starts_with("portico") || *line.level() <= Level::WARN
}

/// Writes each line without what a name or a cloud's words in it could do to a terminal.
struct Printable<W>(W);

impl<W: Write> Write for Printable<W> {
    /// A whole line at a time, as the layer above writes them.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        // A line of its own, whatever stands in it.
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
