//! What is noted beside sessions: why one ended, where a browser's is, and who has signed out
//! everywhere. Each is a sealed mark of the store.

use portico_domain::{
    identity::PersonKey,
    login::{ATTEMPT_LIFETIME, BrowserKey},
    ports::{Commit, Committed, Landed, Landing, Mark, MarkKey, SessionWrite, StoreError},
    session::{ENDING_REMEMBERED, Ending, SessionKey},
    time::Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{SealedSessions, records::v1, seal::Place};

/// A kind of mark, and what tells it from others of its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    kind: &'static str,
    key: &'a [u8],
}

/// How many people have signed out everywhere.
pub(crate) const COUNT: Of<'static> = Of { kind: "sign-outs", key: &[] };

pub(crate) fn ending_mark(key: &SessionKey) -> Of<'_> {
    Of { kind: "ending", key: key.as_bytes() }
}

pub(crate) fn browser_mark(browser: &BrowserKey) -> Of<'_> {
    Of { kind: "browser", key: browser.as_bytes() }
}

/// Of a person under a name that the store knows them by: whoever has a copy of it and a list of
/// people cannot try them all.
fn signed_out_mark(name: &PersonKey) -> Of<'_> {
    Of { kind: "signed out", key: name.as_bytes() }
}

/// The end of what never expires.
const NEVER: Timestamp = Timestamp::from_unix_seconds(u64::MAX);

impl<'a> Of<'a> {
    fn place(self) -> Place<'a> {
        Place { kind: self.kind, key: self.key }
    }
}

impl SealedSessions {
    /// The mark, and its sealed bytes.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        of: Of<'_>,
        now: Timestamp,
    ) -> Result<Option<(T, Vec<u8>)>, StoreError> {
        let Some(sealed) = self.records.mark(&self.key_of(of), now).await? else { return Ok(None) };
        let (place, mut bytes) = (of.place(), sealed.clone());
        let plain = self.seal.open(place, &mut bytes)?;
        let value = postcard::from_bytes(plain).map_err(|why| place.unreadable(&why))?;
        Ok(Some((value, sealed)))
    }

    fn mark(
        &self,
        of: Of<'_>,
        value: &impl Serialize,
        expires_at: Timestamp,
    ) -> Result<Mark, StoreError> {
        let sealed = self.seal.seal(of.place(), value)?;
        Ok(Mark { key: self.key_of(of), expires_at, sealed })
    }

    /// What this person's sessions and marks may stand under.
    fn names_of_person(&self, person: &PersonKey) -> Vec<PersonKey> {
        self.seal.namers().map(|namer| namer.person(person)).collect()
    }

    fn key_of(&self, of: Of<'_>) -> MarkKey {
        MarkKey::from_bytes(of.place().digest())
    }

    pub(crate) fn ended(
        &self,
        key: &SessionKey,
        why: Ending,
        now: Timestamp,
    ) -> Result<Mark, StoreError> {
        self.mark(ending_mark(key), &v1::Ending::of(why), now.plus(ENDING_REMEMBERED))
    }

    pub(crate) async fn landing(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        let Landing { key, session, tokens, former, browser, begun, people, now } = landing;
        let mut commit = Commit { now, ..Commit::default() };
        let count = self.read::<u64>(COUNT, now).await?.map_or(0, |(count, _)| count);
        if begun.0 > count {
            return Ok(Landed::SignedOut);
        }
        for name in people.iter().flat_map(|person| self.names_of_person(person)) {
            let of = signed_out_mark(&name);
            let signed_out = self.read::<u64>(of, now).await?;
            if signed_out.as_ref().is_some_and(|(at, _)| *at > begun.0) {
                return Ok(Landed::SignedOut);
            }
            commit.marks_are.push((self.key_of(of), signed_out.map(|(_, sealed)| sealed)));
        }
        if let Some((browser, seen)) = &browser {
            let of = browser_mark(browser);
            let found = self.read::<[u8; 32]>(of, now).await?;
            if found.as_ref().map(|(key, _)| SessionKey::from_bytes(*key)) != *seen {
                return Ok(Landed::Conflict);
            }
            commit.marks_are.push((self.key_of(of), found.map(|(_, sealed)| sealed)));
            commit.marks.push(self.mark(of, key.as_bytes(), now.plus(ATTEMPT_LIFETIME))?);
        }
        let (mut from, mut without) = (None, vec![]);
        if let Some(former) = former {
            commit.session_is = Some((former.key, former.version));
            if former.moves {
                (from, without) = (Some(former.key), self.names_of(&former.without));
                commit.marks.push(self.ended(&former.key, Ending::Moved(key), now)?);
            } else {
                commit.remove.push(former.key);
                commit.marks.push(self.ended(&former.key, Ending::Replaced, now)?);
            }
        }
        let (record, tokens) = (self.record(&key, session)?, self.token_records(tokens)?);
        commit.write = Some(SessionWrite { key, record, tokens, from, without });
        Ok(match self.records.commit(commit).await? {
            Committed::Done { .. } => Landed::Done,
            Committed::Conflict => Landed::Conflict,
        })
    }

    /// Counts the sign-out. Where another one was counted at the same time, that one is done, so
    /// this comes to an end.
    pub(crate) async fn signing_out(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let (name, names) = (self.seal.namer().person(person), self.names_of_person(person));
        loop {
            let counted = self.read::<u64>(COUNT, now).await?;
            let count = counted.as_ref().map_or(0, |(count, _)| *count) + 1;
            let mut marks = vec![
                self.mark(COUNT, &count, NEVER)?,
                self.mark(signed_out_mark(&name), &count, now.plus(ENDING_REMEMBERED))?,
            ];
            for name in &names {
                for session in self.records.sessions_of(name).await? {
                    marks.push(self.ended(&session.key, Ending::SignedOutEverywhere, now)?);
                }
            }
            let commit = Commit {
                now,
                marks_are: vec![(self.key_of(COUNT), counted.map(|(_, sealed)| sealed))],
                remove_all_of: names.clone(),
                marks,
                ..Commit::default()
            };
            if let Committed::Done { removed } = self.records.commit(commit).await? {
                return Ok(removed);
            }
        }
    }
}
