//! wasmtime takes minutes to compile: the demo, the programs and the tests need one compilation, and its
//! macros, which run while building, need none of wasmparser of their own.

use std::{collections::BTreeSet, process::Command};

use crate::files::root;

/// The packages in wasmtime's dependencies that are compiled otherwise for these arguments of cargo than
/// for the tests, with their features.
fn compiled_again(arguments: &[&str]) -> Vec<String> {
    let wasmtime = packages("wasmtime");
    assert!(wasmtime.contains("cranelift-codegen"), "{wasmtime:?}");
    let tests = tree(&["--workspace", "--edges", "normal,build,dev"]);
    let others = tree(&[arguments, &["--edges", "normal,build"]].concat()).into_iter();
    others.filter(|line| wasmtime.contains(name(line)) && !tests.contains(line)).collect()
}

/// `cargo tree`, with a line for each package and set of features.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p} {f}"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().map(|line| line.trim_end_matches("(*)").trim().to_owned()).collect()
}

/// The names of a package and all its dependencies.
fn packages(root: &str) -> BTreeSet<String> {
    tree(&["--package", root]).iter().map(|line| name(line).to_owned()).collect()
}

fn name(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

const ADVICE: &str =
    "name these features in the build-dependencies of adapters/wasm/Cargo.toml, or drop them";

#[test]
fn demo_compiles_wasmtime_as_tests_do() {
    let demo = compiled_again(&["--package", "portico", "--package", "portico-demo"]);
    assert_eq!(demo, [""; 0], "{ADVICE}");
}

#[test]
fn programs_compile_wasmtime_as_tests_do() {
    assert_eq!(compiled_again(&["--workspace"]), [""; 0], "{ADVICE}");
}

#[test]
fn demo_compiles_wasmparser_once() {
    let demo =
        tree(&["--package", "portico", "--package", "portico-demo", "--edges", "normal,build"]);
    let wasmparser = demo.iter().find(|line| name(line) == "wasmparser").unwrap();
    let version = wasmparser.split(' ').nth(1).unwrap().trim_start_matches('v');
    for package in packages(&format!("wasmparser@{version}")) {
        let found: Vec<_> = demo.iter().filter(|line| name(line) == package).collect();
        let versions: BTreeSet<_> = found.iter().map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(found.len(), versions.len(), "{found:?}: {ADVICE}");
    }
}
