//! Finds the session that a login began in: other logins may have moved it to a new key.

use crate::{
    ports::{Sessions, StoreError, Stored},
    session::{Ending, Session, SessionKey},
    time::Timestamp,
};

/// How many moves are followed: more concurrent logins than a person has in one browser.
pub(super) const MAX_MOVES: usize = 16;

/// The present state of the session that a login began in.
#[derive(Debug)]
pub(super) enum Lineage {
    /// It is alive, under this key.
    Lives(SessionKey, Stored<Session>),
    /// It ended; logins that began in it fail.
    Over,
}

/// The session that had this key, wherever it moved since.
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
