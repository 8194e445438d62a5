//! A DNS server over UDP and TCP with optional faults (RFC 1035).

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

/// The answer to the queries for a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NameAnswer {
    /// These addresses with this TTL in seconds.
    Addresses(Vec<IpAddr>, u32),
    /// No response.
    Silence,
    /// NXDOMAIN.
    NoSuchName,
    /// A CNAME record with this target.
    Alias(String),
    /// Truncated (TC bit) over UDP; these addresses over TCP.
    TooLong(Vec<IpAddr>),
    /// Truncated (TC bit) over UDP; an endless sequence of responses with another id over TCP.
    EndlessOverTcp,
}

type Handler = dyn Fn(&str) -> NameAnswer + Send + Sync;

/// A running DNS server. Stops when dropped.
#[derive(Debug)]
pub struct NameServer {
    address: SocketAddr,
    queries: Arc<QueryLog>,
    _serving: JoinSet<()>,
}

#[derive(Debug, Default)]
struct QueryLog {
    names: Mutex<Vec<String>>,
    ended: AtomicUsize,
}

impl NameServer {
    /// Starts a server on a free loopback port. `handler` gets each name in lower case without a trailing dot.
    pub async fn start(
        handler: impl Fn(&str) -> NameAnswer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (udp, tcp) = listeners().await?;
        let address = udp.local_addr()?;
        let (queries, handler) = (Arc::new(QueryLog::default()), Arc::new(handler) as Arc<Handler>);
        let mut serving = JoinSet::new();
        serving.spawn(serve_udp(udp, handler.clone(), queries.clone()));
        serving.spawn(serve_tcp(tcp, handler, queries.clone()));
        Ok(Self { address, queries, _serving: serving })
    }

    /// The UDP and TCP address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The name of each query, in order.
    pub fn asked(&self) -> Vec<String> {
        self.queries.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Number of connections with endless responses that clients have closed.
    pub fn endless_ended(&self) -> usize {
        self.queries.ended.load(SeqCst)
    }
}

/// Binds UDP and TCP to one port.
async fn listeners() -> io::Result<(UdpSocket, TcpListener)> {
    let mut last = None;
    for _ in 0..20 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

async fn serve_udp(socket: UdpSocket, handler: Arc<Handler>, queries: Arc<QueryLog>) {
    let mut buffer = [0; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Some(question) = Question::read(&buffer[..length], &queries) else { continue };
        let answer = match handler(&question.name) {
            NameAnswer::TooLong(_) | NameAnswer::EndlessOverTcp => question.truncated_answer(),
            answer => question.answer(&answer),
        };
        if let Some(answer) = answer {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn serve_tcp(listener: TcpListener, handler: Arc<Handler>, queries: Arc<QueryLog>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve_connection(stream, handler.clone(), queries.clone()));
    }
}

async fn serve_connection(mut stream: TcpStream, handler: Arc<Handler>, queries: Arc<QueryLog>) {
    while let Ok(length) = stream.read_u16().await {
        let mut message = vec![0; length.into()];
        if stream.read_exact(&mut message).await.is_err() {
            return;
        }
        let Some(question) = Question::read(&message, &queries) else { return };
        let answer = handler(&question.name);
        if answer == NameAnswer::EndlessOverTcp {
            let other = Question { id: question.id.wrapping_add(1), ..question };
            let addresses = vec![Ipv4Addr::LOCALHOST.into(); 1_000];
            let message = other.answer(&NameAnswer::Addresses(addresses, 60)).unwrap_or_default();
            while write(&mut stream, &message).await.is_ok() {}
            queries.ended.fetch_add(1, SeqCst);
            return;
        }
        let Some(answer) = question.answer(&answer) else { continue };
        if write(&mut stream, &answer).await.is_err() {
            return;
        }
    }
}

/// Writes a message with its length prefix (RFC 1035 section 4.2.2).
async fn write(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    stream.write_u16(u16::try_from(message.len()).unwrap_or(u16::MAX)).await?;
    stream.write_all(message).await
}

const A: u16 = 1;
const AAAA: u16 = 28;
const CNAME: u16 = 5;

/// The question of a query (RFC 1035 section 4.1.2).
#[derive(Clone)]
struct Question {
    id: u16,
    name: String,
    kind: u16,
    bytes: Vec<u8>,
}

impl Question {
    fn read(message: &[u8], queries: &QueryLog) -> Option<Self> {
        let id = u16::from_be_bytes(message.get(..2)?.try_into().ok()?);
        let (mut labels, mut at) = (Vec::new(), 12);
        loop {
            let length = usize::from(*message.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?);
        let name = labels.join(".");
        queries.names.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        Some(Self { id, name, kind, bytes: message.get(12..at + 4)?.to_vec() })
    }

    fn answer(&self, answer: &NameAnswer) -> Option<Vec<u8>> {
        const NO_ERROR: u16 = 0x8180;
        match answer {
            NameAnswer::Addresses(addresses, seconds) => {
                let records =
                    addresses.iter().filter_map(|address| self.record(*address, *seconds));
                Some(self.message(NO_ERROR, &records.collect::<Vec<_>>()))
            }
            NameAnswer::TooLong(addresses) => {
                self.answer(&NameAnswer::Addresses(addresses.clone(), 60))
            }
            NameAnswer::Alias(name) => {
                let mut written: Vec<u8> = Vec::new();
                for label in name.split('.') {
                    written.push(u8::try_from(label.len()).unwrap_or(63));
                    written.extend(label.as_bytes());
                }
                written.push(0);
                Some(self.message(NO_ERROR, &[record(CNAME, 60, &written)]))
            }
            NameAnswer::NoSuchName => Some(self.message(NO_ERROR | 3, &[])),
            NameAnswer::Silence | NameAnswer::EndlessOverTcp => None,
        }
    }

    fn truncated_answer(&self) -> Option<Vec<u8>> {
        Some(self.message(0x8380, &[]))
    }

    fn record(&self, address: IpAddr, seconds: u32) -> Option<Vec<u8>> {
        match (address, self.kind) {
            (IpAddr::V4(address), A) => Some(record(A, seconds, &address.octets())),
            (IpAddr::V6(address), AAAA) => Some(record(AAAA, seconds, &address.octets())),
            _ => None,
        }
    }

    fn message(&self, flags: u16, records: &[Vec<u8>]) -> Vec<u8> {
        let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
        let header = [self.id, flags, 1, count, 0, 0].map(u16::to_be_bytes).concat();
        [header, self.bytes.clone(), records.concat()].concat()
    }
}

/// A resource record for the name in the question (RFC 1035 section 4.1.3).
fn record(kind: u16, seconds: u32, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let head = [0xc00c, kind, 1].map(u16::to_be_bytes).concat();
    [&head[..], &seconds.to_be_bytes(), &length.to_be_bytes(), data].concat()
}
