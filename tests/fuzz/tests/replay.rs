//! Regression test: runs every corpus input through its target.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "how many inputs were replayed is worth a line")]

#[cfg(feature = "program")]
use std::collections::BTreeSet;
use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

use portico_fuzz::TARGETS;

#[test]
fn targets_accept_every_corpus_input() {
    let mut failed = Vec::new();
    for (name, target) in TARGETS {
        let mut replayed = 0;
        for entry in fs::read_dir(folder("corpus").join(name)).unwrap() {
            let path = entry.unwrap().path();
            let input = fs::read(&path).unwrap();
            if catch_unwind(|| target(&input)).is_err() {
                failed.push(path);
            }
            replayed += 1;
        }
        println!("{name}: {replayed} inputs");
        assert!(replayed > 0, "{name} has no seed");
    }
    assert!(failed.is_empty(), "failed inputs: {failed:#?}");
}

#[cfg(feature = "program")]
#[test]
fn corpora_and_fuzz_programs_match_targets() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("fuzz/fuzz_targets"), targets);
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The file names in a folder, without extensions.
#[cfg(feature = "program")]
fn names(name: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}
