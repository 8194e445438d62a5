//! What somebody does who uses up what all have.

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

/// How many people sign in with a hostile plug-in at once, again and again.
const ATTACKERS: usize = 24;

/// How many requests a second a flood sends, 8,000 in ten seconds, and over how many connections:
/// others would be refused for want of connections, which is another attack.
const FLOOD_A_SECOND: u32 = 800;
const FLOOD_CONNECTIONS: u32 = 32;

/// How many logins are under way at the provider that hangs.
const HANGING: usize = 300;

/// How many people sign in where answers have no end.
const ENDLESS: usize = 100;

/// How many logins wait for the name server.
const NAMELESS: usize = 600;

/// How many subscriptions make a list of 13 MiB, and one of 900 KB, which is kept whole.
const ENDLESS_LIST: usize = 100_000;
const LONG_LIST: usize = 7_000;

/// How many connections do not read, and how many ask for heads alone.
const NOT_READING: usize = 100;
const ASKING_FOR_HEADS: usize = 8;

/// An attack on what all people of a Portico share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Logins begun by one site.
    Flood,
    /// Logins at a provider that never answers.
    HangingProvider,
    /// Logins at providers whose answers have no end outside their bodies.
    EndlessAnswers,
    /// Logins that wait for a name.
    SilentNameServer,
    /// Logins with a plug-in that takes all memory that it gets, and waits.
    HoardingPlugin,
    /// Logins with a plug-in that computes for ever.
    LoopingPlugin,
    /// One person who signs in every second with a list without end.
    EndlessList,
    /// Connections that ask for a long answer and do not read it.
    UnreadAnswers,
    /// The head of a long answer, over and over.
    Heads,
    /// Requests that are logged, while nobody reads the log.
    UnreadLog,
    /// An operator adds a plug-in that a compiler makes gigabytes of.
    CompilerBomb,
}

/// The Portico that is attacked.
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
            Self::Flood => "8,000 logins begun by one /48 in ten seconds",
            Self::HangingProvider => "300 logins at a provider that hangs",
            Self::EndlessAnswers => "100 people who sign in where answers have no end",
            Self::SilentNameServer => "600 logins at a name server that never answers",
            Self::HoardingPlugin => "24 logins with a plug-in that hoards memory and waits",
            Self::LoopingPlugin => "24 logins with a plug-in that computes for ever",
            Self::EndlessList => "a person who signs in every second with a list of 13 MiB",
            Self::UnreadAnswers => "100 connections that do not read a long session",
            Self::Heads => "HEAD of a long list on 8 connections",
            Self::UnreadLog => "8,000 logged requests in ten seconds while nobody reads the log",
            Self::CompilerBomb => {
                "a plug-in that wants gigabytes of the compiler is added every second"
            }
        })
    }
}

impl Attack {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Flood,
        Self::HangingProvider,
        Self::EndlessAnswers,
        Self::SilentNameServer,
        Self::HoardingPlugin,
        Self::LoopingPlugin,
        Self::EndlessList,
        Self::UnreadAnswers,
        Self::Heads,
        Self::UnreadLog,
        Self::CompilerBomb,
    ];

    /// The plug-ins that Portico needs for it.
    pub(super) fn plugins(self) -> &'static [&'static str] {
        match self {
            Self::HangingProvider => &["github"],
            Self::EndlessAnswers => &["digitalocean", "github", "heroku", "oidc"],
            Self::SilentNameServer => &["oidc"],
            _ => &[],
        }
    }

    /// The hostile plug-in that Portico needs for it.
    pub(super) fn hostile_plugin(self) -> Option<&'static str> {
        match self {
            Self::HoardingPlugin => Some("hoards-memory-and-waits"),
            Self::LoopingPlugin => Some("loops-in-next"),
            _ => None,
        }
    }

    /// How Portico is set for it.
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

    /// What goes wrong at the clouds meanwhile.
    pub(super) fn faults(self) -> Vec<Fault> {
        let token = |cloud, kind| Fault::always(Target::CloudToken(cloud), kind);
        let endless = |part| FaultKind::Endless { part };
        match self {
            Self::HangingProvider => vec![token(Cloud::GitHub, FaultKind::Hang)],
            Self::EndlessAnswers => vec![
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

    /// Attacks, and never ends.
    pub(super) async fn run(self, victim: Victim) {
        match self {
            Self::Flood => flood(&victim, "/api/login/azure").await,
            Self::UnreadLog => flood(&victim, "/nothing").await,
            Self::HangingProvider => people(&victim, HANGING, &["github"]).await,
            Self::SilentNameServer => people(&victim, NAMELESS, &["oidc"]).await,
            Self::EndlessAnswers => people(&victim, ENDLESS, self.plugins()).await,
            Self::HoardingPlugin | Self::LoopingPlugin => {
                let plugin = self.hostile_plugin().unwrap();
                let act = move |victim: Victim, _| async move { log_in(&victim, plugin).await };
                crowd(&victim, ATTACKERS, act).await;
            }
            Self::EndlessList => {
                lengthen_lists(&victim, ENDLESS_LIST);
                people(&victim, 1, &["azure"]).await;
            }
            Self::UnreadAnswers => {
                let session = session_with_a_long_list(&victim).await.1;
                let act = move |victim: Victim, _| ask_and_do_not_read(victim, session.clone());
                crowd(&victim, NOT_READING, act).await;
            }
            Self::Heads => {
                let browser = session_with_a_long_list(&victim).await.0;
                let act = move |victim: Victim, _| ask_for_the_head(victim, browser.clone());
                crowd(&victim, ASKING_FOR_HEADS, act).await;
            }
            Self::CompilerBomb => {
                std::fs::write(victim.folder.join("bomb.wasm"), compiler_bomb()).unwrap();
                crowd(&victim, 1, |victim, _| async move {
                    add_a_bomb(victim).await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                })
                .await;
            }
        }
    }
}

/// So many people do this again and again; each is told their number.
async fn crowd<Done: Future<Output = ()> + Send + 'static>(
    victim: &Victim,
    people: usize,
    act: impl Fn(Victim, usize) -> Done + Clone + Send + 'static,
) {
    let mut crowd = JoinSet::new();
    for n in 0..people {
        let (victim, act) = (victim.clone(), act.clone());
        crowd.spawn(async move {
            loop {
                victim.attempts.fetch_add(1, Ordering::Relaxed);
                act(victim.clone(), n).await;
            }
        });
    }
    crowd.join_all().await;
}

/// So many people sign in with these providers, and again a second after they have failed or come in.
async fn people(victim: &Victim, people: usize, providers: &'static [&'static str]) {
    crowd(victim, people, move |victim, n| async move {
        log_in(&victim, providers[n % providers.len()]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    })
    .await;
}

/// Requests of one IPv6 /48, from ever other addresses.
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

/// A login, whatever becomes of it.
async fn log_in(victim: &Victim, provider: &str) {
    let mut browser = Browser::default();
    let begun = browser.begin(&victim.base, provider, &hint(personas::ZOFIA.user_name)).await;
    if begun.status.as_u16() == 302 {
        let callback = browser.get(begun.location()).await.location();
        browser.get(callback).await;
    }
}

/// Azure's lists have so many subscriptions from now on.
fn lengthen_lists(victim: &Victim, count: usize) {
    victim.emulator.fault(Fault::always(Target::Subscriptions, FaultKind::MadeUp { count }));
}

/// Somebody who sees many subscriptions, and their cookie.
async fn session_with_a_long_list(victim: &Victim) -> (Browser, String) {
    lengthen_lists(victim, LONG_LIST);
    let mut browser = Browser::default();
    let answer = browser.sign_in(&victim.base, personas::ZOFIA.user_name).await;
    assert_eq!(answer.status.as_u16(), 302, "{answer:?}");
    victim.emulator.clear_faults();
    let session = browser.cookie(&victim.base, "portico_session").unwrap();
    (browser, session)
}

async fn ask_and_do_not_read(victim: Victim, session: String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = victim.base.trim_start_matches("http://").parse().unwrap();
    let Ok(mut stream) = socket.connect(address).await else { return };
    let cookie = format!("cookie: portico_session={session}");
    let request = format!("GET /api/session HTTP/1.1\r\nhost: portico\r\n{cookie}\r\n\r\n");
    let mut status = [0; 12];
    let asked = async {
        stream.write_all(request.as_bytes()).await?;
        stream.read_exact(&mut status).await
    };
    if asked.await.is_ok() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn ask_for_the_head(victim: Victim, mut browser: Browser) {
    browser.send(Method::HEAD, &format!("{}/api/session", victim.base), |request| request).await;
}

async fn add_a_bomb(victim: Victim) {
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
