//! Runs the `portico` program against the emulated clouds.
//!
//! [`Portico`] is a process. [`Browser`] is an HTTP client that keeps cookies and follows redirects one
//! at a time, so that a test can inspect each step of a login; [`Chromium`] is a real browser.
#![allow(clippy::unwrap_used, reason = "a failing harness fails its test")]

mod apps;
mod browser;
mod chromium;
mod clouds;
mod event_stream;
pub mod js_plugin;
mod openid_provider;
pub mod plugins;
mod program;
mod proxies;
mod response;
mod shared_clock;
mod world;

pub use self::{
    apps::{AppHost, AppWorld, PAGE, app_table},
    browser::Browser,
    chromium::Chromium,
    clouds::EmulatorProcess,
    event_stream::EventStream,
    openid_provider::{OpenIdProvider, OpenIdProviderState, TokenFamily},
    program::{Portico, Settings, program, send_signal, start_and_fail},
    proxies::{Proxy, ProxyKind},
    response::Response,
    shared_clock::SharedClock,
    world::{
        World, assert_refused, hint, token_requests, world, world_with_openid_provider,
        world_with_plugins,
    },
};
pub use portico_emulator::{
    ClientKey, Cloud, Emulator, Encoding, EndlessPart, Fault, FaultKind, NameAnswer, NameServer,
    Options, RefusalKind, RegisteredCredential, SentIssuer, SigningAlgorithm, Target,
    TokenSettings, WorkloadIssuer, personas,
};
