//! What stands before the routes of one connection.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use hyper::{Request, body::Incoming, service::Service};
use warp::{
    http::{HeaderMap, Method},
    reply::Response,
};

use super::{Clients, target::is_clear};
use crate::{
    connections::{Busy, ConnectionPermit, Held, network::narrow, shares::Share},
    error::{ErrorCode, Failure},
    features::{Shared, is_health_check},
    request::{Peer, RequestHead, RequestPath},
    response::{Rendering, harden},
};

/// The longest path and query, in bytes: a longer one is answered 414. A code of Entra ID's has
/// some 1,500.
const MAX_ADDRESS_LEN: usize = 8 * 1_024;

/// What stands before the routes of one connection.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) shared: Shared,
    /// The other end of the connection.
    pub(super) address: IpAddr,
    pub(super) place: Arc<ConnectionPermit>,
    /// Whether there was no other place left for it.
    pub(super) reserve: bool,
    pub(super) clients: Clients,
}

impl Front {
    /// The routes' answer, to a request that tells them who asks.
    pub(super) async fn answer<Routes>(
        self,
        mut request: Request<Incoming>,
        routes: Routes,
    ) -> Result<Response, Infallible>
    where
        Routes: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    {
        let busy = self.place.busy();
        match self.admit(&request, busy).await {
            Ok(held) => {
                let path = RequestPath(request.uri().path().into());
                request.extensions_mut().insert(path);
                request.extensions_mut().insert(Peer(self.address));
                request.extensions_mut().insert(Arc::new(held));
                routes.call(request).await
            }
            Err(refused) => {
                let head = RequestHead {
                    method: request.method().clone(),
                    path: request.uri().path().into(),
                    headers: request.headers().clone(),
                    peer: Peer(self.address),
                };
                let responder = &self.shared.responder;
                let answer = responder.answer(&refused, &head, Rendering::Json);
                Ok(harden(answer, responder.https))
            }
        }
    }

    async fn admit(&self, request: &Request<Incoming>, busy: Busy) -> Result<Held, Failure> {
        let address = request.uri().path_and_query().map_or(0, |it| it.as_str().len());
        if address > MAX_ADDRESS_LEN {
            return Err(ErrorCode::AddressTooLong.into());
        }
        if !is_clear(request.version(), request.uri(), request.headers()) {
            return Err(ErrorCode::BadHost.into());
        }
        let (share, full) = self.share(request.headers());
        if (full || self.reserve) && !self.goes_before(request).await? {
            return Err(ErrorCode::Full.into());
        }
        Ok(Held::new(busy, share))
    }

    /// A proxy's connections are not counted by address, so its clients' requests are: each may
    /// have as many at once as it may have connections of its own. And whether it has them already.
    fn share(&self, headers: &HeaderMap) -> (Option<Share<IpAddr>>, bool) {
        let gate = &self.shared.limiter;
        if !gate.trusts(self.address) {
            return (None, false);
        }
        let client = narrow(gate.client(self.address, headers));
        let share = self.clients.take(client, gate.connections_per_address());
        let full = share.is_none();
        (share, full)
    }

    /// Whether a request is answered though there is no place for it: where others' fault must not
    /// make Portico look dead, and who is signed in must not notice.
    async fn goes_before(&self, request: &Request<Incoming>) -> Result<bool, Failure> {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if reads && is_health_check(path) {
            return Ok(true);
        }
        self.shared.sessions.is_signed_in(request.headers()).await
    }
}
