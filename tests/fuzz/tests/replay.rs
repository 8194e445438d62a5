//! Every input of the corpora through its target: what once was a finding stays mended.
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
fn every_input_of_the_corpora_passes_its_target() {
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
    assert!(failed.is_empty(), "these fail: {failed:#?}");
}

#[cfg(feature = "program")]
#[test]
fn every_corpus_and_every_program_of_cargo_fuzz_has_its_target() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("fuzz/fuzz_targets"), targets);
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names in a folder, without endings.
#[cfg(feature = "program")]
fn names(name: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}
