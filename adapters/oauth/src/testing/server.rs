//! A scripted HTTP server on loopback.

use std::sync::{Arc, Mutex};

use http::HeaderMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
};
use url::Url;

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    /// A field of the form in the body.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// How the server responds.
pub(crate) enum Answer {
    /// Status, more header lines, body.
    Whole(u16, String, String),
    /// These bytes as they are.
    Raw(Vec<u8>),
    /// A body without end, until the client closes the connection.
    Endless,
    /// The first bytes once, then the second ones until the client closes the connection.
    Repeat(Vec<u8>, Vec<u8>),
    /// These bytes, then nothing, with the connection open.
    Stall(Vec<u8>),
    /// The connection is closed without a response.
    HangUp,
    /// The answer, after a permit has been acquired.
    Once(Arc<Semaphore>, Box<Answer>),
}

impl Answer {
    pub(crate) fn json(body: impl ToString) -> Self {
        let headers = "content-type: application/json\r\n".into();
        Self::Whole(200, headers, body.to_string())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Whole(status, String::new(), String::new())
    }

    pub(crate) fn error(status: u16, body: impl ToString) -> Self {
        let headers = "content-type: application/json\r\n".into();
        Self::Whole(status, headers, body.to_string())
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::Whole(302, format!("location: {to}\r\n"), String::new())
    }
}

type Handler = dyn Fn(&Received) -> Answer + Send + Sync;

/// The server. It ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) url: Url,
    received: Arc<Mutex<Vec<Received>>>,
    arrival: Arc<Notify>,
}

impl Server {
    pub(crate) async fn start(
        handler: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self {
            url: Url::parse(&url).unwrap(),
            received: Arc::default(),
            arrival: Arc::default(),
        };
        let (received, arrival) = (server.received.clone(), server.arrival.clone());
        let handler: Arc<Handler> = Arc::new(handler);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (received, arrival) = (received.clone(), arrival.clone());
                tokio::spawn(serve(stream, handler.clone(), received, arrival));
            }
        });
        server
    }

    pub(crate) fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    /// The requests with this path prefix.
    pub(crate) fn received(&self, path: &str) -> Vec<Received> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|request| request.path.starts_with(path)).cloned().collect()
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.received(path).len()
    }

    /// Waits for the next request.
    pub(crate) async fn arrival(&self) {
        self.arrival.notified().await;
    }
}

async fn serve(
    mut stream: TcpStream,
    handler: Arc<Handler>,
    received: Arc<Mutex<Vec<Received>>>,
    arrival: Arc<Notify>,
) {
    let Some(request) = read(&mut stream).await else { return };
    received.lock().unwrap().push(request.clone());
    let mut answer = handler(&request);
    arrival.notify_one();
    if let Answer::Once(gate, later) = answer {
        gate.acquire().await.unwrap().forget();
        answer = *later;
    }
    // An error means that the client closed the connection, which tests expect.
    let _ = write(&mut stream, answer).await;
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let (line, rest) = head.split_once("\r\n").unwrap();
    let mut words = line.split(' ');
    let headers: HeaderMap = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect::<Vec<(http::HeaderName, http::HeaderValue)>>()
        .into_iter()
        .collect();
    let length = headers.get("content-length").map_or(0, |n| n.to_str().unwrap().parse().unwrap());
    while bytes.len() < end + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    Some(Received {
        method: words.next()?.into(),
        path: words.next()?.into(),
        headers,
        body: String::from_utf8(bytes[end..].to_vec()).unwrap(),
    })
}

async fn write(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::Whole(status, headers, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\
                 connection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await
        }
        Answer::Raw(bytes) => stream.write_all(&bytes).await,
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            let chunk = format!("1000\r\n{:4096}\r\n", "");
            loop {
                stream.write_all(chunk.as_bytes()).await?;
            }
        }
        Answer::Repeat(bytes, again) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.write_all(&again).await?;
            }
        }
        Answer::Stall(bytes) => {
            stream.write_all(&bytes).await?;
            let mut end = [0];
            stream.read(&mut end).await.map(drop)
        }
        Answer::HangUp | Answer::Once(..) => Ok(()),
    }
}
