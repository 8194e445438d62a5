//! The domain depends on no runtime, network, store or clock.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, path::Path, process::Command};

/// The direct dependencies.
const ALLOWED: [&str; 10] = [
    "async-trait",
    "base64",
    "futures-util",
    "portico-provider-model",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    "url",
    "zeroize",
];

/// Crates that must not be indirect dependencies.
const FORBIDDEN: [&str; 14] = [
    "axum",
    "getrandom",
    "hyper",
    "jiff",
    "mio",
    "rand",
    "redis",
    "reqwest",
    "rustls",
    "sled",
    "socket2",
    "tokio",
    "tracing",
    "warp",
];

/// The packages that `cargo tree` names for the domain's normal dependencies.
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
    names.filter(|name| *name != "portico-domain").map(str::to_owned).collect()
}

#[test]
fn direct_dependencies_are_those_of_the_allow_list() {
    let direct = dependencies("1");
    let expected: BTreeSet<String> = ALLOWED.map(str::to_owned).into();
    assert_eq!(direct, expected, "cargo tree (left) and the allow-list (right) differ");
}

#[test]
fn transitive_dependencies_include_no_runtime_network_clock_or_randomness() {
    let all = dependencies("99");
    assert!(all.contains("url"), "cargo tree listed nothing: {all:?}");
    let found: Vec<_> = FORBIDDEN.iter().filter(|name| all.contains(**name)).collect();
    assert!(found.is_empty(), "the domain depends on {found:?}");
}
