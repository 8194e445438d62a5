//! Reads of other people's sessions while somebody takes what all have: how much slower they are.

use std::time::{Duration, Instant};

use portico_e2e::{Browser, Cloud, Fault, FaultKind, Target, World, hint, personas, world_of};
use reqwest::{Client, redirect::Policy};
use tokio::{task::JoinSet, time::MissedTickBehavior};

/// How many people read their sessions, and how often each does.
const READERS: usize = 8;
const READ_EVERY: Duration = Duration::from_millis(20);

/// How many logins a second the flood begins, 8,000 in ten seconds, by as many connections: others
/// would be refused for want of connections, which is another attack.
const FLOOD_A_SECOND: u32 = 800;
const FLOOD_CONNECTIONS: u32 = 32;

/// How many logins are under way at the provider that hangs.
const HANGING: usize = 300;

/// What others noticed of one attack.
#[derive(Debug)]
pub struct Starvation {
    /// What somebody did.
    pub attack: &'static str,
    /// Reads that were measured beside it.
    pub reads: usize,
    /// The 99th percentile of a read without it, and beside it.
    pub p99: (Duration, Duration),
    /// The first read or login of somebody else that went wrong; none may.
    pub wrong: Option<String>,
}

impl Starvation {
    /// How many times as long a read takes beside the attack.
    pub fn factor(&self) -> f64 {
        self.p99.1.as_secs_f64() / self.p99.0.as_secs_f64()
    }
}

/// Every attack, each for this long.
pub async fn starvations(time: Duration) -> Vec<Starvation> {
    vec![flood_of_one_site(time).await, provider_that_hangs(time).await]
}

/// One IPv6 /48 begins logins without end.
async fn flood_of_one_site(time: Duration) -> Starvation {
    let world = world_of(
        &[],
        &[
            ("PORTICO_LOGINS_PER_ADDRESS", ""),
            ("PORTICO_LOGINS", ""),
            ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8"),
        ],
    )
    .await;
    let base = world.portico.base.clone();
    let attack = || tokio::spawn(flood(base.clone()));
    measure("8,000 logins begun by one /48 in ten seconds", &world, time, attack).await
}

async fn flood(base: String) {
    let mut senders = JoinSet::new();
    for sender in 0..FLOOD_CONNECTIONS {
        let url = format!("{base}/api/login/azure");
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
            }
        });
    }
    senders.join_all().await;
}

/// People come back from a provider that then answers nothing.
async fn provider_that_hangs(time: Duration) -> Starvation {
    let world = world_of(&["github"], &[]).await;
    world.emulator.fault(Fault::always(Target::CloudToken(Cloud::GitHub), FaultKind::Hang));
    let base = world.portico.base.clone();
    let attack = || tokio::spawn(hang(base.clone()));
    measure("300 logins at a provider that hangs", &world, time, attack).await
}

async fn hang(base: String) {
    let mut people = JoinSet::new();
    for _ in 0..HANGING {
        let (base, browser) = (base.clone(), Browser::default());
        people.spawn(async move {
            loop {
                let mut browser = browser.clone();
                let query = hint(personas::ZOFIA.user_name);
                let begun = browser.get(format!("{base}/api/login/github?{query}")).await;
                if begun.status.as_u16() == 302 {
                    let callback = browser.get(begun.location()).await.location();
                    browser.get(callback).await;
                }
                // As somebody who is told to come again.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }
    people.join_all().await;
}

/// Reads for so long without the attack, and for as long beside it.
async fn measure(
    attack: &'static str,
    world: &World,
    time: Duration,
    begin: impl Fn() -> tokio::task::JoinHandle<()>,
) -> Starvation {
    let base = &world.portico.base;
    let (alone, first) = read(base, time).await;
    let attacker = begin();
    let (beside, second) = read(base, time).await;
    // Somebody else comes in.
    let ended = Browser::default().sign_in(base, personas::ZOFIA.user_name).await;
    let login = (ended.status.as_u16() != 302).then(|| format!("a login: {}", ended.status));
    attacker.abort();
    let reads = beside.len();
    Starvation { attack, reads, p99: (p99(alone), p99(beside)), wrong: first.or(second).or(login) }
}

/// How long each read of a session took, and the first that went wrong.
async fn read(base: &str, time: Duration) -> (Vec<Duration>, Option<String>) {
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let base = base.to_owned();
        readers.spawn(async move {
            let mut browser = Browser::default();
            let ended = browser.sign_in(&base, personas::ZOFIA.user_name).await;
            if ended.status.as_u16() != 302 {
                return (vec![], Some(format!("a login: {}", ended.status)));
            }
            let (begun, mut took, mut wrong) = (Instant::now(), Vec::new(), None);
            let mut ticks = tokio::time::interval(READ_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            while begun.elapsed() < time {
                ticks.tick().await;
                let asked = Instant::now();
                let status = browser.session(&base).await.status;
                took.push(asked.elapsed());
                if status.as_u16() != 200 {
                    wrong.get_or_insert(format!("a read: {status}"));
                }
            }
            (took, wrong)
        });
    }
    let read = readers.join_all().await;
    let wrong = read.iter().find_map(|(_, wrong)| wrong.clone());
    (read.into_iter().flat_map(|(took, _)| took).collect(), wrong)
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took.get(took.len() * 99 / 100).copied().unwrap_or(Duration::MAX)
}
