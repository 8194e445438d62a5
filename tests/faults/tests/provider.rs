//! A token endpoint hangs, drips, fails, and sends garbage, a gigabyte or endless parts, all at the
//! same time: each of its logins ends within the timeout with the error of its fault, logins at
//! another provider go on, and memory does not grow.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use portico_e2e::{
    Browser, EndlessPart, Fault, FaultKind, Portico, Target, World, hint, personas,
    world_with_plugins,
};
use portico_hostile::tried;
use tokio::task::JoinSet;

const MIB: u64 = 1024 * 1024;

/// Logins for each fault.
const LOGINS_PER_FAULT: usize = 4;

/// The faults of a token endpoint, each with the status and error code that Portico answers.
fn faults() -> Vec<(FaultKind, u16, &'static str)> {
    let mut faults = vec![
        (FaultKind::Hang, 504, "provider_timeout"),
        (FaultKind::Drip, 504, "provider_timeout"),
        (FaultKind::Status { code: 500, retry_after: None }, 503, "provider_unreachable"),
        (FaultKind::Garbage, 502, "provider_untrue"),
        (FaultKind::Huge { bytes: 1_000_000_000 }, 502, "provider_untrue"),
    ];
    // Parts of a response other than its body that never end.
    faults.extend(EndlessPart::ALL.map(|part| {
        let (status, code) = match part {
            // hyper bounds these itself and reports a broken connection.
            EndlessPart::ChunkExtension | EndlessPart::TrailerValue | EndlessPart::Trailers => {
                (503, "provider_unreachable")
            }
            _ => (502, "provider_untrue"),
        };
        (FaultKind::Endless { part }, status, code)
    }));
    faults
}

/// How long logins run before the first fault.
const WARM_UP: Duration = Duration::from_secs(3);

/// Signs in with `provider` and reads the session, again and again until `until`. Returns the latency
/// of each read.
async fn healthy_logins(provider: &str, base: String, until: Instant) -> Vec<Duration> {
    let mut reads = Vec::new();
    while Instant::now() < until {
        let mut browser = Browser::default();
        let response = browser.sign_in_with(&base, provider, personas::ZOFIA.user_name).await;
        assert_eq!(response.status.as_u16(), 302, "{response:?}");
        for _ in 0..20 {
            let sent_at = Instant::now();
            assert_eq!(browser.session(&base).await.status.as_u16(), 200);
            reads.push(sent_at.elapsed());
        }
    }
    reads
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Resets the peak of the process's resident memory (proc(5), `clear_refs`) and returns the current
/// value in bytes.
fn reset_peak_memory(portico: &Portico) -> u64 {
    fs::write(format!("/proc/{}/clear_refs", portico.id()), "5").unwrap();
    portico.memory().0
}

/// Completes [`LOGINS_PER_FAULT`] logins for each fault, all at the same time, and checks their
/// responses. Returns the longest latency.
async fn complete_logins_with_faults(world: &World) -> Duration {
    let base = &world.portico.base;
    let mut logins = Vec::new();
    for _ in 0..faults().len() * LOGINS_PER_FAULT {
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
        logins.push((browser, callback));
    }
    for (kind, ..) in faults() {
        for _ in 0..LOGINS_PER_FAULT {
            world.emulator.fault(Fault::once(Target::Token, kind.clone()));
        }
    }
    let started_at = Instant::now();
    let mut requests = JoinSet::new();
    for (mut browser, callback) in logins {
        requests.spawn(async move {
            let response = browser.get(callback).await;
            assert!(!response.sets_session_cookie(), "{response:?}");
            (response.status.as_u16(), response.code())
        });
    }
    let (mut responses, mut expected) = (BTreeMap::new(), BTreeMap::new());
    for response in requests.join_all().await {
        *responses.entry(response).or_insert(0) += 1;
    }
    let longest = started_at.elapsed();
    for (_, status, code) in faults() {
        *expected.entry((status, code.to_owned())).or_insert(0) += LOGINS_PER_FAULT;
    }
    assert_eq!(responses, expected, "{}", world.portico.log());
    assert!(longest < Duration::from_secs(14), "{longest:?}");
    tried(faults().len() * LOGINS_PER_FAULT);
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_provider_faults_add_at_most_8_mib() {
    let world = world_with_plugins(&[], &[]).await;
    // Fills the caches.
    healthy_logins("azure", world.portico.base.clone(), Instant::now() + WARM_UP).await;
    let before = reset_peak_memory(&world.portico);
    let longest = complete_logins_with_faults(&world).await;
    let growth = world.portico.memory().1.saturating_sub(before);
    let shown = growth as f64 / MIB as f64;
    println!("the last response took {longest:.1?}; memory grew by {shown:.1} MiB");
    assert!(growth <= 8 * MIB, "memory grew by {shown:.1} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_provider_faults_leave_other_providers_logins_working() {
    let world = world_with_plugins(&["github"], &[]).await;
    let base = world.portico.base.clone();
    let without_faults = healthy_logins("github", base.clone(), Instant::now() + WARM_UP).await;
    let until = Instant::now() + Duration::from_secs(10);
    let during_faults = tokio::spawn(healthy_logins("github", base, until));
    complete_logins_with_faults(&world).await;
    let during_faults = during_faults.await.unwrap();
    println!(
        "{} reads of sessions during the faults, p99 {:.1?}; without faults {:.1?}",
        during_faults.len(),
        p99(during_faults),
        p99(without_faults)
    );
}
