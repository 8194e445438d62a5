//! Bounded reads and atomic writes of files in folders that others may write to.
//!
//! Reads accept regular files only: opening a FIFO would block, and a device has no end. Symbolic
//! links are followed, since container platforms mount configuration through them; the target must
//! be a regular file too. Writes go to a new file with a random name, so that no symbolic link can
//! wait there, which is then renamed.

mod read;
mod write;

pub use self::{
    read::{open, read, read_text},
    write::{Access, place, place_new},
};
