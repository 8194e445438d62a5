//! How much of a store one person may have.

use super::SessionKey;

/// How much of a store one person may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonShare {
    /// Sessions at once.
    pub sessions: usize,
    /// Bytes of all of them, as the store keeps them.
    pub bytes: usize,
}

/// One of a person's sessions, as the store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSize {
    /// Where it stands.
    pub key: SessionKey,
    /// With its tokens.
    pub bytes: usize,
}

impl PersonShare {
    /// Which of these sessions must end, where the oldest come first. The last one stays whatever
    /// its size: it is what the person has just signed in to.
    pub fn too_many<'a>(
        &self,
        sessions: &'a [SessionSize],
    ) -> impl Iterator<Item = &'a SessionSize> + use<'a> {
        let (mut count, mut bytes) = (sessions.len(), 0);
        sessions.iter().for_each(|session| bytes += session.bytes);
        let Self { sessions: most, bytes: most_bytes } = *self;
        let all_but_the_last = sessions.split_last().map_or(&[][..], |(_, older)| older);
        all_but_the_last.iter().take_while(move |oldest| {
            let over = count > most || bytes > most_bytes;
            count -= 1;
            bytes -= oldest.bytes;
            over
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(sizes: &[usize]) -> Vec<SessionSize> {
        let session = |(index, bytes): (usize, &usize)| SessionSize {
            key: SessionKey::from_bytes([index as u8; 32]),
            bytes: *bytes,
        };
        sizes.iter().enumerate().map(session).collect()
    }

    fn ended(sizes: &[usize]) -> usize {
        let share = PersonShare { sessions: 3, bytes: 100 };
        share.too_many(&sessions(sizes)).count()
    }

    #[test]
    fn the_oldest_end_until_number_and_bytes_are_within_the_share() {
        assert_eq!(ended(&[]), 0);
        assert_eq!(ended(&[1, 1, 1]), 0);
        assert_eq!(ended(&[1, 1, 1, 1]), 1);
        assert_eq!(ended(&[1; 9]), 6);
        assert_eq!(ended(&[50, 50]), 0);
        assert_eq!(ended(&[50, 51]), 1);
        assert_eq!(ended(&[1, 100, 40]), 2);
        assert_eq!(ended(&[60, 60, 40]), 1);
        let first = sessions(&[1, 2, 3, 4]);
        let share = PersonShare { sessions: 3, bytes: 100 };
        assert_eq!(share.too_many(&first).collect::<Vec<_>>(), [&first[0]]);
    }

    #[test]
    fn the_newest_session_stays_even_if_it_is_larger_than_the_share() {
        assert_eq!(ended(&[101]), 0);
        assert_eq!(ended(&[1, 101]), 1);
    }
}
