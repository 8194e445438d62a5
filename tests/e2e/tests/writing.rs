//! docs/writing-a-provider.md is true: every command in it runs, in its order.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use portico_e2e::program;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The commands of the document's console blocks.
fn commands() -> Vec<String> {
    let document = fs::read_to_string(root().join("docs/writing-a-provider.md")).unwrap();
    let blocks = document.split("```console\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    let lines = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect()
}

/// How this machine builds Rust for WebAssembly, where that is not what the document says: Debian's
/// Rust wants more said.
fn as_here(command: &str) -> String {
    let Some(arguments) = command.strip_prefix("cargo build ") else { return command.to_owned() };
    let said = Command::new("scripts/wasm-rust").current_dir(root()).output().unwrap();
    assert!(said.status.success(), "this machine cannot build for WebAssembly");
    let said = String::from_utf8(said.stdout).unwrap();
    let quoted = |words: &str| words.lines().map(|word| format!("'{word}' ")).collect::<String>();
    let (before, after) = said.split_once("--\n").unwrap();
    format!("{}build {}{arguments}", quoted(before), quoted(after))
}

#[test]
fn every_command_of_the_provider_guide_succeeds() {
    let (root, writing) = (root(), root().join("target/writing"));
    let _ = fs::remove_dir_all(&writing);
    let programs = program("portico").parent().unwrap().to_owned();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{}/target/tools/python/bin:{path}", programs.display(), root.display());
    let commands = commands();
    assert!(commands.len() >= 15, "{commands:?}");
    for command in commands {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &as_here(&command)])
            .current_dir(&root)
            .env("PATH", &path)
            .env("PORTICO_PROVIDERS", writing.join("providers.d"))
            .env("PORTICO_STORE", "memory:")
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "$ {command}\n{said}");
    }
    let granted = fs::read_to_string(writing.join("providers.d/providers.lock")).unwrap();
    assert!(granted.contains("id = \"acme-js\""), "{granted}");
}
