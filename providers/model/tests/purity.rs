//! The dependencies of the model: values and parsers only.
#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

use std::{collections::BTreeSet, path::Path, process::Command};

/// The direct dependencies.
const ALLOWED: [&str; 5] = ["base64", "serde", "serde_json", "thiserror", "url"];

/// Packages that must not be transitive dependencies: Portico's own crates, async, I/O, time,
/// randomness.
const NEVER: [&str; 18] = [
    "async-trait",
    "futures-util",
    "getrandom",
    "hyper",
    "jiff",
    "mio",
    "portico-domain",
    "portico-provider",
    "rand",
    "reqwest",
    "rustls",
    "sha2",
    "sled",
    "socket2",
    "tokio",
    "tracing",
    "warp",
    "wit-bindgen",
];

/// The packages that `cargo tree` names for the model's normal dependencies.
fn dependencies(depth: &str) -> BTreeSet<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--depth", depth, "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree failed: {errors}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "portico-provider-model").map(str::to_owned).collect()
}

#[test]
fn direct_dependencies_are_the_allow_list() {
    let direct = dependencies("1");
    let expected: BTreeSet<String> = ALLOWED.map(str::to_owned).into();
    assert_eq!(direct, expected, "cargo tree (left) and the allow-list (right) differ");
}

#[test]
fn no_transitive_dependency_has_io_async_or_time() {
    let all = dependencies("99");
    assert!(all.contains("url"), "cargo tree listed nothing: {all:?}");
    let found: Vec<_> = NEVER.iter().filter(|name| all.contains(**name)).collect();
    assert!(found.is_empty(), "the model came to depend on {found:?}");
}
