//! Runs providers as WebAssembly components (wasmtime).
//!
//! Steps from a file to a provider: [`inspect`] reads the component without running it,
//! [`Sandbox::compile`] (in a child process: [`compile_in_child`]) compiles it to machine code, which a
//! [`CompiledCache`] stores, [`Plugin::load`] calls its `describe`, and [`Plugin::configure`] returns
//! the [`CloudProvider`](portico_domain::ports::CloudProvider) that use cases call.
//!
//! A plug-in imports nothing, so all it can do is compute. [`Limits`] bound its computation, and its
//! return values are validated before the domain sees them. The domain decides which requests it may
//! send.

mod bindings;
mod cache;
mod call_error;
mod child;
mod compiled;
mod convert;
mod cpu;
mod digest;
mod entry;
mod error;
mod inspect;
mod instance;
mod limits;
mod memory;
mod meter;
mod panic_message;
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
