//! Sign-outs everywhere and sign-outs at providers: how many there were, and the last one of each person
//! and sign-in.

use portico_domain::{
    identity::PersonKey,
    ports::{Sessions as _, StoreError, Version},
    session::{ENDING_REMEMBERED, Ending, Session},
    sign_in::SignInKey,
    time::Timestamp,
};
use portico_records::{Batch, Committed, Owner};

use super::{
    SealedSessions,
    notes::{Note, SIGN_OUT_COUNT, sign_out_note},
};
use crate::records::{SignOuts, SignedOut};

impl SealedSessions {
    /// The number of sign-outs everywhere, and the version of the note that has it.
    ///
    /// If the note cannot be read, its key was removed and the number is unknown. It then starts again
    /// at the Unix time, above any earlier number, so that no login that began before lands.
    pub(super) async fn sign_out_count(
        &self,
        now: Timestamp,
    ) -> Result<(u64, Option<Version>), StoreError> {
        loop {
            let Some(found) = self.read_note::<SignOuts>(SIGN_OUT_COUNT, now).await? else {
                return Ok((0, None));
            };
            if let Some(SignOuts { count }) = found.value {
                return Ok((count, Some(found.version)));
            }
            let count = now.unix_seconds();
            let batch = Batch {
                require: vec![(SIGN_OUT_COUNT.record_key(), Some(found.version))],
                put: vec![self.note_put(SIGN_OUT_COUNT, &SignOuts { count }, None)?],
                ..Batch::default()
            };
            // After a conflict the note of the other writer is read.
            let _ = self.records.commit(batch).await?;
        }
    }

    /// The names of a person under every key of the ring.
    pub(super) fn person_names(&self, person: &PersonKey) -> Vec<Owner> {
        self.seal.namers().map(|namer| namer.person(person)).collect()
    }

    /// The names of a sign-in under every key of the ring.
    pub(super) fn sign_in_names(&self, sign_in: &SignInKey) -> Vec<Owner> {
        self.seal.namers().map(|namer| namer.sign_in(sign_in)).collect()
    }

    /// Whether one of `people` has signed out everywhere, or one of the session's sign-ins ended, since a
    /// login began at which the number of sign-outs was `at_begin`. Adds to the batch the condition that
    /// none of them does until its commit.
    pub(super) async fn signed_out_since(
        &self,
        batch: &mut Batch,
        at_begin: u64,
        people: &[PersonKey],
        session: &Session,
    ) -> Result<bool, StoreError> {
        let (count, _) = self.sign_out_count(batch.now).await?;
        if at_begin > count {
            return Ok(true);
        }
        let people = people.iter().flat_map(|person| self.person_names(person));
        let sign_ins = session.sign_ins();
        let sign_ins = sign_ins.iter().flat_map(|sign_in| self.sign_in_names(sign_in));
        for name in people.chain(sign_ins) {
            let id = sign_out_note(&name);
            let signed_out = self.read_note::<SignedOut>(id, batch.now).await?;
            // An unreadable note counts as the latest sign-out.
            let number = |found: &Note<SignedOut>| found.value.map_or(count, |it| it.count);
            if signed_out.as_ref().map_or(0, number) > at_begin {
                return Ok(true);
            }
            batch.require.push((id.record_key(), signed_out.map(|found| found.version)));
        }
        Ok(false)
    }

    /// Whether the session's person has signed out everywhere, or was signed out by the provider, since
    /// the session began. A sign-out does not remove sessions whose key is not in the ring.
    pub(super) async fn is_signed_out(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sign_in = session.own_account().and_then(|account| account.provider_session);
        let sign_in = sign_in.iter().flat_map(|sign_in| self.sign_in_names(sign_in));
        for name in self.person_names(&session.person).into_iter().chain(sign_in) {
            let found = self.read_note::<SignedOut>(sign_out_note(&name), now).await?;
            let at = found.and_then(|found| found.value).map(|it| it.at);
            if at.is_some_and(|at| at >= session.created_at.unix_seconds()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Ends all sessions of a person and increments the number of sign-outs. Returns how many sessions
    /// ended. A conflict means that another sign-out was committed, so the loop terminates.
    pub(super) async fn sign_person_out(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let (name, names) = (self.seal.namer().person(person), self.person_names(person));
        loop {
            let (count, version) = self.sign_out_count(now).await?;
            let count = count + 1;
            let signed_out = SignedOut { count, at: now.unix_seconds() };
            let until = now.plus(ENDING_REMEMBERED.max(self.policy.max));
            let mut put = vec![
                self.note_put(SIGN_OUT_COUNT, &SignOuts { count }, None)?,
                self.note_put(sign_out_note(&name), &signed_out, Some(until))?,
            ];
            for session in self.sessions_of(person).await? {
                put.push(self.ending_put(&session.key, Ending::SignedOutEverywhere, now)?);
            }
            let batch = Batch {
                require: vec![(SIGN_OUT_COUNT.record_key(), version)],
                remove_owned_by: names.clone(),
                put,
                ..Batch::default()
            };
            if let Committed::Done { removed } = self.records.commit(batch).await? {
                return Ok(removed);
            }
        }
    }

    /// Increments the number of sign-outs, and notes it for a sign-in. After a conflict another sign-out
    /// was committed, so the loop terminates.
    pub(super) async fn sign_sign_in_out(
        &self,
        sign_in: &SignInKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = self.seal.namer().sign_in(sign_in);
        loop {
            let (count, version) = self.sign_out_count(now).await?;
            let count = count + 1;
            let signed_out = SignedOut { count, at: now.unix_seconds() };
            let until = now.plus(ENDING_REMEMBERED.max(self.policy.max));
            let put = vec![
                self.note_put(SIGN_OUT_COUNT, &SignOuts { count }, None)?,
                self.note_put(sign_out_note(&name), &signed_out, Some(until))?,
            ];
            let require = vec![(SIGN_OUT_COUNT.record_key(), version)];
            let batch = Batch { require, put, ..Batch::default() };
            if let Committed::Done { .. } = self.records.commit(batch).await? {
                return Ok(());
            }
        }
    }
}
