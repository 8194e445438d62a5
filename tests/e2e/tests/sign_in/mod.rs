//! The sign-in suite: what people are promised, whether Azure is linked in or a component.
//! `linked.rs` and `plugin.rs` run it, each with a `world` of its own.

mod faults;
mod listing;
mod login;
