//! The operating system's clock and randomness. What is done with them is the domain's.

mod clock;
mod entropy;

pub use self::{clock::SystemClock, entropy::SystemEntropy};
