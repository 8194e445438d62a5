//! An app without a login of its own: it answers with the request that reached it, and echoes what is
//! sent over a WebSocket.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A running app.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl App {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::<Mutex<Vec<Value>>>::default();
        let log = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone()));
            }
        });
        Self { address, requests }
    }

    /// The requests that reached it: `{method, uri, headers: [[name, value]], body}`.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

/// The values of a header of a request, its name in any spelling that a server may take for it.
pub(crate) fn values(request: &Value, name: &str) -> Vec<String> {
    let headers = request["headers"].as_array().unwrap().iter();
    let is_it = |header: &&Value| {
        let sent = header[0].as_str().unwrap().to_ascii_lowercase().replace('_', "-");
        sent == name
    };
    headers.filter(is_it).map(|header| header[1].as_str().unwrap().to_owned()).collect()
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Value>>>) -> Option<()> {
    let mut received = Vec::new();
    let head_len = loop {
        if let Some(at) = received.windows(4).position(|part| part == b"\r\n\r\n") {
            break at + 4;
        }
        (stream.read_buf(&mut received).await.ok()? > 0).then_some(())?;
    };
    let head = String::from_utf8_lossy(&received[..head_len]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, uri) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    let header = |wanted: &str| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value)
    };
    let body_len: usize = header("content-length").map_or(0, |it| it.parse().unwrap());
    while received.len() < head_len + body_len {
        (stream.read_buf(&mut received).await.ok()? > 0).then_some(())?;
    }
    let body = String::from_utf8_lossy(&received[head_len..]).into_owned();
    let request = json!({ "method": method, "uri": uri, "headers": headers, "body": body });
    log.lock().unwrap().push(request.clone());
    if header("upgrade").is_some() {
        let accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        stream.write_all(accepted.as_bytes()).await.ok()?;
        let (mut reading, mut writing) = stream.split();
        tokio::io::copy(&mut reading, &mut writing).await.ok()?;
        return Some(());
    }
    let body = request.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: of_the_app=1; Path=/\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.ok()
}
