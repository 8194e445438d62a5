//! One file for each group of routes. A handler parses, calls one use case, and answers.

pub(crate) mod login;
pub(crate) mod meta;
pub(crate) mod pages;
pub(crate) mod session;

use std::{net::IpAddr, sync::Arc};

use portico_domain::use_cases::LiveSession;
use warp::http::{HeaderMap, Method};

use crate::{App, failure::Failure};

/// A request without its body, and whom it is for.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) method: Method,
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) peer: Peer,
}

/// The other end of the connection that a request came by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Call {
    /// The session that the browser's cookie names, where it is alive.
    pub(crate) async fn session(&self) -> Result<Option<LiveSession>, Failure> {
        let Some(id) = self.app.cookies().session(&self.headers) else { return Ok(None) };
        let found = self.app.current_session.run(&id).await;
        found.map_err(|error| Failure::store(&error))
    }
}
