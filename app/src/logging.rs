//! Log lines on standard error: for a person on a terminal, JSON everywhere else.

use std::io::{self, IsTerminal, Write, stderr};

use portico_domain::text::printable;

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, filter::filter_fn, fmt, layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging by this filter. A second start in one process keeps the first.
pub fn start_logging(filter: &str) {
    // The configuration has refused what this cannot parse.
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // Without colours: they are the same sequences that nobody else may send to a terminal.
    let lines = fmt::layer().with_writer(|| Printable(stderr())).with_ansi(false);
    let lines = if stderr().is_terminal() { lines.boxed() } else { lines.json().boxed() };
    let lines = lines.with_filter(filter).with_filter(filter_fn(keeps_secrets));
    let _ = Registry::default().with(lines).try_init();
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
    fn a_line_of_the_log_stays_one_and_moves_no_cursor() {
        let mut written = Printable(vec![]);
        written.write_all("a\u{1b}[2Jb\u{202e}c\nINFO forged\n".as_bytes()).unwrap();
        written.write_all(b"{\"next\": 1}\n").unwrap();
        let written = String::from_utf8(written.0).unwrap();
        assert_eq!(written, "a[2Jbc INFO forged\n{\"next\": 1}\n");
    }
}
