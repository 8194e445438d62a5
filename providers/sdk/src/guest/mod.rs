//! A provider as a component: what crosses the wall of the sandbox, both ways.
//!
//! Nothing here is for a plug-in's writer; [`crate::export!`] puts it to work.

pub mod bindings;
mod component;
mod convert;
mod words;

pub use self::component::Component;
