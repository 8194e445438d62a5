//! Runs the real `portico` program against the emulated clouds, and a browser's part without one.
//!
//! [`Portico`] is a process; [`Browser`] keeps cookies and follows redirects step by step, so that
//! a test can stop a login anywhere and look.
#![allow(clippy::unwrap_used, reason = "a harness that cannot go on fails the test that uses it")]

mod browser;
mod chromium;
mod clouds;
pub mod guests;
pub mod plugins;
mod program;
mod world;

pub use self::{
    browser::{Answer, Browser},
    chromium::Chromium,
    clouds::EmulatorProcess,
    program::{Portico, Settings, program, send_signal, start_and_fail},
    world::{World, assert_refused, hint, token_requests, world, world_of},
};
pub use portico_emulator::{
    Cloud, Emulator, Encoding, EndlessPart, Fault, FaultKind, NameAnswer, NameServer, Options,
    SentIssuer, SigningAlgorithm, Target, personas,
};
