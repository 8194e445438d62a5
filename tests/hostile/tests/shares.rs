//! A plug-in that hoards memory is limited to its share.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{
    Browser, Cloud, Emulator, Fault, FaultKind, Options, Portico, Response, Settings, Target, hint,
    personas, plugins,
};
use portico_hostile::tried;
use portico_wasm::testing::hostile;
use tokio::task::JoinSet;

/// Concurrent logins with the hostile plug-in.
const AT_ONCE: usize = 24;
/// The memory budget of all plug-ins, in MiB.
const MEMORY: u64 = 512;
const HOARD: &str = "hoards-memory-and-waits";

async fn log_in(base: String, provider: &'static str) -> Response {
    let mut browser = Browser::default();
    let query = hint(personas::ZOFIA.user_name);
    let begun = browser.get(format!("{base}/api/login/{provider}?{query}")).await;
    if begun.status != 302 {
        return begun;
    }
    let callback = browser.get(begun.location()).await.location();
    browser.get(callback).await
}

fn grant(folder: &std::path::Path) {
    plugins::grant(folder, &["github"]);
    let it = hostile().into_iter().find(|it| it.name == HOARD).unwrap();
    let file = folder.join(format!("{HOARD}.hostile"));
    std::fs::write(&file, it.component).unwrap();
    plugins::add(&folder.join("providers.d"), &file, plugins::KEYS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_hoarding_plug_in_is_limited_and_others_can_sign_in() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    grant(folder.path());
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    settings.set("PORTICO_PLUGIN_MEMORY", &MEMORY.to_string());
    // Otherwise the logins of one person share one listing.
    settings.set("PORTICO_LISTING_MAX_AGE", "0s");
    let oidc = Cloud::Oidc.plugin_variables(emulator.http_url());
    for (name, value) in oidc.into_iter().chain(Cloud::GitHub.plugin_variables(emulator.http_url()))
    {
        settings.set(&name.replace("OIDC_", "HOARDS_MEMORY_AND_WAITS_"), &value);
    }
    let portico = Portico::start(&settings).await;
    log_in(portico.base.clone(), "github").await;
    let before = portico.memory().0;
    emulator.fault(Fault::always(Target::CloudListing(Cloud::Oidc), FaultKind::Hang));

    let mut hoarding = JoinSet::new();
    for _ in 0..AT_ONCE {
        hoarding.spawn(log_in(portico.base.clone(), HOARD));
    }
    let mut others = JoinSet::new();
    for _ in 0..AT_ONCE {
        others.spawn(log_in(portico.base.clone(), "github"));
    }
    for answer in others.join_all().await {
        assert_eq!(answer.status, 302, "{answer:?}\n{}", portico.log());
    }
    // As many as fit wait for their cloud; nobody waits for them.
    let fit = MEMORY as usize / 2 / 120;
    for _ in 0..AT_ONCE - fit {
        let answer = hoarding.join_next().await.unwrap().unwrap();
        assert_eq!(answer.status, 503, "{answer:?}\n{}", portico.log());
        assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    }
    let grown = portico.memory().1.saturating_sub(before) >> 20;
    println!("{AT_ONCE} logins took {grown} MiB at most, of {MEMORY} allowed");
    assert!(grown < MEMORY / 2 + 64, "{grown} MiB");
    tried(AT_ONCE);
}
