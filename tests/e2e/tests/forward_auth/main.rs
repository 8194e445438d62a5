//! Forward authentication, with the test as the proxy in front of protected apps.
//!
//! * `pages.rs`: a page of an app leads through sign-in and back;
//! * `calls.rs`: what is answered to calls, in the form of each family of proxies;
//! * `keys.rs`: session JWTs and the keys that sign them;
//! * `refusals.rs`: cookies, codes and headers of somebody else.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod keys;
mod pages;
mod refusals;

use std::fs;

use portico_e2e::{Browser, Emulator, Options, Portico, Response, Settings, hint, personas};
use reqwest::{Method, StatusCode};
use tempfile::TempDir;
use url::Url;

/// Two protected apps.
const COSTS: &str = "https://costs.example";
const INVENTORY: &str = "http://127.0.0.1:8081";

/// Headers of a browser that opens a page.
const PAGE: [(&str, &str); 2] =
    [("accept", "text/html,application/xhtml+xml"), ("sec-fetch-mode", "navigate")];

/// A Portico with protected apps, which trusts proxies on this machine.
struct World {
    portico: Portico,
    settings: Settings,
    _emulator: Emulator,
    _folder: TempDir,
}

impl World {
    /// With [`COSTS`] and [`INVENTORY`].
    async fn new() -> Self {
        Self::with(&format!("{}{}", app("costs", COSTS, ""), app("inventory", INVENTORY, ""))).await
    }

    async fn with(apps: &str) -> Self {
        Self::with_variables(apps, &[]).await
    }

    async fn with_variables(apps: &str, variables: &[(&str, &str)]) -> Self {
        let emulator = Emulator::start(Options::default()).await.unwrap();
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
        Self { portico, settings, _emulator: emulator, _folder: folder }
    }

    fn base(&self) -> &str {
        &self.portico.base
    }

    /// Portico restarted, with the settings as they are now.
    async fn restarted(self) -> Self {
        let Self { portico, settings, _emulator, _folder } = self;
        portico.stop().await;
        Self { portico: Portico::start(&settings).await, settings, _emulator, _folder }
    }
}

/// The table of an app, with more lines.
fn app(id: &str, origin: &str, more: &str) -> String {
    format!("[[apps]]\nid = \"{id}\"\norigins = [\"{origin}\"]\n{more}\n")
}

/// A browser at the host of an app, behind a proxy that asks Portico. Its cookies are those of that host.
#[derive(Clone)]
struct Host {
    browser: Browser,
    base: String,
    origin: Url,
}

impl Host {
    fn new(world: &World, origin: &str) -> Self {
        let origin = Url::parse(origin).unwrap();
        Self { browser: Browser::default(), base: world.base().to_owned(), origin }
    }

    fn authority(&self) -> String {
        let host = self.origin.host_str().unwrap();
        self.origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The proxy asks about a request, as Traefik and Caddy do.
    async fn ask(&mut self, method: &str, uri: &str, sent: &[(&str, &str)]) -> Response {
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
    async fn open(&mut self, page: &Url) -> Response {
        assert_eq!(page.origin(), self.origin.origin(), "{page}");
        let (proto, host) = (self.origin.scheme().to_owned(), self.authority());
        let mut url = Url::parse(&self.base).unwrap();
        url.set_path(page.path());
        url.set_query(page.query());
        let headers = [("x-forwarded-proto", &*proto), ("x-forwarded-host", &host)];
        self.browser.send_with(Method::GET, url.as_str(), &headers).await
    }

    /// Goes from a page of the app up to the hand-off at Portico, whose address this returns.
    async fn up_to_hand_off(&mut self, uri: &str) -> Url {
        let refused = self.ask("GET", uri, &PAGE).await;
        assert_eq!(refused.status, StatusCode::FOUND, "{refused:?}");
        self.open(&refused.location()).await.location()
    }

    /// Gets a session at the host for somebody who is signed in at Portico; where the browser ends.
    async fn enter(&mut self, person: &mut Browser, uri: &str) -> Url {
        let hand_off = self.up_to_hand_off(uri).await;
        let callback = person.get(&hand_off).await.location();
        let landed = self.open(&callback).await;
        assert_eq!(landed.status, StatusCode::FOUND, "{landed:?}");
        landed.location()
    }
}

/// Signs a persona in at Portico.
async fn signed_in(world: &World, user_name: &str) -> Browser {
    let mut person = Browser::default();
    person.sign_in(world.base(), user_name).await;
    person
}

async fn zofia(world: &World) -> Browser {
    signed_in(world, personas::ZOFIA.user_name).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers.get(name);
    value.unwrap_or_else(|| panic!("no {name}: {response:?}")).to_str().unwrap()
}
