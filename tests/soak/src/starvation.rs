//! Reads of other people's sessions while somebody uses up what all have: how much longer they take.

mod attack;
mod scene;

use std::time::{Duration, Instant};

use portico_e2e::{Browser, personas};
use tokio::{task::JoinSet, time::MissedTickBehavior};

pub use self::attack::Attack;
use self::scene::Scene;

/// How many people read their sessions, and how often each does: much less than Portico can do.
const READERS: usize = 8;
const READ_EVERY: Duration = Duration::from_millis(20);

/// How long Portico has to settle before and after an attack.
const SETTLING: Duration = Duration::from_millis(500);

/// What others noticed of one attack.
#[derive(Debug)]
pub struct Starvation {
    /// What somebody did.
    pub attack: Attack,
    /// How many attempts of theirs were begun.
    pub attempts: u64,
    /// Reads that were measured beside it.
    pub reads: usize,
    /// How long 99 of 100 reads took at most, without it and beside it.
    pub p99: (Duration, Duration),
    /// The most memory that Portico held, in bytes.
    pub memory: u64,
    /// The first read or login of somebody else that went wrong; none may.
    pub wrong: Option<String>,
}

impl Starvation {
    /// How many times as long a read takes beside the attack.
    pub fn ratio(&self) -> f64 {
        self.p99.1.as_secs_f64() / self.p99.0.as_secs_f64()
    }
}

/// How an attack is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// How often it is begun and ended.
    pub turns: u32,
    /// How long each turn takes, and as long without it.
    pub turn: Duration,
    /// Whether nothing else runs on this machine. Attackers and clouds then take no processor time
    /// that Portico wants, as if they were on others; beside other programs they would get none.
    pub alone: bool,
}

/// Measures reads without the attack and beside it, in turns: what the machine has to do beside this
/// comes to both.
pub async fn starvation(attack: Attack, measure: Measure) -> Starvation {
    let scene = Scene::set(attack, measure.alone).await;
    let base = &scene.portico.base;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = Browser::default();
        let answer = reader.sign_in(base, personas::HARUKI.user_name).await;
        assert_eq!(answer.status.as_u16(), 302, "{answer:?}");
        readers.push(reader);
    }
    read(&readers, base, SETTLING).await;
    let (mut alone, mut beside) = (Reads::default(), Reads::default());
    let mut attempts = 0;
    for _ in 0..measure.turns {
        alone.add(read(&readers, base, measure.turn).await);
        let attacking = scene.begin(attack).await;
        beside.add(read(&readers, base, measure.turn).await);
        // Somebody else comes in.
        let ended = Browser::default().sign_in(base, personas::HARUKI.user_name).await;
        if ended.status.as_u16() != 302 {
            beside.wrong.get_or_insert(format!("a login: {}", ended.status));
        }
        attempts += attacking.attempts();
        drop(attacking);
        read(&readers, base, SETTLING).await;
    }
    Starvation {
        attack,
        attempts,
        reads: beside.took.len(),
        p99: (p99(alone.took), p99(beside.took)),
        memory: scene.portico.memory().1,
        wrong: alone.wrong.or(beside.wrong),
    }
}

/// How long each read of a session took, and the first that went wrong.
#[derive(Default)]
struct Reads {
    took: Vec<Duration>,
    wrong: Option<String>,
}

impl Reads {
    fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.wrong = self.wrong.take().or(other.wrong);
    }
}

/// Everybody reads their session for so long.
async fn read(readers: &[Browser], base: &str, time: Duration) -> Reads {
    let mut reading = JoinSet::new();
    for reader in readers {
        let (base, mut browser) = (base.to_owned(), reader.clone());
        reading.spawn(async move {
            let (begun, mut reads) = (Instant::now(), Reads::default());
            let mut ticks = tokio::time::interval(READ_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            while begun.elapsed() < time {
                ticks.tick().await;
                let asked = Instant::now();
                let status = browser.session(&base).await.status;
                reads.took.push(asked.elapsed());
                if status.as_u16() != 200 {
                    reads.wrong.get_or_insert(format!("a read: {status}"));
                }
            }
            reads
        });
    }
    let mut all = Reads::default();
    reading.join_all().await.into_iter().for_each(|reads| all.add(reads));
    all
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() * 99 / 100]
}
