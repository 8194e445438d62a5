//! Plug-ins: the domain's provider trait stretched over the wall of a sandbox.
//!
//! A component's way in: [`inspect`] reads what it is without running it, [`Sandbox::compile`] (in
//! a child process: [`compile_in_child`]) makes machine code, which a [`CompiledCache`] keeps,
//! [`Plugin::load`] asks it who it is, and [`Plugin::configure`] gives the
//! [`CloudProvider`](portico_domain::ports::CloudProvider) that use cases hold.
//!
//! A plug-in imports nothing, so all it can do is compute: the [`Limits`] bound that, and whatever
//! it answers is checked before the domain sees it. What it is allowed to ask for is the domain's
//! to decide.

mod bindings;
mod cache;
mod child;
mod compiled;
mod convert;
mod cpu;
mod digest;
mod entry;
mod error;
mod fault;
mod inspect;
mod instance;
mod limits;
mod memory;
mod meter;
mod plugin;
mod pool;
mod prepared;
mod provider;
mod sandbox;
mod size;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod ticker;
mod upgrade;
mod words;

#[cfg(test)]
mod tests;

pub use self::{
    cache::CompiledCache,
    child::{compile_in_child, compile_stdin_to_stdout},
    compiled::Compiled,
    digest::ComponentDigest,
    error::LoadError,
    inspect::{Inspection, MAX_BYTES, inspect},
    limits::Limits,
    plugin::Plugin,
    provider::WasmProvider,
    sandbox::Sandbox,
};
