//! Attacks on shared resources.

use std::{
    fmt,
    future::Future,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use portico_e2e::{
    Browser, Cloud, Emulator, EndlessPart, Fault, FaultKind, Target, hint, personas, plugins,
    program,
};
use portico_wasm::testing::compiler_bomb;
use reqwest::{Client, Method, redirect::Policy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    process::Command,
    task::JoinSet,
    time::MissedTickBehavior,
};

/// Concurrent users who repeatedly sign in with a hostile plug-in.
const ATTACKERS: usize = 24;

/// Requests per second of a flood (8,000 in ten seconds) and its connections. More connections would
/// exhaust the connection limit, which is another attack.
const FLOOD_A_SECOND: u32 = 800;
const FLOOD_CONNECTIONS: u32 = 32;

/// Concurrent logins at the provider that hangs.
const HANGING_LOGINS: usize = 300;

/// Concurrent logins at providers with endless responses.
const ENDLESS_LOGINS: usize = 100;

/// Concurrent logins that wait for the name server.
const DNS_LOGINS: usize = 600;

/// Numbers of subscriptions: a list of 13 MiB, and one of 900 KB, which is stored completely.
const ENDLESS_LIST: usize = 100_000;
const LONG_LIST: usize = 7_000;

/// Connections that do not read, and connections that send HEAD requests.
const UNREAD_CONNECTIONS: usize = 100;
const HEAD_CONNECTIONS: usize = 8;

/// An attack on resources that all users share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Logins from one network.
    Flood,
    /// Logins at a provider that never responds.
    HangingProvider,
    /// Logins at providers whose responses are endless outside the body.
    EndlessResponses,
    /// Logins that wait for a DNS response.
    SilentNameServer,
    /// Logins with a plug-in that allocates all memory it can get, then waits.
    HoardingPlugin,
    /// Logins with a plug-in that loops forever.
    LoopingPlugin,
    /// One user who signs in every second with an oversized list.
    EndlessList,
    /// Connections that request a long response and do not read it.
    UnreadResponses,
    /// Repeated HEAD requests for a long response.
    Heads,
    /// Requests that are logged while the log's pipe is not read.
    UnreadLog,
    /// `portico provider add` of a plug-in whose compilation needs gigabytes.
    CompilerBomb,
}

/// The attacked Portico.
#[derive(Clone)]
pub(super) struct Victim {
    pub(super) base: String,
    pub(super) folder: PathBuf,
    pub(super) emulator: Arc<Emulator>,
    pub(super) attempts: Arc<AtomicU64>,
}

impl fmt::Display for Attack {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Flood => "8,000 logins started by one /48 in ten seconds",
            Self::HangingProvider => "300 logins at a provider that hangs",
            Self::EndlessResponses => "100 logins at providers with endless responses",
            Self::SilentNameServer => "600 logins at a name server that never answers",
            Self::HoardingPlugin => "24 logins with a plug-in that hoards memory and waits",
            Self::LoopingPlugin => "24 logins with a plug-in that loops forever",
            Self::EndlessList => "a person who signs in every second with a list of 13 MiB",
            Self::UnreadResponses => "100 connections that do not read a long session",
            Self::Heads => "HEAD of a long list on 8 connections",
            Self::UnreadLog => "8,000 logged requests in ten seconds while the log is not read",
            Self::CompilerBomb => {
                "a plug-in whose compilation needs gigabytes is added every second"
            }
        })
    }
}

impl Attack {
    /// Every attack.
    pub const ALL: [Self; 11] = [
        Self::Flood,
        Self::HangingProvider,
        Self::EndlessResponses,
        Self::SilentNameServer,
        Self::HoardingPlugin,
        Self::LoopingPlugin,
        Self::EndlessList,
        Self::UnreadResponses,
        Self::Heads,
        Self::UnreadLog,
        Self::CompilerBomb,
    ];

    /// The plug-ins that the attack needs.
    pub(super) fn plugins(self) -> &'static [&'static str] {
        match self {
            Self::HangingProvider => &["github"],
            Self::EndlessResponses => &["digitalocean", "github", "heroku", "oidc"],
            Self::SilentNameServer => &["oidc"],
            _ => &[],
        }
    }

    /// The hostile plug-in that the attack needs.
    pub(super) fn hostile_plugin(self) -> Option<&'static str> {
        match self {
            Self::HoardingPlugin => Some("hoards-memory-and-waits"),
            Self::LoopingPlugin => Some("loops-in-next"),
            _ => None,
        }
    }

    /// Portico's settings for the attack.
    pub(super) fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Flood => &[
                ("PORTICO_LOGINS_PER_ADDRESS", ""),
                ("PORTICO_LOGINS", ""),
                ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8"),
            ],
            Self::SilentNameServer => &[("OIDC_ISSUER", "https://silent.test/")],
            _ => &[],
        }
    }

    /// The faults injected at the clouds during the attack.
    pub(super) fn faults(self) -> Vec<Fault> {
        let token = |cloud, kind| Fault::always(Target::CloudToken(cloud), kind);
        let endless = |part| FaultKind::Endless { part };
        match self {
            Self::HangingProvider => vec![token(Cloud::GitHub, FaultKind::Hang)],
            Self::EndlessResponses => vec![
                token(Cloud::GitHub, endless(EndlessPart::Interim)),
                token(Cloud::DigitalOcean, endless(EndlessPart::LeadingLines)),
                token(Cloud::Heroku, endless(EndlessPart::TinyChunks)),
                token(Cloud::Oidc, endless(EndlessPart::Headers)),
            ],
            Self::HoardingPlugin => {
                vec![Fault::always(Target::CloudListing(Cloud::Oidc), FaultKind::Hang)]
            }
            _ => vec![],
        }
    }

    /// Runs the attack; never returns.
    pub(super) async fn run(self, victim: Victim) {
        match self {
            Self::Flood => flood(&victim, "/api/login/azure").await,
            Self::UnreadLog => flood(&victim, "/nothing").await,
            Self::HangingProvider => users_sign_in(&victim, HANGING_LOGINS, &["github"]).await,
            Self::SilentNameServer => users_sign_in(&victim, DNS_LOGINS, &["oidc"]).await,
            Self::EndlessResponses => users_sign_in(&victim, ENDLESS_LOGINS, self.plugins()).await,
            Self::HoardingPlugin | Self::LoopingPlugin => {
                let plugin = self.hostile_plugin().unwrap();
                let act = move |victim: Victim, _| async move { log_in(&victim, plugin).await };
                repeat_concurrently(&victim, ATTACKERS, act).await;
            }
            Self::EndlessList => {
                add_subscriptions(&victim, ENDLESS_LIST);
                users_sign_in(&victim, 1, &["azure"]).await;
            }
            Self::UnreadResponses => {
                let session = session_with_long_list(&victim).await.1;
                let act = move |victim: Victim, _| request_without_reading(victim, session.clone());
                repeat_concurrently(&victim, UNREAD_CONNECTIONS, act).await;
            }
            Self::Heads => {
                let browser = session_with_long_list(&victim).await.0;
                let act = move |victim: Victim, _| send_head_request(victim, browser.clone());
                repeat_concurrently(&victim, HEAD_CONNECTIONS, act).await;
            }
            Self::CompilerBomb => {
                std::fs::write(victim.folder.join("bomb.wasm"), compiler_bomb()).unwrap();
                repeat_concurrently(&victim, 1, |victim, _| async move {
                    add_compiler_bomb(victim).await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                })
                .await;
            }
        }
    }
}

/// Runs `act` repeatedly in `people` concurrent tasks, each with its number.
async fn repeat_concurrently<Done: Future<Output = ()> + Send + 'static>(
    victim: &Victim,
    people: usize,
    act: impl Fn(Victim, usize) -> Done + Clone + Send + 'static,
) {
    let mut tasks = JoinSet::new();
    for n in 0..people {
        let (victim, act) = (victim.clone(), act.clone());
        tasks.spawn(async move {
            loop {
                victim.attempts.fetch_add(1, Ordering::Relaxed);
                act(victim.clone(), n).await;
            }
        });
    }
    tasks.join_all().await;
}

/// `people` concurrent users sign in with these providers, each again a second after the last login.
async fn users_sign_in(victim: &Victim, people: usize, providers: &'static [&'static str]) {
    repeat_concurrently(victim, people, move |victim, n| async move {
        log_in(&victim, providers[n % providers.len()]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    })
    .await;
}

/// Sends requests from changing addresses of one IPv6 /48.
async fn flood(victim: &Victim, path: &str) {
    let mut senders = JoinSet::new();
    for sender in 0..FLOOD_CONNECTIONS {
        let (url, victim) = (format!("{}{path}", victim.base), victim.clone());
        senders.spawn(async move {
            let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
            let every = Duration::from_secs(1) * FLOOD_CONNECTIONS / FLOOD_A_SECOND;
            let mut ticks = tokio::time::interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            for n in (sender..).step_by(FLOOD_CONNECTIONS as usize) {
                ticks.tick().await;
                let address = format!("2001:db8:1:{:x}::1", n % 0x1_0000);
                let sent = client.get(&url).header("x-forwarded-for", address).send().await;
                drop(sent.unwrap().bytes().await);
                victim.attempts.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    senders.join_all().await;
}

/// A login; its result is ignored.
async fn log_in(victim: &Victim, provider: &str) {
    let mut browser = Browser::default();
    let login_response =
        browser.begin(&victim.base, provider, &hint(personas::ZOFIA.user_name)).await;
    if login_response.status.as_u16() == 302 {
        let callback = browser.get(login_response.location()).await.location();
        browser.get(callback).await;
    }
}

/// Adds this many subscriptions to Azure's lists.
fn add_subscriptions(victim: &Victim, count: usize) {
    victim.emulator.fault(Fault::always(Target::Subscriptions, FaultKind::MadeUp { count }));
}

/// The browser of a user with many subscriptions, and their session cookie.
async fn session_with_long_list(victim: &Victim) -> (Browser, String) {
    add_subscriptions(victim, LONG_LIST);
    let mut browser = Browser::default();
    let response = browser.sign_in(&victim.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    victim.emulator.clear_faults();
    let session = browser.cookie(&victim.base, "portico_session").unwrap();
    (browser, session)
}

async fn request_without_reading(victim: Victim, session: String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = victim.base.trim_start_matches("http://").parse().unwrap();
    let Ok(mut stream) = socket.connect(address).await else { return };
    let cookie = format!("cookie: portico_session={session}");
    let request = format!("GET /api/session HTTP/1.1\r\nhost: portico\r\n{cookie}\r\n\r\n");
    let mut status = [0; 12];
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        stream.read_exact(&mut status).await
    };
    if exchange.await.is_ok() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn send_head_request(victim: Victim, mut browser: Browser) {
    browser.send(Method::HEAD, &format!("{}/api/session", victim.base), |request| request).await;
}

async fn add_compiler_bomb(victim: Victim) {
    let mut add = Command::new(program("portico"));
    add.args(["provider", "add", "--yes"])
        .arg(victim.folder.join("bomb.wasm"))
        .env_clear()
        .env("PORTICO_PROVIDERS", victim.folder.join("providers.d"))
        .env("PORTICO_STORE", "memory:")
        .env("PORTICO_KEYS", plugins::KEYS)
        .env("PORTICO_CONFIG", "")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    assert!(!add.status().await.unwrap().success(), "the bomb was added");
}
