use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

const LONG: Duration = Duration::from_secs(30);

/// Passes on what is written, each write once it is allowed.
struct Slow {
    allowed: Receiver<()>,
    written: Sender<Vec<u8>>,
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let broken = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.allowed.recv().map_err(broken)?;
        let _ = self.written.send(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn slow() -> (Queue, Sender<()>, Receiver<Vec<u8>>) {
    let ((allow, allowed), (written, read)) = (channel(), channel());
    (Queue::start(Slow { allowed, written }).unwrap(), allow, read)
}

#[test]
fn push_over_max_lines_drops_and_counts() {
    let (queue, allow, read) = slow();
    for n in 0..MAX_LINES + 1_000 {
        queue.push(format!("{n}\n").into_bytes());
    }
    // One may have left the queue for the writer.
    let dropped = queue.lock().dropped;
    assert!((999..=1_000).contains(&dropped), "{dropped}");
    assert!(!queue.flush(Duration::ZERO));
    let queued = MAX_LINES + 1_000 - usize::try_from(dropped).unwrap();
    for _ in 0..queued + 2 {
        let _ = allow.send(());
    }
    assert!(queue.flush(LONG));
    assert_eq!(queue.lock().dropped, 0);
    assert_eq!(read.recv().unwrap(), b"0\n");
}

#[test]
fn push_over_max_bytes_drops_and_counts() {
    let (queue, _allow, _read) = slow();
    for _ in 0..100 {
        queue.push(vec![b'a'; MAX_BYTES / 10]);
    }
    let waiting = queue.lock();
    assert!(waiting.bytes <= MAX_BYTES, "{}", waiting.bytes);
    assert!(waiting.dropped >= 89, "{}", waiting.dropped);
}

#[test]
fn closed_output_drops_lines_without_blocking() {
    let (queue, allow, _read) = slow();
    drop(allow);
    for _ in 0..10 {
        queue.push(b"line\n".to_vec());
    }
    assert!(queue.flush(LONG));
    assert_eq!(queue.lock().dropped, 10);
}

#[test]
fn write_retries_non_blocking_output() {
    struct Bounded(u32, Vec<u8>);
    impl Write for Bounded {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 % 2 == 1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.1.push(bytes[0]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut output = Bounded(0, vec![]);
    write(&mut output, b"abc").unwrap();
    assert_eq!(output.1, b"abc");
}
