//! The writer thread, with group commit.
//!
//! It takes all queued operations, runs them one after the other, makes them durable with one flush and
//! then answers their callers. Since no other thread writes, an operation may read, compare and write
//! without a transaction.
//!
//! A flush costs more processor time than all the rest of a login, so operations that a kill may undo do
//! not wait for one ([`Wait::Seen`]): the next flush, or sled's own, includes them. Sled's log is
//! ordered: when an operation is durable, all earlier ones are.
//!
//! To make a group durable, sled is flushed, which orders its write-back (`sync_file_range`) but leaves
//! data in the disk's cache; then the data file is synced through a handle of its own; then the mark
//! is advanced. Before callers are answered, the paths of the files are checked.

use std::{
    error::Error,
    fs::File,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use portico_domain::ports::StoreError;
use portico_records::{Changes, Operation, RowError, Wait};
use sled::transaction::{ConflictableTransactionError, TransactionError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    disk_reserve::DiskReserve, ledger::Ledger, mark::Mark, presence::Presence, rows::SledRows,
};

/// The capacity of the queue; further callers wait.
const MAX_QUEUED: usize = 1_024;

/// The largest number of operations that share a flush.
const MAX_GROUP: usize = 256;

/// The interval at which the store's paths are checked without a write.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// A queued operation.
struct Queued {
    operation: Operation,
    wait: Wait,
    result: oneshot::Sender<Result<(), StoreError>>,
}

/// An error after which the store cannot be used.
type Failure = Box<dyn Error + Send + Sync>;

/// The handle of the writer thread.
#[derive(Debug)]
pub(crate) struct Writer {
    /// Taken by `drop`, which ends the thread.
    operations: Option<mpsc::Sender<Queued>>,
    thread: Option<JoinHandle<()>>,
    presence_thread: Option<PresenceThread>,
    presence: Arc<Presence>,
    failure: watch::Receiver<Option<String>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(mut disk: Disk) -> io::Result<Self> {
        let presence = disk.presence.clone();
        let presence_thread = PresenceThread::start(presence.clone())?;
        let (operations, queue) = mpsc::channel(MAX_QUEUED);
        let (failed, failure) = watch::channel(None);
        let thread = thread::Builder::new().name("portico-sled".into()).spawn(move || {
            // Unwind-safe: after a panic the store has failed and `disk` is not used again.
            let ended = catch_unwind(AssertUnwindSafe(|| disk.serve(queue)));
            let reason = match ended {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the writer panicked".to_owned(),
            };
            tracing::error!(reason, "the store has failed; Portico must be restarted");
            failed.send_replace(Some(reason));
        })?;
        let (thread, presence_thread) = (Some(thread), Some(presence_thread));
        Ok(Self { operations: Some(operations), thread, presence_thread, presence, failure })
    }

    /// Runs `operation` on the thread, even if the caller stops waiting. With [`Wait::Seen`] a kill
    /// within half a second may undo it, unless a durable write follows.
    pub(crate) async fn write(&self, operation: Operation, wait: Wait) -> Result<(), StoreError> {
        let (sender, receiver) = oneshot::channel();
        self.check()?;
        let queue = self.operations.as_ref().ok_or_else(closed)?;
        let queued = Queued { operation, wait, result: sender };
        queue.send(queued).await.map_err(|_| self.error())?;
        receiver.await.map_err(|_| self.error())?
    }

    /// Fails if the store has failed or its files were gone at the last check.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let failed = self.failure.borrow().clone();
        // The files may be back since the last check.
        let absent = || self.presence.absence().and_then(|_| self.presence.check());
        failed.or_else(absent).map_or(Ok(()), |why| Err(StoreError::Unavailable(why)))
    }

    /// As [`Writer::check`], with a new check of the files.
    pub(crate) fn check_now(&self) -> Result<(), StoreError> {
        self.presence.check();
        self.check()
    }

    pub(crate) fn failed(&self) -> impl Future<Output = String> + Send + 'static {
        let mut failure = self.failure.clone();
        async move {
            let reason = failure.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
            match reason {
                Some(reason) => reason,
                // The store was closed without a failure.
                None => std::future::pending().await,
            }
        }
    }

    fn error(&self) -> StoreError {
        self.check().err().unwrap_or_else(closed)
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.presence_thread.take());
        drop(self.operations.take());
        if let Some(thread) = self.thread.take() {
            // The thread catches its panics, so this is no error.
            drop(thread.join());
        }
    }
}

/// The thread that checks the store's paths at an interval.
#[derive(Debug)]
struct PresenceThread {
    /// Taken by `drop`, which ends the thread.
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PresenceThread {
    fn start(presence: Arc<Presence>) -> io::Result<Self> {
        let (stop, stopped) = sync_channel::<()>(0);
        let thread =
            thread::Builder::new().name("portico-store-files".into()).spawn(move || {
                while stopped.recv_timeout(CHECK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    presence.check();
                }
            })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for PresenceThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The state of the writer thread.
pub(crate) struct Disk {
    pub(crate) db: sled::Db,
    pub(crate) rows: SledRows,
    pub(crate) ledger: Ledger,
    pub(crate) mark: Mark,
    /// A handle of sled's data file.
    pub(crate) data: File,
    pub(crate) reserve: DiskReserve,
    pub(crate) presence: Arc<Presence>,
}

impl Disk {
    /// Serves the queue until it is closed or a write fails. If a group fails, its senders are dropped,
    /// and its callers return the failure.
    fn serve(&mut self, mut queue: mpsc::Receiver<Queued>) -> Result<(), Failure> {
        let mut group = Vec::with_capacity(MAX_GROUP);
        while queue.blocking_recv_many(&mut group, MAX_GROUP) > 0 {
            let mut results = Vec::with_capacity(group.len());
            let mut wrote = false;
            for Queued { operation, wait, result: sender } in group.drain(..) {
                let (result, writes) = self.run(operation)?;
                if wait == Wait::Durable {
                    wrote |= writes;
                    results.push((sender, result));
                } else {
                    // Fails if the caller has stopped waiting.
                    drop(sender.send(result));
                }
            }
            // Without a durable write in this group, all that it read was flushed with an earlier one:
            // durable operations do not read rows of `Wait::Seen` ones.
            if wrote {
                self.make_durable()?;
            }
            // A write to files that the next start does not find is not durable.
            if results.is_empty() || self.presence.check().is_none() {
                results.into_iter().for_each(|(sender, result)| drop(sender.send(result)));
            }
        }
        // The mark of a closed store includes writes that were not waited for.
        if self.mark.number < self.ledger.number() {
            self.make_durable()?;
        }
        Ok(())
    }

    /// Runs one operation and writes its changes if the disk reserve allows it. Returns its result and
    /// whether anything was written.
    fn run(&mut self, operation: Operation) -> Result<(Result<(), StoreError>, bool), Failure> {
        let mut changes = Changes::default();
        let done = operation(&self.rows, &mut changes)
            .and_then(|()| self.reserve.check(&changes).map_err(RowError::Record));
        match done {
            Err(RowError::Failed(failure)) => Err(failure),
            Err(RowError::Record(error)) => Ok((Err(error), false)),
            Ok(()) if changes.is_empty() => Ok((Ok(()), false)),
            Ok(()) => {
                self.rows.apply(changes, &mut self.ledger)?;
                Ok((Ok(()), true))
            }
        }
    }

    /// In this order, so that the mark never names a batch that a loss of power could undo.
    fn make_durable(&mut self) -> Result<(), sled::Error> {
        flush(&self.db)?;
        self.data.sync_all()?;
        self.mark.advance(self.ledger.number())?;
        Ok(())
    }
}

/// Flushes sled and works around a race in it (sled 0.34.7).
///
/// A flush replaces the current buffer of sled's log. Another flush, of this thread or of sled's own,
/// reads the pointer to that buffer and then counts a reference in it (`IoBufs::current_iobuf`) without
/// being pinned in an epoch, so that between the two the buffer can be freed: the reference is counted in
/// freed memory, and the allocator ends the process ("double free or corruption").
///
/// sled shares its epochs with everybody who uses `crossbeam-epoch`. While this thread is pinned, no
/// buffer is freed that it or sled's thread replaces. Sled's thread flushes under a lock that transactions
/// exclude, so after an empty one it has counted its reference to the buffer that it read.
fn flush(db: &sled::Db) -> Result<(), sled::Error> {
    let _pinned = crossbeam_epoch::pin();
    db.flush()?;
    match db.transaction(|_| Err::<(), _>(ConflictableTransactionError::Abort(()))) {
        Err(TransactionError::Storage(error)) => Err(error),
        Ok(()) | Err(TransactionError::Abort(())) => Ok(()),
    }
}
