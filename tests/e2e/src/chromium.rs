//! A real headless Chromium, driven through its WebDriver.

use std::{path::PathBuf, process::Stdio};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A headless Chromium with a profile of its own.
pub struct Chromium {
    /// The WebDriver client.
    pub client: Client,
    _driver: Child,
    _profile: TempDir,
}

impl Chromium {
    /// Starts Chromium. `make test` installs `chromium` and `chromedriver`.
    pub async fn start() -> Self {
        let (driver, port) = driver().await;
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless=new",
            // Chromium's own sandbox needs privileges that a container often lacks.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=1200,900",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let options = json!({ "goog:chromeOptions": { "args": arguments } });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(options.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, _driver: driver, _profile: profile }
    }

    /// Waits for an element and returns it.
    pub async fn wait_for(&self, css: &str) -> Element {
        self.client.wait().for_element(Locator::Css(css)).await.unwrap()
    }

    /// The texts of all elements.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(css)).await.unwrap() {
            texts.push(element.text().await.unwrap());
        }
        texts
    }

    /// Saves a screenshot as `target/screenshots/<name>.png`, for visual inspection.
    pub async fn screenshot(&self, name: &str) {
        let test = std::env::current_exe().unwrap();
        // target/<profile>/deps/<test> -> target
        let target: PathBuf = test.ancestors().nth(3).unwrap().to_owned();
        let folder = target.join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let screenshot = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), screenshot).unwrap();
    }
}

/// Starts chromedriver and returns the port that it prints.
async fn driver() -> (Child, u16) {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver is missing: scripts/setup test installs it");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let mut output = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return (driver, port.trim_end_matches('.').parse().unwrap());
        }
        output.push(line);
    }
    panic!("chromedriver ended without printing its port:\n{}", output.join("\n"));
}
