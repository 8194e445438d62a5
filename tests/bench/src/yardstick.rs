//! What HTTP itself takes on this machine.

use std::{convert::Infallible, time::Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::{Request, Response, server, service::service_fn};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};

use crate::logins::processor_ticks;

const WARM_UP: usize = 1_000;
const EXCHANGES: usize = 20_000;

/// Processor time in milliseconds of one HTTP/1.1 exchange without TLS, of a bare hyper client and a bare
/// hyper server together, one after the other over one connection.
pub(crate) async fn exchange() -> f64 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        loop {
            let io = TokioIo::new(listener.accept().await.unwrap().0);
            let answer = service_fn(|_| async {
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(&[b'x'; 1_024]))))
            });
            tokio::spawn(server::conn::http1::Builder::new().serve_connection(io, answer));
        }
    });
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let (mut before, mut began) = (0, Instant::now());
    for number in 0..WARM_UP + EXCHANGES {
        if number == WARM_UP {
            (before, began) = (processor_ticks(std::process::id()), Instant::now());
        }
        let request = Request::get(&url).body(Empty::new()).unwrap();
        let response = client.request(request).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    server.abort();
    let ticks = processor_ticks(std::process::id()) - before;
    assert!(ticks > 0, "{EXCHANGES} exchanges took {:?} and no tick", began.elapsed());
    ticks as f64 * 10.0 / EXCHANGES as f64
}
