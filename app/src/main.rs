//! The `portico` program.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// A request makes a few dozen small allocations on any thread. With the C library's allocator they took
/// a quarter of the time of `/api/session` (`make bench`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    portico::run(portico::Arguments::parse())
}
