//! The dependencies of plug-ins: the model and no crate of the server.
#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The packages that are compiled for a component of the crate in `folder`, with all features.
fn compiled(folder: &Path) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--all-features", "--edges", "normal,build"])
        .args(["--target", "wasm32-unknown-unknown", "--prefix", "none", "--format", "{p}"])
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree failed: {errors}");
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The folders of Portico's own plug-ins: the crates that export a provider.
fn plugins() -> Vec<PathBuf> {
    let providers = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = fs::read_dir(providers).unwrap().map(|entry| entry.unwrap().path());
    let exports = |folder: &PathBuf| {
        let source = fs::read_to_string(folder.join("src/lib.rs")).unwrap_or_default();
        source.contains("\nportico_provider::export!(")
    };
    folders.filter(exports).collect()
}

#[test]
fn sdk_with_its_test_helpers_depends_on_the_model_alone() {
    let compiled = compiled(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(compiled.contains("wit-bindgen"), "not the packages of a component: {compiled:?}");
    let own: Vec<_> = compiled.iter().filter(|name| name.starts_with("portico")).collect();
    assert_eq!(own, ["portico-provider", "portico-provider-model"]);
}

#[test]
fn plugins_compile_no_crate_of_the_server() {
    let plugins = plugins();
    assert!(plugins.len() >= 6, "{plugins:?}");
    for folder in plugins {
        let compiled = compiled(&folder);
        let is_authors = |name: &str| name.starts_with("portico-provider");
        let servers: Vec<_> =
            compiled.iter().filter(|it| it.starts_with("portico") && !is_authors(it)).collect();
        assert!(servers.is_empty(), "{} compiles {servers:?}", folder.display());
    }
}
