//! Tools for authors of provider plug-ins: conformance checks, tapes, differences between versions,
//! consent requests, new projects, packing.
//!
//! * [`check`] checks a provider against the rules for every provider and gives a remedy for each that
//!   it breaks.
//! * [`Recorder`] records a listing as a [`Tape`], and [`replay`] runs a provider with a tape. A tape
//!   has no token and no claims, and, if it was anonymised, no personal data.
//! * [`consent_request`] lists in plain words everything that an operator agrees to, and [`changes`]
//!   what another version changes of it. [`diff`] replays tapes with two versions and compares them.
//! * [`new_project`] writes a project that builds and passes every check, and [`pack`] turns a core
//!   module into a component.
//!
//! Everything works on the domain's [`CloudProvider`](portico_domain::ports::CloudProvider), so linked
//! providers and sandboxed plug-ins are treated alike. Sandbox, network and terminal belong to the
//! command line.

mod change;
mod conformance;
mod consent_request;
mod diff;
mod factory;
mod fixtures;
mod host;
mod pack;
mod permission;
mod project;
mod recorder;
mod replay;
mod scrub;
mod tape;

#[cfg(test)]
mod testing;

pub use self::{
    change::{Change, changes},
    conformance::{Check, Report, Verdict, check},
    consent_request::{ConsentRequest, Line, Section, consent_request},
    diff::{Diff, TapeDiff, diff},
    factory::{Factory, from_fn, linked},
    fixtures::{Fixtures, NotFixtures},
    pack::{PackError, pack},
    project::{Language, NewProject, NotALanguage, ProjectError, new_project},
    recorder::Recorder,
    replay::{Replayed, replay},
    scrub::{CannotScrub, Scrub},
    tape::{
        Answered, Body, Exchange, NotATape, Tape, TapedCredential, TapedListing, TapedPerson,
        TapedProblem, TapedProvider, TapedRepair, TapedRequest, TapedResponse, TapedStep,
        TapedSubscription, TapedTenant,
    },
};
