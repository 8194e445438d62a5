//! What tests need of plug-ins: hostile ones, and a look at what was in their memory.

mod hostile;
mod memory;

#[cfg(test)]
pub(crate) use self::hostile::{Guest, old_guest, refused};
pub(crate) use self::memory::keep_memories;
pub use self::{
    hostile::{Hostile, When, hostile},
    memory::observe_memories,
};
