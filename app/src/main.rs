//! The `portico` program.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Every request allocates and frees a few dozen small pieces, on whichever thread is free: with
/// the C library's allocator that took a quarter of the time of `/api/session` (`make bench`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    portico::run(portico::Arguments::parse())
}
