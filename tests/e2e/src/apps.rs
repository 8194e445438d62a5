//! Protected apps, with the test as the proxy in front of them.

use std::fs;

use reqwest::{Method, StatusCode};
use tempfile::TempDir;
use url::Url;

use crate::{Browser, Emulator, Options, Portico, Response, Settings};

/// Headers of a browser that opens a page.
pub const PAGE: [(&str, &str); 2] =
    [("accept", "text/html,application/xhtml+xml"), ("sec-fetch-mode", "navigate")];

/// A Portico with protected apps, which trusts proxies on this machine.
pub struct AppWorld {
    /// The program.
    pub portico: Portico,
    /// Its settings.
    pub settings: Settings,
    /// The clouds.
    pub emulator: Emulator,
    /// Where the settings and the store are.
    pub folder: TempDir,
}

impl AppWorld {
    /// With these tables in `portico.toml`.
    pub async fn with(apps: &str) -> Self {
        Self::with_variables(apps, &[]).await
    }

    /// With environment variables besides.
    pub async fn with_variables(apps: &str, variables: &[(&str, &str)]) -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
        Self::of(emulator, apps, variables).await
    }

    /// With these clouds, whose addresses the tables may name.
    pub async fn of(emulator: Emulator, apps: &str, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        let file = folder.path().join("portico.toml");
        fs::write(&file, apps).unwrap();
        settings.set("PORTICO_CONFIG", file.to_str().unwrap());
        settings.set("PORTICO_TRUSTED_PROXIES", "127.0.0.1/32");
        for (name, value) in variables {
            settings.set(name, value);
        }
        let portico = Portico::start(&settings).await;
        Self { portico, settings, emulator, folder }
    }

    /// Its base URL.
    pub fn base(&self) -> &str {
        &self.portico.base
    }

    /// Portico restarted, with the settings as they are now.
    pub async fn restarted(self) -> Self {
        let Self { portico, settings, emulator, folder } = self;
        portico.stop().await;
        Self { portico: Portico::start(&settings).await, settings, emulator, folder }
    }
}

/// The table of an app, with more lines.
pub fn app_table(id: &str, origin: &str, more: &str) -> String {
    format!("[[apps]]\nid = \"{id}\"\norigins = [\"{origin}\"]\n{more}\n")
}

/// A browser at the host of an app, behind a proxy that asks Portico. Its cookies are those of that host.
#[derive(Clone)]
pub struct AppHost {
    /// The browser.
    pub browser: Browser,
    /// Where Portico is.
    pub base: String,
    /// The origin of the app.
    pub origin: Url,
}

impl AppHost {
    /// At this origin.
    pub fn new(world: &AppWorld, origin: &str) -> Self {
        let origin = Url::parse(origin).unwrap();
        Self { browser: Browser::default(), base: world.base().to_owned(), origin }
    }

    fn authority(&self) -> String {
        let host = self.origin.host_str().unwrap();
        self.origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The proxy asks about a request, as Traefik and Caddy do.
    pub async fn ask(&mut self, method: &str, uri: &str, sent: &[(&str, &str)]) -> Response {
        let (proto, host) = (self.origin.scheme().to_owned(), self.authority());
        let told = [
            ("x-forwarded-method", method),
            ("x-forwarded-proto", &proto),
            ("x-forwarded-host", &host),
            ("x-forwarded-uri", uri),
        ];
        let headers: Vec<_> = told.iter().chain(sent).copied().collect();
        let url = format!("{}/auth/forward", self.base);
        self.browser.send_with(Method::GET, &url, &headers).await
    }

    /// The browser opens a page below `/portico` at the host.
    pub async fn open(&mut self, page: &Url) -> Response {
        assert_eq!(page.origin(), self.origin.origin(), "{page}");
        let (proto, host) = (self.origin.scheme().to_owned(), self.authority());
        let mut url = Url::parse(&self.base).unwrap();
        url.set_path(page.path());
        url.set_query(page.query());
        let headers = [("x-forwarded-proto", &*proto), ("x-forwarded-host", &host)];
        self.browser.send_with(Method::GET, url.as_str(), &headers).await
    }

    /// Goes from a page of the app up to the hand-off at Portico, whose address this returns.
    pub async fn up_to_hand_off(&mut self, uri: &str) -> Url {
        let refused = self.ask("GET", uri, &PAGE).await;
        assert_eq!(refused.status, StatusCode::FOUND, "{refused:?}");
        self.open(&refused.location()).await.location()
    }

    /// Gets a session at the host for somebody who is signed in at Portico; where the browser ends.
    pub async fn enter(&mut self, person: &mut Browser, uri: &str) -> Url {
        let hand_off = self.up_to_hand_off(uri).await;
        let callback = person.get(&hand_off).await.location();
        let landed = self.open(&callback).await;
        assert_eq!(landed.status, StatusCode::FOUND, "{landed:?}");
        landed.location()
    }
}
