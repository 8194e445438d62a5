//! The system gives little address space, as under `ulimit -v` and in some sandboxes: plug-ins run all
//! the same, and the log says what is missing.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Browser, Cloud, Emulator, Options, Portico, Settings, hint, personas, plugins};
use portico_hostile::tried;

/// KiB for `ulimit -v`, and what the log says: a thousandth of what the slots of plug-ins reserve, and a
/// few memories'.
const LITTLE: [(u32, &str); 2] = [
    (1 << 30, "no address space for more slots of plug-ins"),
    (8 << 20, "each instance is made when it is needed"),
];

#[tokio::test]
async fn where_the_slots_of_plug_ins_cannot_be_reserved_they_run_without() {
    for (little, said) in LITTLE {
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
        assert!(portico.log().contains(said), "{}", portico.log());
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
