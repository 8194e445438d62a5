//! The sessions of a person without their listings.

use portico_domain::{
    identity::PersonKey,
    ports::{Sessions as _, StoreError},
    session::{Session, SessionKey, SessionSize},
    time::Timestamp,
};

use super::SealedSessions;

impl SealedSessions {
    /// The live sessions of a person. The store's index of them is not authenticated, so the person in
    /// the sealed head decides.
    pub(super) async fn live_heads(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<Vec<(SessionKey, Session)>, StoreError> {
        let mut heads = Vec::new();
        for SessionSize { key, .. } in self.sessions_of(person).await? {
            let head = match self.open(&key, now).await {
                Ok(Some(head)) => head,
                Ok(None) | Err(StoreError::Unreadable(_)) => continue,
                Err(error) => return Err(error),
            };
            let (session, former) = (head.session, head.sealed_by_former_key);
            let is_theirs = session.person == *person && session.is_live(&self.policy, now);
            if is_theirs && !(former && self.is_signed_out(&session, now).await?) {
                heads.push((key, session));
            }
        }
        Ok(heads)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portico_domain::testing::{CountingEntropy, SessionsExt as _, samples};
    use portico_memory::MemoryRecords;
    use portico_records::{Batch, Committed, Put, Records as _};

    use super::*;
    use crate::{key_ring::KeyRing, seal::Seal, sessions::session_key};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
    const ZOFIAS: SessionKey = SessionKey::from_bytes([1; 32]);

    /// Somebody who can write to the store gives Zofia's session to Marek.
    #[tokio::test]
    async fn live_heads_leaves_out_a_session_that_the_index_of_another_person_names() {
        let records = Arc::new(MemoryRecords::default());
        let ring = KeyRing::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let seal = Seal::new(Arc::new(ring), Arc::new(CountingEntropy::default()));
        let sessions = SealedSessions::new(records.clone(), Arc::new(seal), samples::POLICY);
        let session = samples::session("contoso", "zofia", NOW);
        sessions.create(ZOFIAS, &session, vec![]).await.unwrap();

        let marek = samples::person("contoso", "marek");
        let record = records.get(&session_key(&ZOFIAS), NOW).await.unwrap().unwrap();
        let put = vec![Put {
            key: session_key(&ZOFIAS),
            bytes: record.value,
            expires_at: Some(session.expires_at(&samples::POLICY)),
            owners: vec![sessions.seal.namer().person(&marek)],
            refers: vec![],
        }];
        let moved = records.commit(Batch { put, ..Batch::default() }).await.unwrap();
        assert!(matches!(moved, Committed::Done { .. }));
        assert_eq!(sessions.sessions_of(&marek).await.unwrap().len(), 1);
        assert_eq!(sessions.heads_of(&marek, NOW).await.unwrap(), []);
    }
}
