//! Processor time of a login, of Portico only: the emulator is a process of its own.
//!
//! Beside each figure stands what the HTTP exchanges of such a login take in a bare hyper client and server.

use std::fs;

use portico_e2e::{Browser, Emulator, EmulatorProcess, Options, Portico, Settings, personas};

use crate::{report, yardstick};

const WARM_UP: usize = 50;
const LOGINS: usize = 2_000;

/// How the list of a login comes about, by `PORTICO_LISTING_MAX_AGE`; the HTTP exchanges of such a login:
/// the two with the browser, the token request, and three pages; its bound.
const LISTS: [(&str, &str, f64, &str); 2] =
    [("fresh", "15m", 3.0, "under 0.7 ms"), ("requested", "0s", 6.0, "under 1 ms")];

/// Measures many logins, each with three pages of subscriptions.
pub(crate) async fn measure() {
    let clouds = EmulatorProcess::start().await;
    // Only provides settings; the logins use the emulator in a process of its own.
    let placeholder = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let exchange = yardstick::exchange().await;
    report("processor time of one bare HTTP exchange", &format!("{:.3} ms", exchange), "");
    for (list, max_age, exchanges, bound) in LISTS {
        for listed_as in ["application", "user"] {
            let mut settings = Settings::new(&placeholder, folder.path());
            settings.set("AZURE_AUTHORITY_HOST", &clouds.address);
            settings.set("AZURE_RESOURCE_MANAGER_URL", &clouds.address);
            settings.set("AZURE_SUBSCRIPTIONS_AS", listed_as);
            settings.set("PORTICO_LISTING_MAX_AGE", max_age);
            let portico = Portico::start(&settings).await;
            sign_in(&portico.base, WARM_UP).await;
            for concurrency in [1, 32] {
                let before = processor_ticks(portico.id());
                let mut people = tokio::task::JoinSet::new();
                for _ in 0..concurrency {
                    let base = portico.base.clone();
                    people.spawn(async move { sign_in(&base, LOGINS / concurrency).await });
                }
                people.join_all().await;
                let ticks = processor_ticks(portico.id()) - before;
                // One tick is 10 ms on every Linux that Rust supports (USER_HZ, time(7)).
                let each = ticks as f64 * 10.0 / (LOGINS / concurrency * concurrency) as f64;
                let what = format!("login, list {list}, as {listed_as}, {concurrency} at once");
                let bare = exchange * exchanges;
                report(
                    &what,
                    &format!("{each:.2} ms"),
                    &format!("{bound}; bare exchanges {bare:.2}"),
                );
            }
            assert!(portico.stop().await.success());
        }
    }
}

async fn sign_in(base: &str, times: usize) {
    // One connection pool, like a reverse proxy in front of Portico.
    let browser = Browser::default();
    for _ in 0..times {
        let answer = browser.clone().sign_in(base, personas::ZOFIA.user_name).await;
        assert_eq!(answer.status.as_u16(), 302, "{answer:?}");
    }
}

/// User and system time of a process, in ticks (fields 14 and 15 of proc_pid_stat(5)).
pub(crate) fn processor_ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    // The first field after the name is field 3.
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
