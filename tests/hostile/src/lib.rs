//! Hostile plug-ins, providers, browsers and sites against the running program. The tests are in
//! `tests/`; this library counts the cases that they and those of tests/faults have tried.

use std::{fs::OpenOptions, io::Write};

/// Appends the number of cases that the running test has tried to `target/hostile-cases`; `make test`
/// prints the sum.
pub fn tried(cases: usize) {
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test> -> target
    let file = test.ancestors().nth(3).unwrap().join("hostile-cases");
    let thread = std::thread::current();
    let line = format!("{cases} {}\n", thread.name().unwrap_or("a test"));
    // A single short write, so that lines of concurrent tests do not mix.
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
