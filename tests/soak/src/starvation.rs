//! Reads of other people's sessions while somebody uses up what all have: how much longer they take.

mod attack;
mod scene;

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use portico_e2e::{Browser, personas};
use tokio::{task::JoinSet, time::MissedTickBehavior};

pub use self::attack::Attack;
use self::scene::Scene;

/// How many people read their sessions, and how often each does: much less than Portico can do.
const READERS: usize = 8;
const READ_EVERY: Duration = Duration::from_millis(20);

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

/// Measures reads for so long without the attack, and for as long beside it.
pub async fn starvation(attack: Attack, time: Duration) -> Starvation {
    let scene = Scene::set(attack).await;
    let base = &scene.portico.base;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = Browser::default();
        let answer = reader.sign_in(base, personas::HARUKI.user_name).await;
        assert_eq!(answer.status.as_u16(), 302, "{answer:?}");
        readers.push(reader);
    }
    read(&readers, base, time / 4).await;
    let (alone, first) = read(&readers, base, time).await;
    let attempts = scene.begin(attack);
    let (beside, second) = read(&readers, base, time).await;
    // Somebody else comes in.
    let ended = Browser::default().sign_in(base, personas::HARUKI.user_name).await;
    let login = (ended.status.as_u16() != 302).then(|| format!("a login: {}", ended.status));
    Starvation {
        attack,
        attempts: attempts.load(Ordering::Relaxed),
        reads: beside.len(),
        p99: (p99(alone), p99(beside)),
        memory: scene.portico.memory().1,
        wrong: first.or(second).or(login),
    }
}

/// How long each read of a session took, and the first that went wrong.
async fn read(readers: &[Browser], base: &str, time: Duration) -> (Vec<Duration>, Option<String>) {
    let mut reading = JoinSet::new();
    for reader in readers {
        let (base, mut browser) = (base.to_owned(), reader.clone());
        reading.spawn(async move {
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
    let read = reading.join_all().await;
    let wrong = read.iter().find_map(|(_, wrong)| wrong.clone());
    (read.into_iter().flat_map(|(took, _)| took).collect(), wrong)
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() * 99 / 100]
}
