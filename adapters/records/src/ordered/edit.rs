//! The changes of a batch.

use std::collections::BTreeSet;

use portico_domain::ports::{StoreError, Version};

use super::{Changes, RowError, Rows, layout, read, row::Head, stamp};
use crate::contract::{Key, Owner, Put};

/// Collects the changes of one batch and tracks references.
pub(super) struct Edit<'a> {
    pub(super) rows: &'a dyn Rows,
    pub(super) changes: &'a mut Changes,
    /// The longest value of a row.
    pub(super) max: usize,
    /// Dependents that lost a reference in this batch.
    unreferenced: BTreeSet<Key>,
    /// Dependents that a put of this batch refers to.
    referenced: BTreeSet<Key>,
}

impl<'a> Edit<'a> {
    pub(super) fn new(rows: &'a dyn Rows, changes: &'a mut Changes, max: usize) -> Self {
        Self { rows, changes, max, unreferenced: BTreeSet::new(), referenced: BTreeSet::new() }
    }

    /// Whether the row exists after the changes so far.
    pub(super) fn contains(&self, row: &[u8]) -> Result<bool, RowError> {
        match self.changes.get(row) {
            Some(change) => Ok(change.is_some()),
            None => Ok(self.rows.get(row)?.is_some()),
        }
    }

    /// Removes a record and its index entries. Returns whether it existed.
    ///
    /// A row of an unknown format is removed as well, although its owner and pieces are unknown: its
    /// session was ended or has expired.
    pub(super) fn remove(&mut self, row: &[u8]) -> Result<bool, RowError> {
        if !self.contains(row)? {
            return Ok(false);
        }
        if let Some(head) = read::head(self.rows, row)? {
            self.remove_entries(row, &head, None);
            if head.earlier {
                for tokens in self.rows.keys(layout::earlier_tokens(row)) {
                    let tokens = tokens?;
                    if let Some(head) = read::head(self.rows, &tokens)? {
                        self.remove_pieces(&tokens, &head);
                    }
                    self.changes.remove(tokens);
                }
            }
        }
        self.changes.remove(row.to_vec());
        Ok(true)
    }

    /// Inserts or overwrites a record.
    pub(super) fn put(&mut self, put: Put) -> Result<(), RowError> {
        let Put { key, bytes, expires_at, owners, refers } = put;
        let row = key.as_bytes();
        let before = match self.changes.get(row) {
            Some(_) => None,
            None => read::head(self.rows, row)?,
        };
        let version = Version(stamp::next());
        let mut head = Head { version, more: 0, expires_at, owners, refers, earlier: false };
        if let Some(before) = &before {
            self.remove_entries(row, before, Some(&head));
        }
        self.put_owned(row, (&head, bytes.len()), before.as_ref())?;
        if let Some(end) = head.expires_at
            && before.as_ref().and_then(|before| before.expires_at) != head.expires_at
        {
            self.changes.insert(layout::expiry(end, row), vec![]);
        }
        for to in &head.refers {
            let known = before.as_ref().is_some_and(|before| before.refers.contains(to));
            if to.kind().is_shared() && !known {
                self.changes.insert(layout::reference(to, row), vec![]);
            }
            self.referenced.insert(to.clone());
        }
        self.write(row, &mut head, &bytes)
    }

    /// Writes the owners' entries of a record of this length, except those that the record had before,
    /// with the same dependents.
    fn put_owned(
        &mut self,
        row: &[u8],
        (head, len): (&Head, usize),
        before: Option<&Head>,
    ) -> Result<(), RowError> {
        // The entry of an owner has another key in the earlier layout, so it is written anew.
        let before = before.filter(|before| !before.earlier);
        let had = |owner: &Owner| before.is_some_and(|before| before.owners.contains(owner));
        let resized = before.is_none_or(|before| before.refers != head.refers);
        let due: Vec<_> = head.owners.iter().filter(|owner| resized || !had(owner)).collect();
        if due.is_empty() {
            return Ok(());
        }
        let bytes = self.size(head, len)?;
        for owner in due {
            let entry = layout::owned(owner, row, false);
            let known = match had(owner) {
                true => self.rows.get(&entry)?.and_then(|value| layout::owned_of(&value)),
                false => None,
            };
            let place = known.map_or(head.version, |(place, _)| place);
            self.changes.insert(entry, layout::owned_value(place, bytes));
        }
        Ok(())
    }

    /// The size of a record of this length with its dependents, in bytes.
    fn size(&self, head: &Head, len: usize) -> Result<usize, RowError> {
        let mut bytes = len;
        for to in &head.refers {
            let written = self.changes.get(to.as_bytes()).flatten().map(<[u8]>::to_vec);
            bytes += match written {
                Some(value) => read::bytes_of(self.rows, &value, self.max)?,
                None => read::bytes(self.rows, to.as_bytes(), self.max)?,
            };
        }
        Ok(bytes)
    }

    fn write(&mut self, row: &[u8], head: &mut Head, bytes: &[u8]) -> Result<(), RowError> {
        let value = |head: &Head| {
            let value = head.to_bytes().filter(|value| value.len() <= self.max);
            value.ok_or_else(|| too_large("it refers to too many records".into()))
        };
        let first = (self.max - value(head)?.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(first);
        let more = rest.len().div_ceil(self.max).try_into();
        head.more = more.map_err(|_| too_large(format!("it has {} bytes", bytes.len())))?;
        for (index, piece) in (0..head.more).zip(rest.chunks(self.max)) {
            self.changes.insert(layout::piece(row, head.version, index), piece.to_vec());
        }
        let mut value = value(head)?;
        value.extend_from_slice(first);
        self.changes.insert(row.to_vec(), value);
        Ok(())
    }

    /// Removes the pieces of a record and the index entries that `next` does not have.
    fn remove_entries(&mut self, row: &[u8], head: &Head, next: Option<&Head>) {
        self.remove_pieces(row, head);
        if let Some(end) = head.expires_at
            && next.and_then(|next| next.expires_at) != head.expires_at
        {
            self.changes.remove(layout::expiry(end, row));
        }
        for owner in &head.owners {
            if head.earlier || next.is_none_or(|next| !next.owners.contains(owner)) {
                self.changes.remove(layout::owned(owner, row, head.earlier));
            }
        }
        for to in &head.refers {
            if next.is_some_and(|next| next.refers.contains(to)) {
                continue;
            }
            if to.kind().is_shared() {
                self.changes.remove(layout::reference(to, row));
            }
            self.unreferenced.insert(to.clone());
        }
    }

    fn remove_pieces(&mut self, row: &[u8], head: &Head) {
        for index in 0..head.more {
            self.changes.remove(layout::piece(row, head.version, index));
        }
    }

    /// Removes dependents without references. Call it after all other changes.
    pub(super) fn remove_unreferenced(mut self) -> Result<(), RowError> {
        for key in std::mem::take(&mut self.unreferenced) {
            if !self.is_referenced(&key)? {
                self.remove(key.as_bytes())?;
            }
        }
        Ok(())
    }

    fn is_referenced(&self, key: &Key) -> Result<bool, RowError> {
        if self.referenced.contains(key) || !key.kind().is_shared() {
            return Ok(self.referenced.contains(key));
        }
        for reference in self.rows.keys(layout::references(key)) {
            if self.contains(&reference?)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn too_large(why: String) -> RowError {
    RowError::Record(StoreError::Unavailable(format!("a record is too large: {why}")))
}
