//! A bounded queue of log lines for an output that may block, such as a pipe without a reader.
//!
//! A thread writes the lines; others only append. Lines over the limit are dropped and counted, and the
//! count is logged once lines are written again.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

use super::Printable;

/// The most queued lines: some seconds under load.
const MAX_LINES: usize = 8_192;

/// The total size of queued lines.
const MAX_BYTES: usize = 4 << 20;

/// The shortest time between two lines about dropped ones, with a slow reader.
const DROPPED_LOG_INTERVAL: Duration = Duration::from_secs(1);

/// The pause before a retry on a non-blocking descriptor. Another process that shares it may have set that
/// mode, as Node.js does for pipes of its children.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

thread_local! {
    /// Lines that the writer thread logs itself, which must not be queued.
    static WRITER_LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// The queue. Clones share it.
#[derive(Clone)]
pub(super) struct Queue(Arc<Shared>);

struct Shared {
    waiting: Mutex<Waiting>,
    /// Notified when a line is added.
    added: Condvar,
    /// Notified when all lines are written.
    empty: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Dropped lines that are not logged yet.
    dropped: u64,
    /// Whether a line is being written.
    writing: bool,
}

impl Queue {
    /// Starts the thread that writes to `output`.
    pub(super) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let shared =
            Shared { waiting: Mutex::default(), added: Condvar::new(), empty: Condvar::new() };
        let queue = Self(Arc::new(shared));
        let writer = queue.clone();
        thread::Builder::new().name("log".into()).spawn(move || writer.write_all_to(output))?;
        Ok(queue)
    }

    /// Appends a line, or drops and counts it. Never waits for the output.
    pub(super) fn push(&self, line: Vec<u8>) {
        let mut waiting = self.lock();
        if waiting.lines.len() >= MAX_LINES || waiting.bytes + line.len() > MAX_BYTES {
            waiting.dropped += 1;
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line);
        self.0.added.notify_one();
    }

    /// Waits until all lines are written; `false` on timeout.
    pub(super) fn flush(&self, timeout: Duration) -> bool {
        let unwritten = |waiting: &mut Waiting| waiting.writing || !waiting.lines.is_empty();
        let waited = self.0.empty.wait_timeout_while(self.lock(), timeout, unwritten);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn write_all_to(&self, mut output: impl Write) {
        let mut logged_at: Option<Instant> = None;
        loop {
            let line = self.next();
            let lost = write(&mut output, &line).is_err();
            let dropped = self.dropped(lost, logged_at);
            if dropped > 0 {
                logged_at = Some(Instant::now());
                let _ = write(&mut output, &dropped_line(dropped));
            }
            self.written();
        }
    }

    /// Waits for the next line.
    fn next(&self) -> Vec<u8> {
        let mut waiting = self.lock();
        loop {
            if let Some(line) = waiting.lines.pop_front() {
                waiting.bytes -= line.len();
                waiting.writing = true;
                return line;
            }
            waiting = self.0.added.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The number of dropped lines to log now. `lost`: whether the last line could not be written.
    fn dropped(&self, lost: bool, logged_at: Option<Instant>) -> u64 {
        let mut waiting = self.lock();
        waiting.dropped += u64::from(lost);
        let due = waiting.lines.is_empty()
            || logged_at.is_none_or(|at| at.elapsed() >= DROPPED_LOG_INTERVAL);
        if due && !lost { std::mem::take(&mut waiting.dropped) } else { 0 }
    }

    fn written(&self) {
        let mut waiting = self.lock();
        waiting.writing = false;
        if waiting.lines.is_empty() {
            self.0.empty.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a whole line, also to a non-blocking descriptor.
fn write(output: &mut impl Write, mut line: &[u8]) -> io::Result<()> {
    while !line.is_empty() {
        match output.write(line) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => line = &line[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(RETRY_INTERVAL)
            }
            Err(error) => return Err(error),
        }
    }
    output.flush()
}

/// The log line about dropped lines, in the format of the log.
fn dropped_line(dropped: u64) -> Vec<u8> {
    WRITER_LINES.replace(Some(Vec::new()));
    tracing::warn!(dropped, "log lines were dropped because the reader of the log is too slow");
    WRITER_LINES.take().unwrap_or_default()
}

/// Receives one log line, which `tracing_subscriber::fmt` writes with one call.
pub(super) struct Line<'a>(&'a Queue);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let own =
            WRITER_LINES.with_borrow_mut(|own| own.as_mut().map(|own| own.extend_from_slice(line)));
        if own.is_none() {
            self.0.push(line.to_vec());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Printable<Line<'a>>;

    fn make_writer(&'a self) -> Printable<Line<'a>> {
        Printable(Line(self))
    }
}

#[cfg(test)]
mod tests;
