//! Credentials that are replaced while people sign in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Instant,
};

use portico_e2e::{Portico, RegisteredCredential};
use rstest::rstest;
use tokio::task::JoinSet;

use super::*;

/// People who sign in one after the other, several at once, until they are told to stop.
struct Crowd {
    stop: Arc<AtomicBool>,
    logins: Arc<AtomicUsize>,
    failures: JoinSet<Vec<String>>,
    started_at: Instant,
}

impl Crowd {
    /// As many at once as keep Portico busy; on a slow machine they take longer.
    const AT_ONCE: usize = 10;

    fn start(base: &str) -> Self {
        let (stop, logins) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let mut failures = JoinSet::new();
        for _ in 0..Self::AT_ONCE {
            let (base, stop, logins) = (base.to_owned(), stop.clone(), logins.clone());
            failures.spawn(async move {
                let mut failures = Vec::new();
                while !stop.load(SeqCst) {
                    failures.extend(failure(&base, "azure").await);
                    logins.fetch_add(1, SeqCst);
                }
                failures
            });
        }
        Self { stop, logins, failures, started_at: Instant::now() }
    }

    /// Waits for so many more logins.
    async fn sign_in(&self, more: usize) {
        let enough = self.logins.load(SeqCst) + more;
        while self.logins.load(SeqCst) < enough {
            tokio::task::yield_now().await;
        }
    }

    /// The codes of all failed logins. Prints how many logins a second there were.
    async fn stop(self) -> Vec<String> {
        self.stop.store(true, SeqCst);
        let (logins, seconds) = (self.logins.load(SeqCst), self.started_at.elapsed().as_secs_f64());
        println!("{logins} logins in {seconds:.1} s");
        self.failures.join_all().await.concat()
    }
}

/// Waits until Portico has read so many newer files. A busy machine takes its time.
async fn read_newer(portico: &Portico, times: usize) {
    while portico.log().matches("the settings of Azure have changed").count() < times {
        tokio::task::yield_now().await;
    }
}

fn secret(text: &str) -> RegisteredCredential {
    RegisteredCredential::Secret(text.to_owned())
}

/// Writes a file in place.
fn overwrite(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
}

/// How a file is replaced.
type Write = fn(&Path, &str);

/// In the first case the provider accepts old and new until Portico has read the file, as while an
/// operator rotates a secret with care; in the second it refuses the old one at once.
#[rstest]
#[tokio::test]
async fn no_login_fails_while_the_secret_file_is_replaced(
    #[values(replace, overwrite)] write: Write,
    #[values(true, false)] with_overlap: bool,
) {
    let (emulator, folder, mut settings) = emulator().await;
    emulator.register(None, vec![secret("secret-0")]);
    let variable = "AZURE_CLIENT_SECRET_FILE";
    let file = set_file(&mut settings, folder.path(), variable, "secret-0");
    let portico = Portico::start(&settings).await;
    let crowd = Crowd::start(&portico.base);
    crowd.sign_in(20).await;
    for number in 1..=3 {
        let [old, new] = [number - 1, number].map(|number| format!("secret-{number}"));
        emulator.register(None, vec![secret(&old), secret(&new)]);
        write(&file, &new);
        if with_overlap {
            read_newer(&portico, number).await;
            // Those that began with the old one.
            crowd.sign_in(2 * Crowd::AT_ONCE).await;
        }
        emulator.register(None, vec![secret(&new)]);
        crowd.sign_in(30).await;
        read_newer(&portico, number).await;
    }
    assert_eq!(crowd.stop().await, [""; 0]);
}

#[tokio::test]
async fn no_login_fails_while_the_platform_renews_the_federated_token() {
    let (emulator, folder, mut settings) = emulator().await;
    let workload = workload();
    emulator.register(None, vec![workload.registration()]);
    let file = mount(folder.path(), "first", &workload.token(3_600));
    settings.unset("AZURE_CLIENT_SECRET");
    settings.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    let portico = Portico::start(&settings).await;
    let crowd = Crowd::start(&portico.base);
    crowd.sign_in(20).await;
    mount(folder.path(), "second", &workload.token(3_600));
    read_newer(&portico, 1).await;
    crowd.sign_in(20).await;
    assert_eq!(crowd.stop().await, [""; 0]);
}

#[tokio::test]
async fn expired_federated_token_is_read_again_by_the_login_that_it_fails() {
    let (emulator, folder, mut settings) = emulator().await;
    let workload = workload();
    emulator.register(None, vec![workload.registration()]);
    let variable = "AZURE_FEDERATED_TOKEN_FILE";
    let file = set_file(&mut settings, folder.path(), variable, &workload.token(-1));
    let portico = Portico::start(&settings).await;
    assert_eq!(failure(&portico.base, "azure").await.as_deref(), Some("registration_refused"));
    replace(&file, &workload.token(3_600));
    assert_signs_in(&portico.base).await;
}
