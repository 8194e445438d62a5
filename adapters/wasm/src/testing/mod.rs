//! Test support: hostile plug-ins, an observer of their memories, and fuzz input for return values.

mod fuzz_input;
mod hostile;
mod memory_observer;

#[cfg(test)]
pub(crate) use self::hostile::{
    PluginBuilder, V1PluginBuilder, fetch, fetch_nothing, honest, refused, with_function,
};
pub(crate) use self::memory_observer::observe_in;
pub use self::{
    fuzz_input::{Answered, answered},
    hostile::{Hostile, When, asks_with_an_api_key, compiler_bomb, hostile, of_interface_1},
    memory_observer::observe_memories,
};
