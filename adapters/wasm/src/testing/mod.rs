//! What tests need of plug-ins: hostile ones, a look at what was in their memory, and what becomes
//! of what one answers.

mod answers;
mod hostile;
mod memory;

#[cfg(test)]
pub(crate) use self::hostile::{
    Guest, V1Guest, asks_for_nothing, fetch, honest, refused, with_function,
};
pub(crate) use self::memory::keep_memories;
pub use self::{
    answers::{Answered, answered},
    hostile::{Hostile, When, asks_with_an_api_key, compiler_bomb, hostile, of_interface_1},
    memory::observe_memories,
};
