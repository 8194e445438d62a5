//! Sessions and their tokens in a map.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    account::{AccountId, SharedListing},
    identity::PersonKey,
    login::{ATTEMPT_LIFETIME, BrowserKey},
    ports::{
        Landed, Landing, NewTokens, SessionTokens, Sessions, StoreError, Stored, Version, Written,
    },
    session::{
        ENDING_REMEMBERED, Ending, Session, SessionKey, SessionPolicy, SessionSize, SignOutCount,
        TokenSet,
    },
    sign_in::SignInKey,
    time::Timestamp,
};

/// Sessions and their tokens in a map.
#[derive(Debug)]
pub struct FakeSessions {
    policy: SessionPolicy,
    maps: Mutex<Maps>,
}

#[derive(Debug, Default)]
struct Maps {
    sessions: HashMap<SessionKey, Entry>,
    endings: HashMap<SessionKey, (Ending, Timestamp)>,
    browsers: HashMap<BrowserKey, (SessionKey, Timestamp)>,
    signed_out: HashMap<PersonKey, SignOutCount>,
    signed_out_at: HashMap<SignInKey, SignOutCount>,
    sign_outs: SignOutCount,
    logins: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    session: Session,
    version: u64,
    /// Its place among all logins.
    login: u64,
    tokens: HashMap<AccountId, Stored<TokenSet>>,
}

impl Entry {
    fn add_tokens(&mut self, tokens: NewTokens) {
        for (account, value) in tokens {
            let version = self.tokens.get(&account).map_or(0, |before| before.version.0) + 1;
            self.tokens.insert(account, Stored { value, version: Version(version) });
        }
    }
}

impl FakeSessions {
    /// An empty store of sessions that last as `policy` says.
    pub fn new(policy: SessionPolicy) -> Self {
        Self { policy, maps: Mutex::default() }
    }

    /// How many sessions there are, expired ones with them.
    pub fn count(&self) -> usize {
        self.maps().sessions.len()
    }

    fn maps(&self) -> MutexGuard<'_, Maps> {
        self.maps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(
        &self,
        key: &SessionKey,
        expected: Version,
        change: impl FnOnce(&mut Entry),
    ) -> Written {
        match self.maps().sessions.get_mut(key) {
            Some(entry) if entry.version == expected.0 => {
                change(entry);
                entry.version += 1;
                Written::Done
            }
            _ => Written::Conflict,
        }
    }
}

impl Maps {
    fn session_in(&self, browser: &BrowserKey, now: Timestamp) -> Option<SessionKey> {
        self.browsers.get(browser).filter(|(_, end)| now < *end).map(|(session, _)| *session)
    }

    fn end_all(&mut self, keys: &[SessionKey], why: Ending, now: Timestamp) {
        for key in keys {
            if self.sessions.remove(key).is_some() {
                self.note(*key, why, now);
            }
        }
    }

    fn note(&mut self, key: SessionKey, why: Ending, now: Timestamp) {
        self.endings.insert(key, (why, now.plus(ENDING_REMEMBERED)));
    }

    /// Removes a session that is not alive.
    fn remove_dead(&mut self, key: &SessionKey, policy: &SessionPolicy, now: Timestamp) {
        let Some(entry) = self.sessions.remove(key) else { return };
        if entry.session.times().is_expired(policy, now) {
            self.endings.insert(*key, (Ending::Expired, forgotten(&entry.session, policy)));
        }
    }

    fn refuse(&self, landing: &Landing<'_>) -> Option<Landed> {
        let late =
            |person| self.signed_out.get(person).is_some_and(|at| *at > landing.sign_outs_at_begin);
        let ended = |sign_in: &SignInKey| {
            self.signed_out_at.get(sign_in).is_some_and(|at| *at > landing.sign_outs_at_begin)
        };
        if landing.sign_outs_at_begin > self.sign_outs
            || landing.people.iter().any(late)
            || landing.session.sign_ins().iter().any(ended)
        {
            return Some(Landed::SignedOut);
        }
        let version = |key| self.sessions.get(key).map(|entry| Version(entry.version));
        let stale = landing.former.as_ref().is_some_and(|it| version(&it.key) != Some(it.version));
        let other = |(browser, seen): &(BrowserKey, Option<SessionKey>)| {
            self.session_in(browser, landing.now) != *seen
        };
        (stale || landing.browser.as_ref().is_some_and(other)).then_some(Landed::Conflict)
    }
}

/// Until when it is remembered that this session expired.
fn forgotten(session: &Session, policy: &SessionPolicy) -> Timestamp {
    session.created_at.plus(policy.max).plus(ENDING_REMEMBERED)
}

#[async_trait]
impl Sessions for FakeSessions {
    async fn land(&self, landing: Landing<'_>) -> Result<Landed, StoreError> {
        let mut maps = self.maps();
        if let Some(refused) = maps.refuse(&landing) {
            return Ok(refused);
        }
        let Landing { key, session, tokens, former, crowded, browser, now, .. } = landing;
        maps.end_all(&crowded, Ending::Crowded, now);
        let (mut retained, mut version) = (HashMap::new(), 0);
        if let Some(former) = former {
            let ended = maps.sessions.remove(&former.key);
            if let Some(entry) = ended.filter(|_| former.moves) {
                (retained, version) = (entry.tokens, entry.version);
                retained.retain(|account, _| !former.without.contains(account));
            }
            let why = if former.moves { Ending::Moved(key) } else { Ending::Replaced };
            maps.note(former.key, why, now);
        }
        maps.logins += 1;
        let (session, login) = (session.clone(), maps.logins);
        let mut entry = Entry { session, version: version + 1, login, tokens: retained };
        entry.add_tokens(tokens);
        maps.sessions.insert(key, entry);
        if let Some((browser, _)) = browser {
            maps.browsers.insert(browser, (key, now.plus(ATTEMPT_LIFETIME)));
        }
        Ok(Landed::Done)
    }

    async fn find(
        &self,
        key: &SessionKey,
        now: Timestamp,
    ) -> Result<Option<Stored<Session>>, StoreError> {
        let mut maps = self.maps();
        let Some(entry) = maps.sessions.get(key).cloned() else { return Ok(None) };
        if !entry.session.is_live(&self.policy, now) {
            maps.remove_dead(key, &self.policy, now);
            return Ok(None);
        }
        Ok(Some(Stored { value: entry.session, version: Version(entry.version) }))
    }

    async fn replace(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        tokens: NewTokens,
    ) -> Result<Written, StoreError> {
        Ok(self.write(key, expected, |entry| {
            entry.session = session.clone();
            entry.add_tokens(tokens);
        }))
    }

    async fn disconnect(
        &self,
        key: &SessionKey,
        expected: Version,
        session: &Session,
        accounts: &[AccountId],
    ) -> Result<Written, StoreError> {
        Ok(self.write(key, expected, |entry| {
            entry.session = session.clone();
            entry.tokens.retain(|account, _| !accounts.contains(account));
        }))
    }

    async fn remove(&self, key: &SessionKey) -> Result<bool, StoreError> {
        Ok(self.maps().sessions.remove(key).is_some())
    }

    async fn end(&self, key: &SessionKey, why: Ending, now: Timestamp) -> Result<bool, StoreError> {
        let mut maps = self.maps();
        let ended = maps.sessions.remove(key).is_some();
        if ended {
            maps.note(*key, why, now);
        }
        Ok(ended)
    }

    async fn end_all(
        &self,
        keys: &[SessionKey],
        why: Ending,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        self.maps().end_all(keys, why, now);
        Ok(Written::Done)
    }

    async fn ending(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Ending>, StoreError> {
        let maps = self.maps();
        let noted = maps.endings.get(key).filter(|(_, end)| now < *end).map(|(why, _)| *why);
        let expired = maps.sessions.get(key).map(|entry| &entry.session).filter(|session| {
            session.times().is_expired(&self.policy, now) && now < forgotten(session, &self.policy)
        });
        Ok(noted.or(expired.map(|_| Ending::Expired)))
    }

    async fn session_in(
        &self,
        browser: &BrowserKey,
        now: Timestamp,
    ) -> Result<Option<SessionKey>, StoreError> {
        Ok(self.maps().session_in(browser, now))
    }

    async fn sign_outs(&self, _now: Timestamp) -> Result<SignOutCount, StoreError> {
        Ok(self.maps().sign_outs)
    }

    async fn sign_out_everywhere(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut maps = self.maps();
        maps.sign_outs.0 += 1;
        let count = maps.sign_outs;
        maps.signed_out.insert(*person, count);
        let of_them = |_: &SessionKey, entry: &mut Entry| entry.session.person == *person;
        let ended: Vec<_> = maps.sessions.extract_if(of_them).map(|(key, _)| key).collect();
        for key in &ended {
            maps.note(*key, Ending::SignedOutEverywhere, now);
        }
        Ok(ended.len())
    }

    async fn sessions_of(&self, person: &PersonKey) -> Result<Vec<SessionSize>, StoreError> {
        let maps = self.maps();
        let of_them = maps.sessions.iter().filter(|(_, entry)| entry.session.person == *person);
        let mut found: Vec<_> = of_them.collect();
        found.sort_by_key(|(_, entry)| entry.login);
        let size = |entry: &Entry| format!("{entry:?}").len();
        Ok(found.into_iter().map(|(key, it)| SessionSize { key: *key, bytes: size(it) }).collect())
    }

    async fn heads_of(
        &self,
        person: &PersonKey,
        now: Timestamp,
    ) -> Result<Vec<(SessionKey, Session)>, StoreError> {
        let mut heads = Vec::new();
        for SessionSize { key, .. } in self.sessions_of(person).await? {
            if let Some(Stored { mut value, .. }) = self.find(&key, now).await? {
                value.accounts.iter_mut().for_each(|it| it.listing = SharedListing::default());
                heads.push((key, value));
            }
        }
        Ok(heads)
    }

    async fn sessions_at(&self, sign_in: &SignInKey) -> Result<Vec<SessionKey>, StoreError> {
        let maps = self.maps();
        let of_it = maps.sessions.iter().filter(|(_, it)| it.session.sign_ins().contains(sign_in));
        Ok(of_it.map(|(key, _)| *key).collect())
    }

    async fn sign_out_at(&self, sign_in: &SignInKey, _now: Timestamp) -> Result<(), StoreError> {
        let mut maps = self.maps();
        maps.sign_outs.0 += 1;
        let count = maps.sign_outs;
        maps.signed_out_at.insert(*sign_in, count);
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl SessionTokens for FakeSessions {
    async fn find_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Stored<TokenSet>>, StoreError> {
        let maps = self.maps();
        let live = |entry: &&Entry| now < entry.session.expires_at(&self.policy);
        let found = maps.sessions.get(key).filter(live).and_then(|entry| entry.tokens.get(account));
        Ok(found.cloned())
    }

    async fn swap_tokens(
        &self,
        key: &SessionKey,
        account: &AccountId,
        expected: Version,
        tokens: &TokenSet,
        _now: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut maps = self.maps();
        let found = maps.sessions.get_mut(key).and_then(|entry| entry.tokens.get_mut(account));
        let Some(found) = found.filter(|found| found.version == expected) else {
            return Ok(Written::Conflict);
        };
        *found = Stored { value: tokens.clone(), version: Version(expected.0 + 1) };
        Ok(Written::Done)
    }
}
