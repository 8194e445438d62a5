//! The operating system's clock, randomness and limits. What is done with them is the domain's.

mod clock;
mod descriptors;
mod entropy;
mod memory;

pub use self::{
    clock::SystemClock, descriptors::raise_descriptor_limit, entropy::SystemEntropy,
    memory::memory_of_machine,
};
