//! What stands before the routes of one connection.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use hyper::{Request, body::Incoming, service::Service};
use warp::{
    http::{HeaderMap, Method},
    reply::Response,
};

use super::{Clients, target::is_clear};
use crate::{
    App,
    asked::Asked,
    connections::{Busy, ConnectionPermit, network::narrow, shares::Share},
    failure::Failure,
    handlers::{Peer, RequestPath, session_of},
    harden::harden,
};

/// The longest path and query, in bytes: a longer one is answered 414. A code of Entra ID's has
/// some 1,500.
const MAX_ADDRESS_LEN: usize = 8 * 1_024;

/// What stands before the routes of one connection.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) app: Arc<App>,
    /// The other end of the connection.
    pub(super) address: IpAddr,
    pub(super) place: Arc<ConnectionPermit>,
    /// Whether there was no other place left for it.
    pub(super) reserve: bool,
    pub(super) clients: Clients,
}

/// What a request has while it is answered. A long answer has it until it is sent.
#[derive(Debug)]
pub(crate) struct Held {
    busy: Busy,
    _share: Option<Share<IpAddr>>,
}

impl Held {
    /// Ends the connection, and with it whatever is being sent.
    pub(crate) fn cut(&self) {
        self.busy.cut();
    }
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
                let asked = Asked {
                    method: request.method().clone(),
                    path: request.uri().path().into(),
                    headers: Arc::new(request.headers().clone()),
                    peer: Peer(self.address),
                };
                let answer = refused.answer(&self.app, &asked);
                Ok(harden(answer, self.app.is_https()))
            }
        }
    }

    async fn admit(&self, request: &Request<Incoming>, busy: Busy) -> Result<Held, Failure> {
        let address = request.uri().path_and_query().map_or(0, |it| it.as_str().len());
        if address > MAX_ADDRESS_LEN {
            return Err(Failure::address_too_long());
        }
        if !is_clear(request.version(), request.uri(), request.headers()) {
            return Err(Failure::bad_host());
        }
        let (share, full) = self.share(request.headers());
        if (full || self.reserve) && !self.goes_before(request).await? {
            return Err(Failure::full());
        }
        Ok(Held { busy, _share: share })
    }

    /// A proxy's connections are not counted by address, so its clients' requests are: each may
    /// have as many at once as it may have connections of its own. And whether it has them already.
    fn share(&self, headers: &HeaderMap) -> (Option<Share<IpAddr>>, bool) {
        let gate = &self.app.gate;
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
        if reads && matches!(path, "/healthz" | "/readyz") {
            return Ok(true);
        }
        Ok(session_of(&self.app, request.headers()).await?.is_some())
    }
}
