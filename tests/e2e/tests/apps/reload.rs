//! Apps that change while Portico runs.

use std::{fs, path::PathBuf};

use portico_e2e::{Browser, Emulator, Options, Portico, Settings, hint, personas};
use tempfile::TempDir;

/// A Portico whose `portico.toml` is written by the test.
struct World {
    portico: Portico,
    file: PathBuf,
    _emulator: Emulator,
    _folder: TempDir,
}

impl World {
    async fn with(apps: &str) -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        let file = folder.path().join("portico.toml");
        fs::write(&file, apps).unwrap();
        settings.set("PORTICO_CONFIG", file.to_str().unwrap());
        let portico = Portico::start(&settings).await;
        Self { portico, file, _emulator: emulator, _folder: folder }
    }

    /// Where a login ends that was asked to return there.
    async fn end_of_login(&self, return_to: &str) -> String {
        let query = format!("{}&return_to={return_to}", hint(personas::ZOFIA.user_name));
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(&self.portico.base, &query).await;
        browser.get(callback).await.location().into()
    }

    /// Replaces the file, and waits until the log has this line so often.
    async fn rewrite(&self, text: &str, line: &str, times: usize) {
        fs::write(&self.file, text).unwrap();
        self.portico.logged(|it| it.log().matches(line).count() == times).await;
    }
}

fn app(id: &str, origin: &str) -> String {
    format!("[[apps]]\nid = \"{id}\"\norigins = [\"{origin}\"]\n")
}

const CHANGED: &str = "the protected apps have changed";
const DEEP_LINK: &str = "https://costs.example/reports?year=2026";
const DASHBOARD: &str = "http://localhost:3000/dashboard";

#[tokio::test]
async fn login_returns_to_a_page_of_an_app_only_while_the_app_is_configured() {
    let world = World::with(&app("costs", "https://costs.example")).await;
    assert_eq!(world.end_of_login(DEEP_LINK).await, DEEP_LINK);
    let elsewhere = "https://costs.example.evil.example/";
    assert_eq!(world.end_of_login(elsewhere).await, DASHBOARD);
    world.rewrite(&app("reports", "https://reports.example"), CHANGED, 1).await;
    assert_eq!(world.end_of_login(DEEP_LINK).await, DASHBOARD);
    let reports = "https://reports.example/";
    assert_eq!(world.end_of_login(reports).await, reports);
}

#[tokio::test]
async fn faulty_change_keeps_the_previous_apps_and_the_log_says_why() {
    let world = World::with(&app("costs", "https://costs.example")).await;
    let both = format!("{}{}", app("costs", "https://costs.example"), app("b", "http://b.example"));
    world.rewrite(&both, "origins of the app b in portico.toml", 1).await;
    assert_eq!(world.end_of_login(DEEP_LINK).await, DEEP_LINK);
    let claimed = format!("{both}{}", app("copy", "https://costs.example"));
    world.rewrite(&claimed, "the apps costs and copy both claim the origin", 1).await;
    world.rewrite("[[apps]", "is not TOML", 1).await;
    assert_eq!(world.end_of_login(DEEP_LINK).await, DEEP_LINK);
    world.rewrite(&app("b", "https://b.example"), CHANGED, 1).await;
    assert_eq!(world.end_of_login(DEEP_LINK).await, DASHBOARD);
}
