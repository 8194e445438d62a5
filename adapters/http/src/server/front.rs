//! Admission checks of each request, before the routes.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use hyper::{Request, body::Incoming, service::Service};
use warp::{
    http::{HeaderMap, Method},
    reply::Response,
};

use super::{ProxiedClients, target::is_unambiguous};
use crate::{
    connections::{
        BusyGuard, ConnectionPermit, RequestGuard, keyed_limit::KeyedPermit, network::narrow,
    },
    error::{ErrorCode, Failure},
    features::{ForwardAuth, Shared, is_health_check},
    request::{Admitted, Peer, RequestHead},
    response::{Rendering, harden},
};

/// The longest path with query, in bytes; a longer one is answered 414. An authorization code of
/// Entra ID has some 1,500.
const MAX_TARGET_LEN: usize = 8 * 1_024;

/// The admission checks of one connection.
pub(super) struct Front {
    pub(super) shared: Shared,
    pub(super) forward_auth: Arc<ForwardAuth>,
    pub(super) peer: IpAddr,
    pub(super) permit: Arc<ConnectionPermit>,
    /// Whether the connection is in the reserve.
    pub(super) reserve: bool,
    pub(super) proxied: ProxiedClients,
}

impl Front {
    /// Calls the routes, with path, peer and guard as an extension of the request; or refuses it.
    pub(super) async fn respond<Routes>(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        routes: Routes,
    ) -> Result<Response, Infallible>
    where
        Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    {
        let busy = self.permit.busy();
        match self.admit(&request, busy).await {
            Ok(guard) => {
                let (path, peer) = (request.uri().path().into(), Peer(self.peer));
                let admitted = Admitted { path, peer, guard: Some(Arc::new(guard)) };
                request.extensions_mut().insert(admitted);
                routes.call(request).await
            }
            Err(failure) => {
                let head = self.head(&request);
                let responder = &self.shared.responder;
                let response = responder.respond(&failure, &head, Rendering::Json);
                Ok(harden(response, responder.https))
            }
        }
    }

    fn head(&self, request: &Request<Incoming>) -> RequestHead {
        RequestHead {
            method: request.method().clone(),
            path: request.uri().path().into(),
            headers: request.headers().clone(),
            peer: Peer(self.peer),
        }
    }

    async fn admit(
        &self,
        request: &Request<Incoming>,
        busy: BusyGuard,
    ) -> Result<RequestGuard, Failure> {
        let target_len = request.uri().path_and_query().map_or(0, |it| it.as_str().len());
        if target_len > MAX_TARGET_LEN {
            return Err(ErrorCode::AddressTooLong.into());
        }
        if !is_unambiguous(request.version(), request.uri(), request.headers()) {
            return Err(ErrorCode::BadHost.into());
        }
        let (permit, over_limit) = self.proxied_permit(request.headers());
        if (over_limit || self.reserve) && !self.has_priority(request).await? {
            return Err(ErrorCode::Full.into());
        }
        Ok(RequestGuard::new(busy, permit))
    }

    /// A permit for a client behind a trusted proxy, and whether the client is over its limit.
    ///
    /// Connections of a proxy are not counted by address. So its clients' concurrent requests are,
    /// with the limit of connections per address.
    fn proxied_permit(&self, headers: &HeaderMap) -> (Option<KeyedPermit<IpAddr>>, bool) {
        let limiter = &self.shared.limiter;
        if !limiter.is_trusted_proxy(self.peer) {
            return (None, false);
        }
        let client = narrow(limiter.client(self.peer, headers));
        let permit = self.proxied.try_acquire(client, limiter.connections_per_address());
        let over_limit = permit.is_none();
        (permit, over_limit)
    }

    /// Whether a request is answered over the limit: health checks, so that a flood does not get
    /// Portico restarted, and requests with a live session, also those that a proxy asks about.
    async fn has_priority(&self, request: &Request<Incoming>) -> Result<bool, Failure> {
        let path = request.uri().path();
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        if is_read && is_health_check(path) {
            return Ok(true);
        }
        if self.shared.sessions.is_signed_in(request.headers()).await? {
            return Ok(true);
        }
        let query = request.uri().query().unwrap_or_default();
        self.forward_auth.is_signed_in(&self.head(request), query).await
    }
}
