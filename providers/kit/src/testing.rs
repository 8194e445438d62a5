//! What the kit's own tests are made with: the provider of the Rust template, and ways to break it.

#[path = "../templates/rust/src/cloud.rs"]
#[allow(unreachable_pub, reason = "it stands alone in a project of its own")]
mod cloud;
mod faulty;

pub(crate) use self::{cloud::ExampleCloud, faulty::FaultyProvider};
use crate::{Fixtures, Tape};

pub(crate) const FIXTURES: &str = include_str!("../templates/shared/fixtures.json");
pub(crate) const TAPE: &str = include_str!("../templates/shared/tape.json");

pub(crate) fn fixtures() -> Fixtures {
    Fixtures::parse("fixtures.json", FIXTURES).unwrap()
}

pub(crate) fn tape() -> Tape {
    Tape::parse(TAPE).unwrap()
}
