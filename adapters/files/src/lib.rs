//! Files that somebody else may have put there: read within bounds, written whole or not at all.
//!
//! What is read must be a regular file: a FIFO would block whoever opens it, and a device never
//! ends. Symbolic links are followed, since container platforms mount configuration through them;
//! what stands behind one is held to the same rule. What is written is made anew under a name that
//! nobody can guess or have left a link at, and renamed.

mod read;
mod write;

pub use self::{
    read::{open, read, read_text},
    write::{Access, place, place_new},
};
