//! A plug-in that allocates much memory is limited to a part of the memory budget.

use portico_e2e::{
    Browser, Cloud, Emulator, Fault, FaultKind, Options, Portico, Response, Settings, Target,
    personas, plugins,
};
use portico_hostile::tried;
use portico_wasm::testing::hostile;
use tokio::task::JoinSet;

/// The number of concurrent logins with each plug-in.
const CONCURRENT_LOGINS: usize = 24;
/// The memory budget of all plug-ins, in MiB.
const BUDGET: u64 = 512;
const HOARD: &str = "hoards-memory-and-waits";

async fn log_in(base: String, provider: &'static str) -> Response {
    Browser::default().sign_in_with(&base, provider, personas::ZOFIA.user_name).await
}

/// Grants GitHub's plug-in and the hostile one.
fn grant(folder: &std::path::Path) {
    plugins::grant(folder, &["github"]);
    let plugin = hostile().into_iter().find(|it| it.name == HOARD).unwrap();
    let file = folder.join(format!("{HOARD}.hostile"));
    std::fs::write(&file, plugin.component).unwrap();
    plugins::add(&folder.join("providers.d"), &file, plugins::KEYS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_hoarding_plug_in_is_limited_and_others_can_sign_in() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    grant(folder.path());
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    settings.set("PORTICO_PLUGIN_MEMORY", &BUDGET.to_string());
    // Otherwise the logins of one person share one listing.
    settings.set("PORTICO_LISTING_MAX_AGE", "0s");
    settings.set_plugin(Cloud::GitHub, &emulator).set_plugin_as(Cloud::Oidc, HOARD, &emulator);
    let portico = Portico::start(&settings).await;
    log_in(portico.base.clone(), "github").await;
    let before = portico.memory().0;
    emulator.fault(Fault::always(Target::CloudListing(Cloud::Oidc), FaultKind::Hang));

    let mut hoarding = JoinSet::new();
    for _ in 0..CONCURRENT_LOGINS {
        hoarding.spawn(log_in(portico.base.clone(), HOARD));
    }
    let mut others = JoinSet::new();
    for _ in 0..CONCURRENT_LOGINS {
        others.spawn(log_in(portico.base.clone(), "github"));
    }
    for response in others.join_all().await {
        assert_eq!(response.status, 302, "{response:?}\n{}", portico.log());
    }
    // As many instances of 120 MiB as fit into half of the budget wait for their cloud. Logins go on
    // without a list; one whose list fails before it would go on, for want of memory, gets 503.
    let responses = hoarding.join_all().await;
    let (landed, refused): (Vec<_>, Vec<_>) = responses.iter().partition(|it| it.status == 302);
    for response in &refused {
        assert_eq!(response.status, 503, "{response:?}\n{}", portico.log());
        assert!(response.headers.contains_key("retry-after"), "{response:?}");
    }
    assert!(!landed.is_empty(), "{} refused", refused.len());
    let grown = portico.memory().1.saturating_sub(before) >> 20;
    println!("{CONCURRENT_LOGINS} logins took at most {grown} MiB of {BUDGET}");
    assert!(grown < BUDGET / 2 + 64, "{grown} MiB");
    tried(CONCURRENT_LOGINS);
}
