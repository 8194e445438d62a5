//! What is noted beside sessions: why one ended, where a browser's is, and who has signed out
//! everywhere. Each is a sealed mark of the store.

use portico_domain::{
    identity::PersonKey,
    login::{ATTEMPT_LIFETIME, BrowserKey},
    ports::{Commit, Committed, Landed, Landing, Mark, MarkKey, SessionWrite, StoreError},
    session::{ENDING_REMEMBERED, Ending, Session, SessionKey},
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{SealedSessions, records::v1, seal::RecordContext};

/// A kind of mark, and what tells it from others of its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub(crate) kind: &'static str,
    pub(crate) key: &'a [u8],
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
pub(crate) const NEVER: Timestamp = Timestamp::from_unix_seconds(u64::MAX);

/// That a person has signed out everywhere.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct SignedOut {
    /// How many sign-outs there were with this one.
    count: u64,
    /// When, in Unix seconds.
    at: u64,
}

/// A mark as it stands in the store.
pub(crate) struct Found<T> {
    /// What it says; `None` where it cannot be read: the key that sealed it is gone, or somebody has
    /// changed it.
    pub(crate) value: Option<T>,
    pub(crate) sealed: Vec<u8>,
}

impl<'a> Of<'a> {
    fn place(self) -> RecordContext<'a> {
        RecordContext { kind: self.kind, key: self.key }
    }
}

impl SealedSessions {
    /// The mark as it stands in the store.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        of: Of<'_>,
        now: Timestamp,
    ) -> Result<Option<Found<T>>, StoreError> {
        let Some(sealed) = self.records.mark(&self.key_of(of), now).await? else { return Ok(None) };
        let mut bytes = sealed.clone();
        let plain = self.seal.open(of.place(), &mut bytes).ok();
        let value = plain.and_then(|plain| postcard::from_bytes(plain).ok());
        Ok(Some(Found { value, sealed }))
    }

    /// How many sign-outs everywhere there were, and the mark that says so.
    ///
    /// Where it cannot be read, its key is gone, and nobody knows which sign-outs it counted: a new
    /// count begins, higher than any before, so that no login that began earlier lands.
    pub(crate) async fn count(&self, now: Timestamp) -> Result<(u64, Option<Vec<u8>>), StoreError> {
        loop {
            let Some(found) = self.read::<u64>(COUNT, now).await? else { return Ok((0, None)) };
            if let Some(count) = found.value {
                return Ok((count, Some(found.sealed)));
            }
            let commit = Commit {
                now,
                marks_are: vec![(self.key_of(COUNT), Some(found.sealed))],
                marks: vec![self.mark(COUNT, &now.unix_seconds(), NEVER)?],
                ..Commit::default()
            };
            // Where somebody else was faster, theirs is read.
            let _ = self.records.commit(commit).await?;
        }
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

    pub(crate) fn key_of(&self, of: Of<'_>) -> MarkKey {
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
        let (count, _) = self.count(now).await?;
        if begun.0 > count {
            return Ok(Landed::SignedOut);
        }
        for name in people.iter().flat_map(|person| self.names_of_person(person)) {
            let of = signed_out_mark(&name);
            let signed_out = self.read::<SignedOut>(of, now).await?;
            // One that cannot be read may be as late as any.
            let as_late = |found: &Found<SignedOut>| found.value.map_or(count, |it| it.count);
            if signed_out.as_ref().map_or(0, as_late) > begun.0 {
                return Ok(Landed::SignedOut);
            }
            commit.marks_are.push((self.key_of(of), signed_out.map(|found| found.sealed)));
        }
        if let Some((browser, seen)) = &browser {
            let of = browser_mark(browser);
            let found = self.read::<[u8; 32]>(of, now).await?;
            let session = found.as_ref().and_then(|found| found.value);
            if session.map(SessionKey::from_bytes) != *seen {
                return Ok(Landed::Conflict);
            }
            commit.marks_are.push((self.key_of(of), found.map(|found| found.sealed)));
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

    /// Whether the session's person has signed out everywhere since it began, when its key was not
    /// there: it could not be found then.
    pub(crate) async fn is_signed_out(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for name in self.names_of_person(&session.person) {
            let found = self.read::<SignedOut>(signed_out_mark(&name), now).await?;
            let at = found.and_then(|found| found.value).map(|it| it.at);
            if at.is_some_and(|at| at >= session.created_at.unix_seconds()) {
                return Ok(true);
            }
        }
        Ok(false)
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
            let (counted, mark) = self.count(now).await?;
            let count = counted + 1;
            let signed_out = SignedOut { count, at: now.unix_seconds() };
            let remembered = now.plus(ENDING_REMEMBERED.max(self.policy.max));
            let mut marks = vec![
                self.mark(COUNT, &count, NEVER)?,
                self.mark(signed_out_mark(&name), &signed_out, remembered)?,
            ];
            for name in &names {
                for session in self.records.sessions_of(name).await? {
                    marks.push(self.ended(&session.key, Ending::SignedOutEverywhere, now)?);
                }
            }
            let commit = Commit {
                now,
                marks_are: vec![(self.key_of(COUNT), mark)],
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
