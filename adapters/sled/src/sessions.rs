//! Sessions and their tokens in sled.

use async_trait::async_trait;
use portico_domain::{
    account::AccountId,
    identity::PersonKey,
    ports::{
        Commit, Committed, MarkKey, SessionRecord, SessionRecords, SessionWrite, StoreError,
        Stored, TokenRecords, Version,
    },
    session::{SessionKey, SessionSize},
    time::Timestamp,
};

use crate::{
    SledRecords, attempts,
    layout::{self, Head},
    marks, persons,
    rows::{About, Changes, Record, RowError, Rows},
};

#[async_trait]
impl SessionRecords for SledRecords {
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.writer.run(move |rows, changes| make(rows, changes, commit)).await
    }

    /// Reads from sled at once, not through the writer: a session that sled has and the disk does
    /// not yet is one whose writer has had no answer, and a reader of it tells nobody more than
    /// that. Sled keeps what is used in memory; the rest is one read of some kilobytes.
    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Vec<u8>>>, StoreError> {
        let Some(Record { head, bytes }) = self.rows()?.find(&layout::session(key))? else {
            return Ok(None);
        };
        if now < head.expires_at {
            return Ok(Some(Stored { value: bytes, version: Version(head.generation) }));
        }
        let key = *key;
        let end = move |rows: &Rows, changes: &mut Changes| {
            // Somebody may have used it since.
            let over = |head: Head| head.expires_at <= now;
            if rows.head(&layout::session(&key))?.is_some_and(over) {
                erase(rows, changes, &key)?;
            }
            Ok(None)
        };
        self.writer.run(end).await
    }

    async fn version(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        let head = self.rows()?.head(&layout::session(key)).map_err(RowError::Sled)?;
        let alive = head.filter(|head| now < head.expires_at);
        Ok(alive.map(|head| Version(head.generation)))
    }

    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.rows()?.find(&layout::tokens(key, account))?;
        Ok(found.map(|record| record.bytes))
    }

    async fn mark(&self, key: &MarkKey, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(marks::find(self.rows()?, key, now)?)
    }

    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError> {
        Ok(persons::sessions_of(self.rows()?, person)?)
    }

    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let purge = move |rows: &Rows, changes: &mut Changes| {
            let (from, to) = layout::expired_by(now);
            let mut count = attempts::purge(rows, changes, limit)?;
            for entry in rows.keys_in(from..to).take(limit - count) {
                forget(rows, changes, &entry?)?;
                count += 1;
            }
            Ok(count)
        };
        self.writer.run(purge).await
    }

    async fn expiring_after(
        &self,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<SessionKey>, StoreError> {
        let (from, to) = layout::expiring_after(latest);
        let entries = self.rows()?.keys_in(from..to).rev();
        let sessions = entries.filter_map(|entry| match entry {
            Ok(entry) => layout::expiring_session(&entry).map(Ok),
            Err(error) => Some(Err(StoreError::from(RowError::Sled(error)))),
        });
        sessions.take(limit).collect()
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer.look()
    }
}

/// Makes the changes of a commit, if all is as it must be.
fn make(rows: &Rows, changes: &mut Changes, commit: Commit) -> Result<Committed, RowError> {
    if let Some((key, version)) = &commit.session_is {
        let head = rows.head(&layout::session(key))?;
        if head.is_none_or(|head| head.generation != version.0) {
            return Ok(Committed::Conflict);
        }
    }
    for (key, seen) in &commit.marks_are {
        if marks::find(rows, key, commit.now)? != *seen {
            return Ok(Committed::Conflict);
        }
    }
    let mut removed = 0;
    for key in &commit.remove {
        removed += usize::from(erase(rows, changes, key)?);
    }
    for person in &commit.remove_all_of {
        for entry in rows.keys_with(&layout::sessions_of(person)) {
            let key = layout::last_session(&entry?).filter(|key| !commit.remove.contains(key));
            if let Some(key) = key {
                removed += usize::from(erase(rows, changes, &key)?);
            }
        }
    }
    if let Some(write) = commit.write {
        write_session(rows, changes, write)?;
    }
    for mark in &commit.marks {
        marks::write(rows, changes, mark)?;
    }
    Ok(Committed::Done { removed })
}

fn write_session(rows: &Rows, changes: &mut Changes, write: SessionWrite) -> Result<(), RowError> {
    let SessionWrite { key, record, tokens, from, without } = write;
    let head = match &from {
        Some(from) => rows.head(&layout::session(from))?,
        None => None,
    };
    let version = head.as_ref().map_or(0, |head| head.generation) + 1;
    // A session that is written where it stands keeps its place among the logins.
    let stays = head.as_ref().filter(|_| from == Some(key)).and_then(|head| head.person);
    let login = match stays {
        Some(person) => persons::place_of(rows, &person, &key)?,
        None => persons::next_place(),
    };
    match &from {
        Some(from) => erase_row(changes, from, head.as_ref()),
        None => drop(erase(rows, changes, &key)?),
    }
    write_row(changes, &key, version, &record, login)?;
    if let Some(from) = &from {
        for account in &without {
            let row = layout::tokens(from, account);
            let head = rows.head(&row)?;
            changes.erase(row, head.as_ref());
        }
        if *from != key {
            move_tokens(rows, changes, (from, &key), &tokens, &without)?;
        }
    }
    write_tokens(rows, changes, &key, version, &tokens)
}

/// Writes a session's row and its entries in the indices. What stood there must have been erased.
fn write_row(
    changes: &mut Changes,
    key: &SessionKey,
    generation: u64,
    record: &SessionRecord,
    login: u64,
) -> Result<(), RowError> {
    let SessionRecord { person, expires_at, sealed } = record;
    let row = layout::session(key);
    changes.mark(layout::expiry(*expires_at, &row));
    changes.keep(layout::session_of(person, key), login.to_be_bytes().to_vec());
    let about = About { generation, expires_at: *expires_at, person: Some(*person) };
    changes.write(row, about, sealed)
}

fn write_tokens(
    rows: &Rows,
    changes: &mut Changes,
    key: &SessionKey,
    generation: u64,
    tokens: &TokenRecords,
) -> Result<(), RowError> {
    let about = About { generation, expires_at: NEVER, person: None };
    for (account, sealed) in tokens {
        let row = layout::tokens(key, account);
        changes.erase(row.clone(), rows.head(&row)?.as_ref());
        changes.write(row, about, sealed)?;
    }
    Ok(())
}

/// Moves the tokens that `replaced` has nothing newer for and that are not of the accounts of
/// `without`, and removes the others.
fn move_tokens(
    rows: &Rows,
    changes: &mut Changes,
    (from, to): (&SessionKey, &SessionKey),
    replaced: &TokenRecords,
    without: &[AccountId],
) -> Result<(), RowError> {
    let replaced = replaced.iter().map(|(account, _)| account).chain(without);
    let replaced: Vec<_> = replaced.map(|account| layout::tokens(from, account)).collect();
    for row in rows.keys_with(&layout::tokens_of(from)) {
        let row = row?.to_vec();
        if !replaced.contains(&row)
            && let Some(Record { head, bytes }) = rows.find(&row)?
        {
            let about = About { generation: head.generation, expires_at: NEVER, person: None };
            changes.write(layout::moved_tokens(&row, to), about, &bytes)?;
        }
        let head = rows.head(&row)?;
        changes.erase(row, head.as_ref());
    }
    Ok(())
}

/// Removes a session and everything of it; whether there was one.
///
/// A row of a format of the future, which tells neither person nor pieces, goes as well: somebody
/// signed out, or its time is over.
fn erase(rows: &Rows, changes: &mut Changes, key: &SessionKey) -> Result<bool, RowError> {
    let row = layout::session(key);
    if !rows.contains(&row)? {
        return Ok(false);
    }
    erase_row(changes, key, rows.head(&row)?.as_ref());
    for row in rows.keys_with(&layout::tokens_of(key)) {
        let row = row?.to_vec();
        let head = rows.head(&row)?;
        changes.erase(row, head.as_ref());
    }
    Ok(true)
}

/// Removes a session's row and its entries in the indices.
fn erase_row(changes: &mut Changes, key: &SessionKey, head: Option<&Head>) {
    let row = layout::session(key);
    if let Some(Head { expires_at, person, .. }) = head {
        changes.remove(layout::expiry(*expires_at, &row));
        if let Some(person) = person {
            changes.remove(layout::session_of(person, key));
        }
    }
    changes.erase(row, head);
}

/// Removes what an entry of the expiry index is about, and the entry.
fn forget(rows: &Rows, changes: &mut Changes, entry: &[u8]) -> Result<(), RowError> {
    let row = layout::expiring(entry);
    match layout::expiring_session(entry) {
        Some(key) => {
            erase(rows, changes, &key)?;
        }
        None => attempts::erase(rows, changes, row)?,
    }
    // Also where the row told nothing of it: an entry that stays would be found for ever.
    changes.remove(entry);
    Ok(())
}

/// Tokens go with their session.
const NEVER: Timestamp = Timestamp::from_unix_seconds(0);
