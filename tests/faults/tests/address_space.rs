//! A low limit of address space, as under `ulimit -v` and in some sandboxes: plug-ins run all the
//! same, and the log reports the limit.

use portico_e2e::{Browser, Cloud, Emulator, Options, Portico, Settings, hint, personas, plugins};
use portico_hostile::tried;
use rstest::rstest;

/// `limit` is in KiB, for `ulimit -v`. The slots of plug-ins reserve 16 TiB.
#[rstest]
#[case::for_fewer_slots(1 << 30, "no address space for more slots of plug-ins")]
#[case::for_a_few_memories(8 << 20, "each instance is made when it is needed")]
#[tokio::test]
async fn plug_ins_run_under_a_low_address_space_limit(#[case] limit: u32, #[case] logged: &str) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["github"]);
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    settings.set_plugin(Cloud::GitHub, &emulator);
    let limited = format!("ulimit -v {limit}; exec \"$0\"");
    settings.launch_by(&["/bin/sh", "-c", &limited]);
    let portico = Portico::start(&settings).await;
    assert!(portico.log().contains(logged), "{}", portico.log());
    let (mut browser, base) = (Browser::default(), &portico.base);
    let url = format!("{base}/api/login/github?{}", hint(personas::ZOFIA.user_name));
    let redirect = browser.get(url).await;
    assert_eq!(redirect.status, 302, "{redirect:?}\n{}", portico.log());
    let callback = browser.get(redirect.location()).await.location();
    let response = browser.get(callback).await;
    assert_eq!(response.status, 302, "{response:?}\n{}", portico.log());
    tried(1);
}
