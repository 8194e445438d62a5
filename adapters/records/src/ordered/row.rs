//! The head in the value of a record's row.

use portico_domain::{ports::Version, time::Timestamp};

use crate::contract::{Key, Owner};

/// Metadata of a record, before its first piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Changes with every write, so that a reader does not mix pieces of two writes.
    pub(crate) version: Version,
    /// The number of further pieces, each in a row of its own.
    pub(crate) more: u16,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) owners: Vec<Owner>,
    /// The dependents that the record refers to.
    pub(crate) refers: Vec<Key>,
    /// Whether it has an earlier format, in which a session was one record with its tokens beside it.
    pub(crate) earlier: bool,
}

/// Formats of heads. Rows of the first two are not written any more and are removed at their expiry.
const EARLIER_WITHOUT_OWNER: u8 = 1;
const EARLIER_WITH_OWNER: u8 = 2;
const FORMAT: u8 = 3;

/// The encoding of no expiry.
const NEVER: u64 = u64::MAX;

impl Head {
    /// Encodes the head; `None` if it has more than 255 owners or references.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut value = vec![FORMAT];
        value.extend_from_slice(&self.version.0.to_be_bytes());
        value.extend_from_slice(&self.more.to_be_bytes());
        let expires_at = self.expires_at.map_or(NEVER, Timestamp::unix_seconds);
        value.extend_from_slice(&expires_at.to_be_bytes());
        value.push(self.owners.len().try_into().ok()?);
        for owner in &self.owners {
            value.extend_from_slice(owner.as_bytes());
        }
        value.push(self.refers.len().try_into().ok()?);
        for key in &self.refers {
            value.push(key.as_bytes().len().try_into().ok()?);
            value.extend_from_slice(key.as_bytes());
        }
        Some(value)
    }

    /// Decodes the head of a value. Returns it with the first piece; `None` if the format is unknown.
    pub(crate) fn read(value: &[u8]) -> Option<(Self, &[u8])> {
        let (format, rest) = value.split_first()?;
        let (version, rest) = rest.split_first_chunk()?;
        let (more, rest) = rest.split_first_chunk()?;
        let (expires_at, rest) = rest.split_first_chunk()?;
        let (count, rest) = match *format {
            EARLIER_WITHOUT_OWNER => (0, rest),
            EARLIER_WITH_OWNER => (1, rest),
            FORMAT => rest.split_first().map(|(count, rest)| (*count, rest))?,
            _ => return None,
        };
        let (owners, rest) = read_owners(count, rest)?;
        let earlier = *format != FORMAT;
        let (refers, piece) = if earlier { (vec![], rest) } else { read_keys(rest)? };
        let expires_at = Some(u64::from_be_bytes(*expires_at)).filter(|it| *it != NEVER);
        let head = Self {
            version: Version(u64::from_be_bytes(*version)),
            more: u16::from_be_bytes(*more),
            expires_at: expires_at.map(Timestamp::from_unix_seconds),
            owners,
            refers,
            earlier,
        };
        Some((head, piece))
    }

    /// Whether the record has not expired at `now`.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

fn read_owners(count: u8, mut rest: &[u8]) -> Option<(Vec<Owner>, &[u8])> {
    let mut owners = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (owner, more) = rest.split_first_chunk()?;
        owners.push(Owner::from_bytes(*owner));
        rest = more;
    }
    Some((owners, rest))
}

fn read_keys(bytes: &[u8]) -> Option<(Vec<Key>, &[u8])> {
    let (count, mut rest) = bytes.split_first()?;
    let mut keys = Vec::with_capacity(usize::from(*count));
    for _ in 0..*count {
        let (length, more) = rest.split_first()?;
        let (key, more) = more.split_at_checked(usize::from(*length))?;
        keys.push(Key::from_bytes(key)?);
        rest = more;
    }
    Some((keys, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Kind;

    fn head() -> Head {
        Head {
            version: Version(3),
            more: 2,
            expires_at: Some(Timestamp::from_unix_seconds(99)),
            owners: vec![Owner::from_bytes([7; 32])],
            refers: vec![Key::new(Kind::Tokens, &[1; 16]), Key::new(Kind::Listing, &[2; 16])],
            earlier: false,
        }
    }

    #[test]
    fn read_returns_the_written_head_and_piece_and_none_if_truncated() {
        let bare = Head { expires_at: None, owners: vec![], refers: vec![], ..head() };
        let owners = vec![Owner::from_bytes([7; 32]), Owner::from_bytes([8; 32])];
        for head in [head(), bare, Head { owners, ..head() }] {
            let mut value = head.to_bytes().unwrap();
            for length in 0..value.len() {
                assert_eq!(Head::read(&value[..length]), None, "{length} bytes of it");
            }
            value.extend_from_slice(b"piece");
            assert_eq!(Head::read(&value), Some((head, b"piece".as_slice())));
        }
        assert_eq!(Head::read(&[9; 60]), None, "an unknown format");
    }

    #[test]
    fn read_returns_an_earlier_head_without_references() {
        let mut value = vec![EARLIER_WITH_OWNER];
        value.extend([0, 0, 0, 0, 0, 0, 0, 3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 99]);
        value.extend([7; 32]);
        value.extend(b"piece");
        let earlier = Head { refers: vec![], earlier: true, ..head() };
        assert_eq!(Head::read(&value), Some((earlier, b"piece".as_slice())));
    }

    #[test]
    fn to_bytes_returns_none_for_256_references_or_owners() {
        let refers = vec![Key::new(Kind::Tokens, &[1; 16]); 256];
        assert_eq!(Head { refers, ..head() }.to_bytes(), None);
        let owners = vec![Owner::from_bytes([7; 32]); 256];
        assert_eq!(Head { owners, ..head() }.to_bytes(), None);
    }
}
