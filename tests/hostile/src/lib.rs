//! Somebody tries: hostile plug-ins, providers, browsers and sites against the running program. The
//! tests are in `tests/`; here is only how they and those of tests/faults count what they tried.
#![allow(clippy::unwrap_used, reason = "a test that cannot count fails by panicking")]

use std::{fs::OpenOptions, io::Write};

/// Notes that the running test tried so many cases: a line of `target/hostile-cases`, whose sum
/// `make test` prints.
pub fn tried(cases: usize) {
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test> -> target
    let file = test.ancestors().nth(3).unwrap().join("hostile-cases");
    let thread = std::thread::current();
    let line = format!("{cases} {}\n", thread.name().unwrap_or("a test"));
    // One write of a short line: tests that run side by side do not tear each other's.
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
