//! How long a guest of twenty tenants with a thousand subscriptions waits, where each call of Azure takes
//! 50 ms: until the browser is on the dashboard, and until its list is complete.

use std::time::{Duration, Instant};

use portico_e2e::{
    Browser, Emulator, Fault, FaultKind, Options, Portico, Settings, Target, hint, personas,
};

use crate::{median, report};

const CALL_MILLIS: u64 = 50;
const LOGINS: usize = 9;

/// Measures logins of which each lists anew; with a tenant that hangs, they go on without it.
pub(crate) async fn measure() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("AZURE_SUBSCRIPTIONS_AS", "user");
    let portico = Portico::start(&settings).await;
    let slow = [Target::Token, Target::Tenants, Target::Subscriptions];
    for target in slow {
        emulator.fault(Fault::always(target, FaultKind::Slow { millis: CALL_MILLIS }));
    }
    let (dashboard, complete) = figures(&portico.base, "complete").await;
    report("guest of 20 tenants, 50 ms a call: on the dashboard", &dashboard, "under 2 s");
    report("guest of 20 tenants, 50 ms a call: list complete", &complete, "under 2 s");
    let hanging = Fault::always(Target::Token, FaultKind::Slow { millis: 5_000 });
    emulator.clear_faults();
    emulator.fault(hanging.for_tenant(&personas::SIGRIDS_TENANTS[7]));
    for target in slow {
        emulator.fault(Fault::always(target, FaultKind::Slow { millis: CALL_MILLIS }));
    }
    let (dashboard, _) = figures(&portico.base, "complete").await;
    report("the same, one tenant takes 5 s: on the dashboard", &dashboard, "under 2 s");
    assert!(portico.stop().await.success());
}

/// The median times until the redirect to the dashboard and until no list is under way.
async fn figures(base: &str, expected: &str) -> (String, String) {
    let (mut dashboard, mut complete) = (vec![], vec![]);
    for _ in 0..LOGINS {
        let mut browser = Browser::default();
        let query = format!("{}&refresh=true", hint(personas::SIGRID.user_name));
        let callback = browser.up_to_callback(base, &query).await;
        let begun = Instant::now();
        let landed = browser.get(&callback).await;
        assert_eq!(landed.status.as_u16(), 302, "{landed:?}");
        dashboard.push(begun.elapsed().as_secs_f64());
        loop {
            let account = browser.session(base).await.json()["accounts"][0].clone();
            if account["listing"] != "in_progress" {
                assert_eq!(account["listing"], expected, "{}", account["warnings"]);
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        complete.push(begun.elapsed().as_secs_f64());
    }
    let shown = |figures| format!("{:.2} s", median(figures));
    (shown(dashboard), shown(complete))
}
