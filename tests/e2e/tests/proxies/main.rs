//! Real proxies in front of a protected app, with the configurations of `docs/proxies` as they stand.
//!
//! * `app.rs`: the app, which answers with the request that reached it;
//! * `browser.rs`: a page in a real browser;
//! * `calls.rs`: what reaches the app, and what does not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod app;
mod browser;
mod calls;

use std::fs;

use portico_e2e::{Browser, Emulator, Options, Portico, Proxy, ProxyKind, Settings};
use reqwest::{Method, StatusCode};
use tempfile::TempDir;
use url::Url;

use self::app::App;

/// A Portico, a protected app, and a proxy in front of both.
struct World {
    portico: Portico,
    proxy: Proxy,
    app: App,
    settings: Settings,
    _emulator: Emulator,
    _folder: TempDir,
}

impl World {
    async fn behind(kind: ProxyKind) -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        let app = App::start().await;
        let portico = settings.base.strip_prefix("http://").unwrap().parse().unwrap();
        let proxy = Proxy::start(kind, portico, app.address).await;
        let file = folder.path().join("portico.toml");
        fs::write(&file, format!("[[apps]]\nid = \"app\"\norigins = [\"{}\"]\n", proxy.base))
            .unwrap();
        settings.set("PORTICO_CONFIG", file.to_str().unwrap());
        settings.set("PORTICO_TRUSTED_PROXIES", "127.0.0.1");
        let portico = Portico::start(&settings).await;
        Self { portico, proxy, app, settings, _emulator: emulator, _folder: folder }
    }

    fn page(&self, uri: &str) -> String {
        format!("{}{uri}", self.proxy.base)
    }
}

/// Headers of a browser that opens a page.
const PAGE: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
