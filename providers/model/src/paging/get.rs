//! The request for the first page of a list.

use url::Url;

use crate::{
    identity::TenantId,
    listing::{Credential, Method, Request},
};

/// A GET with a token.
#[derive(Clone, Debug)]
pub struct Get {
    pub(super) url: Url,
    headers: Vec<(String, String)>,
    credential: Credential,
}

impl Get {
    /// A request to `url` with the token of this permission.
    pub fn new(url: Url, permission: &str) -> Self {
        let credential = Credential { permission: permission.into(), tenant: None };
        Self { url, headers: vec![], credential }
    }

    /// Adds a parameter to the query.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Adds a header, which the host or the permission must allow.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Uses the token of another tenant than the one signed in to.
    #[must_use]
    pub fn in_tenant(mut self, tenant: TenantId) -> Self {
        self.credential.tenant = Some(tenant);
        self
    }

    /// The request for another page.
    pub(super) fn request(&self, id: u32, url: Url) -> Request {
        Request {
            id,
            method: Method::Get,
            url,
            headers: self.headers.clone(),
            body: None,
            credential: Some(self.credential.clone()),
        }
    }
}
