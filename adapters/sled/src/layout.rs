//! What stands under which key. The first byte of a key says what kind of row it is.
//!
//! | Key | Value |
//! | --- | --- |
//! | `n` | the epoch that login attempts begin in, and when it began |
//! | `x ‖ epoch ‖ attempt` | nothing: the attempt was spent |
//! | `s ‖ session` | a session |
//! | `t ‖ session ‖ account` | the tokens of one account |
//! | `p ‖ person ‖ session` | the session's place in the order of logins, or nothing |
//! | `r ‖ mark` | a mark: a small record beside the sessions |
//! | `e ‖ expiry ‖ s or r ‖ session or mark` | nothing: what expires when |
//! | `c ‖ key of a row ‖ generation ‖ index` | a further piece of that row's record |
//! | `m` | the [`crate::ledger`], which every batch rewrites |
//!
//! Attempts, sessions and persons are 32 bytes, numbers are big-endian. The value of a row that
//! holds a record is a [`Head`] and the first piece of the record. An earlier Portico kept attempts
//! whole under `a ‖ attempt`, with an entry in the expiry index by which they go.

use portico_domain::{
    account::AccountId,
    epoch::{CurrentEpoch, Epoch},
    identity::PersonKey,
    login::AttemptKey,
    ports::MarkKey,
    session::SessionKey,
    time::Timestamp,
};

const EPOCH: u8 = b'n';
const SPENT: u8 = b'x';
/// The first byte of a session's key, and its mark in the expiry index.
const SESSION: u8 = b's';
const TOKENS: u8 = b't';
const MARK: u8 = b'r';
const PERSON: u8 = b'p';
const EXPIRY: u8 = b'e';
const CHUNK: u8 = b'c';
/// The key of the ledger. It lies among the rows without values, so that the leaf which every batch
/// changes is a small one.
pub(crate) const LEDGER: u8 = b'm';

/// The longest piece of a record in one row.
///
/// Sled writes a leaf of its tree as one message, and puts a message above a quarter of a segment,
/// 128 KiB, into a file that it does not sync. A leaf has up to 17 rows before it splits, and 19
/// where it has just swallowed a small neighbour: 20 rows of this length and their keys still fit.
pub(crate) const PIECE: usize = 6_000;

/// What begins the value of a row that holds a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Changes with every write, so that no reader takes pieces of two writes for one record. The
    /// version of the session, for its tokens that of the write that brought them.
    pub(crate) generation: u64,
    /// How many pieces follow in rows of their own.
    pub(crate) more: u16,
    /// When it expires; zero for tokens, which go with their session.
    pub(crate) expires_at: Timestamp,
    /// Whose session it is; none for anything but a session.
    pub(crate) person: Option<PersonKey>,
}

/// Formats of heads: the one with a person is longer.
const WITHOUT_PERSON: u8 = 1;
const WITH_PERSON: u8 = 2;

impl Head {
    /// The length of the longest head, in bytes.
    pub(crate) const MAX_LEN: usize = 1 + 8 + 2 + 8 + 32;

    /// Appends the head to `value`.
    pub(crate) fn write_to(&self, value: &mut Vec<u8>) {
        value.push(if self.person.is_some() { WITH_PERSON } else { WITHOUT_PERSON });
        value.extend_from_slice(&self.generation.to_be_bytes());
        value.extend_from_slice(&self.more.to_be_bytes());
        value.extend_from_slice(&self.expires_at.unix_seconds().to_be_bytes());
        if let Some(person) = &self.person {
            value.extend_from_slice(person.as_bytes());
        }
    }

    /// The head of a value and the piece after it; `None` where it is of no known format.
    pub(crate) fn read(value: &[u8]) -> Option<(Self, &[u8])> {
        let (format, rest) = value.split_first()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (more, rest) = rest.split_first_chunk()?;
        let (expires_at, rest) = rest.split_first_chunk()?;
        let (person, piece) = match *format {
            WITHOUT_PERSON => (None, rest),
            WITH_PERSON => {
                let (person, piece) = rest.split_first_chunk()?;
                (Some(PersonKey::from_bytes(*person)), piece)
            }
            _ => return None,
        };
        let head = Self {
            generation: u64::from_be_bytes(*generation),
            more: u16::from_be_bytes(*more),
            expires_at: Timestamp::from_unix_seconds(u64::from_be_bytes(*expires_at)),
            person,
        };
        Some((head, piece))
    }
}

pub(crate) fn epoch() -> Vec<u8> {
    vec![EPOCH]
}

pub(crate) fn epoch_value(current: &CurrentEpoch) -> Vec<u8> {
    let [number, began_at] = [current.epoch.number(), current.began_at.unix_seconds()];
    [number.to_be_bytes(), began_at.to_be_bytes()].concat()
}

/// The epoch that a row holds; `None` where it is of no known format.
pub(crate) fn epoch_of(value: &[u8]) -> Option<CurrentEpoch> {
    let (number, rest) = value.split_first_chunk()?;
    let began_at: [u8; 8] = rest.try_into().ok()?;
    let epoch = Epoch::from_number(u64::from_be_bytes(*number));
    let began_at = Timestamp::from_unix_seconds(u64::from_be_bytes(began_at));
    Some(CurrentEpoch { epoch, began_at })
}

pub(crate) fn spent(epoch: Epoch, key: &AttemptKey) -> Vec<u8> {
    join(SPENT, &[&epoch.number().to_be_bytes(), key.as_bytes()])
}

/// The spent attempts of epochs before this one: from the first key to before the second.
pub(crate) fn spent_before(epoch: Epoch) -> (Vec<u8>, Vec<u8>) {
    (vec![SPENT], join(SPENT, &[&epoch.number().to_be_bytes()]))
}

pub(crate) fn session(key: &SessionKey) -> Vec<u8> {
    join(SESSION, &[key.as_bytes()])
}

pub(crate) fn mark(key: &MarkKey) -> Vec<u8> {
    join(MARK, &[key.as_bytes()])
}

pub(crate) fn tokens(key: &SessionKey, account: &AccountId) -> Vec<u8> {
    join(TOKENS, &[key.as_bytes(), account.as_str().as_bytes()])
}

/// What the keys of all tokens of this session begin with.
pub(crate) fn tokens_of(key: &SessionKey) -> Vec<u8> {
    join(TOKENS, &[key.as_bytes()])
}

/// The key of the same tokens in the session `to`.
pub(crate) fn moved_tokens(row: &[u8], to: &SessionKey) -> Vec<u8> {
    let account = row.get(1 + to.as_bytes().len()..).unwrap_or_default();
    join(TOKENS, &[to.as_bytes(), account])
}

pub(crate) fn session_of(person: &PersonKey, key: &SessionKey) -> Vec<u8> {
    join(PERSON, &[person.as_bytes(), key.as_bytes()])
}

/// What the keys of all sessions of this person begin with.
pub(crate) fn sessions_of(person: &PersonKey) -> Vec<u8> {
    join(PERSON, &[person.as_bytes()])
}

/// The key of the row's entry in the expiry index; rows of sessions and marks have one.
pub(crate) fn expiry(at: Timestamp, row: &[u8]) -> Vec<u8> {
    join(EXPIRY, &[&at.unix_seconds().to_be_bytes(), row])
}

/// The entries of the expiry index for what expired by `now`: from the first key to before the
/// second.
pub(crate) fn expired_by(now: Timestamp) -> (Vec<u8>, Vec<u8>) {
    let after = now.unix_seconds().saturating_add(1);
    (vec![EXPIRY], join(EXPIRY, &[&after.to_be_bytes()]))
}

/// The entries of the expiry index for what expires after `latest`.
pub(crate) fn expiring_after(latest: Timestamp) -> (Vec<u8>, Vec<u8>) {
    (expired_by(latest).1, vec![EXPIRY + 1])
}

/// The key of the row that an entry of the expiry index is about.
pub(crate) fn expiring(entry: &[u8]) -> &[u8] {
    entry.get(1 + size_of::<u64>()..).unwrap_or_default()
}

/// The session that an entry of the expiry index is about; none where it is a mark or an attempt.
pub(crate) fn expiring_session(entry: &[u8]) -> Option<SessionKey> {
    let row = expiring(entry);
    if row.first() == Some(&SESSION) { last_session(row) } else { None }
}

/// The key that ends this key of a session, or of a person's session.
pub(crate) fn last_session(row: &[u8]) -> Option<SessionKey> {
    row.last_chunk().copied().map(SessionKey::from_bytes)
}

pub(crate) fn chunk(row: &[u8], generation: u64, index: u16) -> Vec<u8> {
    join(CHUNK, &[row, &generation.to_be_bytes(), &index.to_be_bytes()])
}

fn join(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut key = Vec::with_capacity(length);
    key.push(kind);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn a_head_is_read_as_it_was_written_and_the_piece_follows() {
        for person in [None, Some(PersonKey::from_bytes([7; 32]))] {
            let head = Head { generation: 3, more: 2, expires_at: at(99), person };
            let mut value = Vec::new();
            head.write_to(&mut value);
            assert!(value.len() <= Head::MAX_LEN);
            value.extend_from_slice(b"piece");
            assert_eq!(Head::read(&value), Some((head, b"piece".as_slice())));
            assert_eq!(Head::read(&value[..value.len() - 6]), None);
        }
        assert_eq!(Head::read(&[]), None);
        assert_eq!(Head::read(&[9; 60]), None, "a format of the future");
    }

    #[test]
    fn the_expiry_index_is_in_the_order_of_time_and_leads_back_to_the_row() {
        let row = session(&SessionKey::from_bytes([1; 32]));
        let (from, to) = expired_by(at(256));
        assert!(expiry(at(255), &row) < expiry(at(256), &row));
        for (seconds, expired) in [(0, true), (256, true), (257, false), (u64::MAX, false)] {
            let entry = expiry(at(seconds), &row);
            assert_eq!((&from..&to).contains(&&entry), expired, "{seconds}");
            let (after, end) = expiring_after(at(256));
            assert_eq!((&after..&end).contains(&&entry), !expired, "{seconds}");
            assert_eq!(expiring(&entry), row);
        }
    }

    #[test]
    fn an_epoch_is_read_as_it_was_written() {
        let current = CurrentEpoch { epoch: Epoch::from_number(7), began_at: at(99) };
        let value = epoch_value(&current);
        assert_eq!(epoch_of(&value), Some(current));
        assert_eq!(epoch_of(&value[1..]), None);
        assert_eq!(epoch_of(&[&value[..], &[0]].concat()), None);
    }

    #[test]
    fn spent_attempts_are_in_the_order_of_their_epochs() {
        let key = AttemptKey::from_bytes([0xff; 32]);
        let (from, to) = spent_before(Epoch::from_number(256));
        for (number, before) in [(0, true), (255, true), (256, false), (u64::MAX, false)] {
            let row = spent(Epoch::from_number(number), &key);
            assert_eq!((&from..&to).contains(&&row), before, "{number}");
        }
    }

    #[test]
    fn tokens_move_with_their_account() {
        let (one, two) = (SessionKey::from_bytes([1; 32]), SessionKey::from_bytes([2; 32]));
        let account = AccountId::from_text("an account");
        assert_eq!(moved_tokens(&tokens(&one, &account), &two), tokens(&two, &account));
    }
}
