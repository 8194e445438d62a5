//! Test helpers: the provider of the Rust template, ways to make it faulty, and its fixtures and tape.

#[path = "../templates/rust/src/cloud.rs"]
#[allow(unreachable_pub, reason = "the template is a crate of its own")]
mod cloud;
mod faulty;

pub(crate) use self::{cloud::ExampleCloud, faulty::FaultyProvider};
use crate::{
    fixtures::Fixtures,
    tape::{Body, Tape, TapedResponse},
};

pub(crate) const FIXTURES: &str = include_str!("../templates/shared/fixtures.json");
pub(crate) const TAPE: &str = include_str!("../templates/shared/tape.json");

pub(crate) fn fixtures() -> Fixtures {
    Fixtures::parse("fixtures.json", FIXTURES).unwrap()
}

pub(crate) fn tape() -> Tape {
    Tape::parse(TAPE).unwrap()
}

/// The tape with this body in its first reply.
pub(crate) fn tape_with_first_reply(text: &str) -> Tape {
    let mut tape = tape();
    let Some(TapedResponse::Reply { body, .. }) = &mut tape.steps[0].exchanges[0].response else {
        panic!("no reply on the tape")
    };
    *body = Body(text.into());
    tape
}
