//! The operating system's clock, random number generator and resource limits.

mod clock;
mod descriptors;
mod entropy;
mod memory;

pub use self::{
    clock::SystemClock, descriptors::raise_descriptor_limit, entropy::SystemEntropy,
    memory::memory_of_machine,
};
