//! The sessions of browsers at Entra ID, and the front-channel logout URLs that their end calls.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};

use crate::bytes::guid;
use crate::personas::Person;

/// The cookie with the id of the browser's session.
pub(crate) const COOKIE: &str = "emulated_entra_session";

/// The sessions, only if [`TokenSettings::session_ids`](super::TokenSettings::session_ids) is set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    /// Who signed in, by the id of the session: one person after another replaces it.
    people: HashMap<String, &'static str>,
    /// The front-channel logout URLs that are registered.
    logout_urls: Vec<String>,
}

impl Sessions {
    /// The id of the browser's session after this person signed in: the one of the cookie if it is theirs.
    pub(crate) fn signed_in(&mut self, person: &Person, headers: &HeaderMap) -> String {
        let own = |id: &String| self.people.get(id) == Some(&person.user_name);
        let id = cookie(headers).filter(own).unwrap_or_else(guid);
        self.people.insert(id.clone(), person.user_name);
        id
    }

    /// Ends the browser's session, and returns its id.
    pub(crate) fn end(&mut self, headers: &HeaderMap) -> Option<String> {
        let id = cookie(headers)?;
        self.people.remove(&id).map(|_| id)
    }

    /// Ends all sessions of a person.
    pub(crate) fn end_all_of(&mut self, person: &Person) {
        self.people.retain(|_, user_name| *user_name != person.user_name);
    }

    /// The ids of a person's sessions, in no order.
    pub(crate) fn of(&self, person: &Person) -> Vec<String> {
        let own = self.people.iter().filter(|(_, user_name)| **user_name == person.user_name);
        own.map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn register(&mut self, logout_urls: Vec<String>) {
        self.logout_urls = logout_urls;
    }

    pub(crate) fn logout_urls(&self) -> &[String] {
        &self.logout_urls
    }
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = cookies.flat_map(|it| it.split("; ")).filter_map(|it| it.split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, id)| id.to_owned())
}
