//! The kit of whoever writes a provider plug-in: is it sound, what does a login of it look like,
//! what would another version have answered, and how to begin one.
//!
//! * [`check`] holds a provider against what every provider must do, and says what to mend.
//! * [`Recorder`] tapes a login and [`replay`] plays it to a provider again; a [`Tape`] holds no
//!   token, and no person where it was anonymised.
//! * [`diff`] plays tapes to two versions and says in plain words how they differ;
//!   [`wishes`] and [`wishes_changed`] say what an operator is asked to grant.
//! * [`new_project`] writes a project that builds and passes, and [`pack`] makes its core module a
//!   component.
//!
//! Everything here works on the domain's [`CloudProvider`](portico_domain::ports::CloudProvider): a
//! linked provider and a plug-in in its sandbox are told apart by nothing. The program's command
//! line brings the sandbox, the network and the terminal.

mod change;
mod conformance;
mod diff;
mod drive;
mod factory;
mod fixtures;
mod pack;
mod play;
mod project;
mod recorder;
mod replay;
mod scrub;
mod tape;
mod wishes;

// The tests hold the template's provider as it stands in a project: by the SDK's name.
#[cfg(test)]
extern crate portico_domain as portico_provider;
#[cfg(test)]
mod testing;

pub use self::{
    change::{Change, changes, wishes_changed},
    conformance::{Check, Report, Verdict, check},
    diff::{Diff, TapeDiff, diff},
    factory::{Factory, from_fn, linked},
    fixtures::{Fixtures, NotFixtures},
    pack::{PackError, pack},
    project::{Language, NewProject, NotALanguage, ProjectError, new_project},
    recorder::Recorder,
    replay::{Replayed, replay},
    scrub::Scrub,
    tape::{
        Answered, Body, Exchange, NotATape, Tape, TapedCredential, TapedEndpoints, TapedIdentity,
        TapedListing, TapedProblem, TapedProvider, TapedRequest, TapedResponse, TapedSignIn,
        TapedStep, TapedSubscription, TapedUserRecord,
    },
    wishes::wishes,
};
