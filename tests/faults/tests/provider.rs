//! A provider hangs, drips, fails, answers nonsense, a gigabyte and without an end, all at once: each of its own
//! logins ends within ten seconds and some, in words. Nobody else waits, and memory stays as it was.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use portico_e2e::{
    Browser, EndlessPart, Fault, FaultKind, Portico, Target, World, hint, personas, world_of,
};
use portico_hostile::tried;
use tokio::task::JoinSet;

const MIB: u64 = 1024 * 1024;

/// How many people meet each of the faults.
const EACH: usize = 4;

/// What a token endpoint does instead of its work, and what Portico answers then.
fn faults() -> Vec<(FaultKind, u16, &'static str)> {
    let mut faults = vec![
        (FaultKind::Hang, 504, "provider_timeout"),
        (FaultKind::Drip, 504, "provider_timeout"),
        (FaultKind::Status { code: 500, retry_after: None }, 503, "provider_unreachable"),
        (FaultKind::Garbage, 502, "provider_untrue"),
        (FaultKind::Huge { bytes: 1_000_000_000 }, 502, "provider_untrue"),
    ];
    // What has no end outside the body of an answer.
    faults.extend(EndlessPart::ALL.map(|part| {
        let (status, code) = match part {
            // Bounded by hyper, as a connection that breaks.
            EndlessPart::ChunkExtension | EndlessPart::TrailerValue | EndlessPart::Trailers => {
                (503, "provider_unreachable")
            }
            _ => (502, "provider_untrue"),
        };
        (FaultKind::Endless { part }, status, code)
    }));
    faults
}

/// How long people come before anything fails.
const WHILE: Duration = Duration::from_secs(3);

/// Signs in with `provider` and reads the session, again and again; how long each read took.
async fn somebody_else(provider: &str, base: String, until: Instant) -> Vec<Duration> {
    let mut reads = Vec::new();
    while Instant::now() < until {
        let mut browser = Browser::default();
        let query = hint(personas::ZOFIA.user_name);
        let begun = browser.get(format!("{base}/api/login/{provider}?{query}")).await;
        let callback = browser.get(begun.location()).await.location();
        let ended = browser.get(callback).await;
        assert_eq!(ended.status.as_u16(), 302, "{ended:?}");
        for _ in 0..20 {
            let asked = Instant::now();
            assert_eq!(browser.session(&base).await.status.as_u16(), 200);
            reads.push(asked.elapsed());
        }
    }
    reads
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// The most memory that it holds is counted from here.
fn count_memory_from_now(portico: &Portico) -> u64 {
    fs::write(format!("/proc/{}/clear_refs", portico.id()), "5").unwrap();
    portico.memory().0
}

/// As many people meet each fault, all at the same time; how long the last of them waited.
async fn meet_faults(world: &World) -> Duration {
    let base = &world.portico.base;
    let mut waiting = Vec::new();
    for _ in 0..faults().len() * EACH {
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
        waiting.push((browser, callback));
    }
    for (kind, ..) in faults() {
        for _ in 0..EACH {
            world.emulator.fault(Fault::once(Target::Token, kind.clone()));
        }
    }
    let begun = Instant::now();
    let mut people = JoinSet::new();
    for (mut browser, callback) in waiting {
        people.spawn(async move {
            let answer = browser.get(callback).await;
            assert!(!answer.gives_a_session(), "{answer:?}");
            (answer.status.as_u16(), answer.code())
        });
    }
    let (mut answers, mut expected) = (BTreeMap::new(), BTreeMap::new());
    for answer in people.join_all().await {
        *answers.entry(answer).or_insert(0) += 1;
    }
    let waited = begun.elapsed();
    for (_, status, code) in faults() {
        *expected.entry((status, code.to_owned())).or_insert(0) += EACH;
    }
    assert_eq!(answers, expected, "{}", world.portico.log());
    assert!(waited < Duration::from_secs(14), "{waited:?}");
    tried(faults().len() * EACH);
    waited
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_provider_faults_add_at_most_8_mib() {
    let world = world_of(&[], &[]).await;
    // Whoever was here before has filled the caches.
    somebody_else("azure", world.portico.base.clone(), Instant::now() + WHILE).await;
    let before = count_memory_from_now(&world.portico);
    let waited = meet_faults(&world).await;
    let more = world.portico.memory().1.saturating_sub(before);
    let shown = more as f64 / MIB as f64;
    println!("the last answer came after {waited:.1?}; memory grew by {shown:.1} MiB");
    assert!(more <= 8 * MIB, "memory grew by {shown:.1} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_provider_faults_leave_other_providers_logins_working() {
    let world = world_of(&["github"], &[]).await;
    let base = world.portico.base.clone();
    let calm = somebody_else("github", base.clone(), Instant::now() + WHILE).await;
    let until = Instant::now() + Duration::from_secs(10);
    let beside = tokio::spawn(somebody_else("github", base, until));
    meet_faults(&world).await;
    let beside = beside.await.unwrap();
    println!(
        "beside the faults {} reads of sessions, p99 {:.1?}; without them {:.1?}",
        beside.len(),
        p99(beside),
        p99(calm)
    );
}
