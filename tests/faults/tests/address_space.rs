//! The system gives little address space, as under `ulimit -v` and in some sandboxes: plug-ins run all
//! the same, and the log says what is missing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Browser, Cloud, Emulator, Options, Portico, Settings, hint, personas, plugins};
use portico_hostile::tried;

/// KiB, for `ulimit -v`: a thousandth of what the slots of plug-ins reserve, and a few memories'.
const LITTLE: [u32; 2] = [1 << 30, 8 << 20];

#[tokio::test]
async fn plug_ins_run_under_a_low_address_space_limit() {
    for little in LITTLE {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        plugins::grant(folder.path(), &["github"]);
        let mut settings = Settings::new(&emulator, folder.path());
        settings.set("PORTICO_KEYS", plugins::KEYS);
        for (name, value) in Cloud::GitHub.plugin_variables(emulator.http_url()) {
            settings.set(&name, &value);
        }
        let limited = format!("ulimit -v {little}; exec \"$0\"");
        settings.launch_by(&["/bin/sh", "-c", &limited]);
        let portico = Portico::start(&settings).await;
        assert!(portico.log().contains("no address space"), "{}", portico.log());
        let (mut browser, base) = (Browser::default(), &portico.base);
        let url = format!("{base}/api/login/github?{}", hint(personas::ZOFIA.user_name));
        let begun = browser.get(url).await;
        assert_eq!(begun.status, 302, "{begun:?}\n{}", portico.log());
        let callback = browser.get(begun.location()).await.location();
        let answer = browser.get(callback).await;
        assert_eq!(answer.status, 302, "{answer:?}\n{}", portico.log());
        tried(1);
    }
}
