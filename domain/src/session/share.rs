//! The limits of one person's sessions.

use super::SessionKey;

/// The limits of one person's sessions in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonShare {
    /// The number of sessions.
    pub sessions: usize,
    /// Their stored bytes together.
    pub bytes: usize,
}

/// The size of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSize {
    /// Its key.
    pub key: SessionKey,
    /// Its stored bytes, tokens included.
    pub bytes: usize,
}

impl PersonShare {
    /// The sessions that must end. `sessions` has the oldest first; the last one stays whatever its
    /// size, because the person has just signed in to it.
    pub fn excess<'a>(
        &self,
        sessions: &'a [SessionSize],
    ) -> impl Iterator<Item = &'a SessionSize> + use<'a> {
        let (mut count, mut bytes) = (sessions.len(), 0);
        sessions.iter().for_each(|session| bytes += session.bytes);
        let Self { sessions: max, bytes: max_bytes } = *self;
        let all_but_the_last = sessions.split_last().map_or(&[][..], |(_, older)| older);
        all_but_the_last.iter().take_while(move |oldest| {
            let over = count > max || bytes > max_bytes;
            count -= 1;
            bytes -= oldest.bytes;
            over
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn sessions(sizes: &[usize]) -> Vec<SessionSize> {
        let session = |(index, bytes): (usize, &usize)| SessionSize {
            key: SessionKey::from_bytes([index as u8; 32]),
            bytes: *bytes,
        };
        sizes.iter().enumerate().map(session).collect()
    }

    const SHARE: PersonShare = PersonShare { sessions: 3, bytes: 100 };

    #[rstest]
    #[case::no_session(&[], 0)]
    #[case::number_at_the_limit(&[1, 1, 1], 0)]
    #[case::number_over_the_limit(&[1, 1, 1, 1], 1)]
    #[case::number_far_over_the_limit(&[1; 9], 6)]
    #[case::bytes_at_the_limit(&[50, 50], 0)]
    #[case::bytes_over_the_limit(&[50, 51], 1)]
    #[case::large_second(&[1, 100, 40], 2)]
    #[case::large_first(&[60, 60, 40], 1)]
    #[case::small_ones_before_a_large_newest(&[10, 10, 100], 2)]
    #[case::large_newest_alone(&[101], 0)]
    #[case::large_newest(&[1, 101], 1)]
    fn excess_returns_sessions_until_number_and_bytes_fit_and_never_the_newest(
        #[case] sizes: &[usize],
        #[case] expected: usize,
    ) {
        assert_eq!(SHARE.excess(&sessions(sizes)).count(), expected);
    }

    #[test]
    fn excess_returns_the_oldest_sessions() {
        let all = sessions(&[1, 2, 3, 4]);
        assert_eq!(SHARE.excess(&all).collect::<Vec<_>>(), [&all[0]]);
    }
}
