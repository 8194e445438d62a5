//! The kit of whoever writes a provider plug-in: is it sound, what does a listing of it look
//! like, what would another version have answered, what does an operator agree to, and how to begin
//! one.
//!
//! * [`check`] holds a provider against what every provider must do, and says what to mend.
//! * [`Recorder`] tapes a listing and [`replay`] plays it to a provider again; a [`Tape`] holds no
//!   token and no claims, and no person where it was anonymised.
//! * [`consent_request`] says in plain words all that an operator agrees to, and [`changes`] what another
//!   version would change of it; [`diff`] plays tapes to two versions and says how they differ.
//! * [`new_project`] writes a project that builds and passes, and [`pack`] makes its core module a
//!   component.
//!
//! Everything here works on the domain's [`CloudProvider`](portico_domain::ports::CloudProvider): a
//! linked provider and a plug-in in its sandbox are told apart by nothing. The program's command
//! line brings the sandbox, the network and the terminal.

mod change;
mod conformance;
mod consent_request;
mod diff;
mod drive;
mod factory;
mod fixtures;
mod host;
mod pack;
mod play;
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
    scrub::Scrub,
    tape::{
        Answered, Body, Exchange, NotATape, Tape, TapedCredential, TapedListing, TapedPerson,
        TapedProblem, TapedProvider, TapedRepair, TapedRequest, TapedResponse, TapedStep,
        TapedSubscription, TapedTenant,
    },
};
