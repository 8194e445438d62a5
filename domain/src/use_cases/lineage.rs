//! Where a session is that a login was begun in: logins move sessions to new keys.

use crate::{
    ports::{Sessions, StoreError, Stored},
    session::{Ending, Session, SessionKey},
    time::Timestamp,
};

/// How many moves are followed. So many logins of one browser that are under way at once are none
/// of a person's.
const MAX_MOVES: usize = 16;

/// A session that a login was begun in, as it is now.
#[derive(Debug)]
pub(super) enum Lineage {
    /// It lives, here.
    Lives(SessionKey, Stored<Session>),
    /// It has ended, and nothing that was begun in it goes on.
    Over,
}

/// The session that stood at `key`, wherever it has moved since.
pub(super) async fn trace(
    sessions: &dyn Sessions,
    mut key: SessionKey,
    now: Timestamp,
) -> Result<Lineage, StoreError> {
    for _ in 0..MAX_MOVES {
        if let Some(stored) = sessions.find_readable(&key, now).await? {
            return Ok(Lineage::Lives(key, stored));
        }
        match sessions.ending(&key, now).await? {
            Some(Ending::Moved(to)) => key = to,
            _ => break,
        }
    }
    Ok(Lineage::Over)
}
