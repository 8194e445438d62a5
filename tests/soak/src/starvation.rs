//! Measures how much an attack on shared resources slows other users' session reads.

mod attack;
mod testbed;

use std::time::{Duration, Instant};

use portico_e2e::{Browser, personas};
use tokio::{task::JoinSet, time::MissedTickBehavior};

pub use self::attack::Attack;
use self::testbed::Testbed;

/// Number of readers and their interval: far below Portico's capacity.
const READERS: usize = 8;
const READ_INTERVAL: Duration = Duration::from_millis(20);

/// Pause before and after an attack.
const SETTLE_TIME: Duration = Duration::from_millis(500);

/// Effect of one attack on other users.
#[derive(Debug)]
pub struct Starvation {
    /// The attack.
    pub attack: Attack,
    /// Number of the attacker's attempts.
    pub attempts: u64,
    /// Number of reads measured during the attack.
    pub reads: usize,
    /// 99th percentile of read latency, without and during the attack.
    pub p99: (Duration, Duration),
    /// Peak memory of Portico in bytes.
    pub memory: u64,
    /// Error of the first failed read or login of another user.
    pub first_error: Option<String>,
}

impl Starvation {
    /// Ratio of the p99 during the attack to that without it.
    pub fn ratio(&self) -> f64 {
        self.p99.1.as_secs_f64() / self.p99.0.as_secs_f64()
    }
}

/// Parameters of the measurement.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Number of times that the attack is started and stopped.
    pub turns: u32,
    /// Duration of each turn, and of the reads without the attack before it.
    pub turn: Duration,
    /// Whether nothing else runs on this machine. Attackers and clouds then run with SCHED_IDLE, as if
    /// on other machines; beside other programs they would get no processor time.
    pub alone: bool,
}

/// Measures reads without and during the attack in alternation, so that other load on the machine
/// affects both.
pub async fn starvation(attack: Attack, measure: Measure) -> Starvation {
    let testbed = Testbed::start(attack, measure.alone).await;
    let base = &testbed.portico.base;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = Browser::default();
        let response = reader.sign_in(base, personas::HARUKI.user_name).await;
        assert_eq!(response.status.as_u16(), 302, "{response:?}");
        readers.push(reader);
    }
    read(&readers, base, SETTLE_TIME).await;
    let (mut baseline, mut during_attack) = (Reads::default(), Reads::default());
    let mut attempts = 0;
    for _ in 0..measure.turns {
        baseline.add(read(&readers, base, measure.turn).await);
        let attacking = testbed.begin(attack).await;
        during_attack.add(read(&readers, base, measure.turn).await);
        // Another user signs in during the attack.
        let response = Browser::default().sign_in(base, personas::HARUKI.user_name).await;
        if response.status.as_u16() != 302 {
            during_attack.first_error.get_or_insert(format!("a login: {}", response.status));
        }
        attempts += attacking.attempts();
        drop(attacking);
        read(&readers, base, SETTLE_TIME).await;
    }
    Starvation {
        attack,
        attempts,
        reads: during_attack.latencies.len(),
        p99: (p99(baseline.latencies), p99(during_attack.latencies)),
        memory: testbed.portico.memory().1,
        first_error: baseline.first_error.or(during_attack.first_error),
    }
}

/// Latency of each read, and the error of the first failed one.
#[derive(Default)]
struct Reads {
    latencies: Vec<Duration>,
    first_error: Option<String>,
}

impl Reads {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

/// All readers read their sessions for this long.
async fn read(readers: &[Browser], base: &str, time: Duration) -> Reads {
    let mut reading = JoinSet::new();
    for reader in readers {
        let (base, mut browser) = (base.to_owned(), reader.clone());
        reading.spawn(async move {
            let (started, mut reads) = (Instant::now(), Reads::default());
            let mut ticks = tokio::time::interval(READ_INTERVAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            while started.elapsed() < time {
                ticks.tick().await;
                let sent = Instant::now();
                let status = browser.session(&base).await.status;
                reads.latencies.push(sent.elapsed());
                if status.as_u16() != 200 {
                    reads.first_error.get_or_insert(format!("a read: {status}"));
                }
            }
            reads
        });
    }
    let mut all = Reads::default();
    reading.join_all().await.into_iter().for_each(|reads| all.add(reads));
    all
}

fn p99(mut latencies: Vec<Duration>) -> Duration {
    latencies.sort_unstable();
    latencies[latencies.len() * 99 / 100]
}
