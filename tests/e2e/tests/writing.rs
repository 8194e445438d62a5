//! Runs every command of docs/writing-a-provider.md in order.
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

/// The commands in the console blocks of the document.
fn commands() -> Vec<String> {
    let document = fs::read_to_string(root().join("docs/writing-a-provider.md")).unwrap();
    let blocks = document.split("```console\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    let lines = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect()
}

/// Replaces `cargo build` by the command that builds for WebAssembly on this machine: Debian's Rust needs
/// more arguments.
fn for_this_machine(command: &str) -> String {
    let Some(arguments) = command.strip_prefix("cargo build ") else { return command.to_owned() };
    let output = Command::new("scripts/wasm-rust").current_dir(root()).output().unwrap();
    assert!(output.status.success(), "this machine cannot build for WebAssembly");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let quoted = |words: &str| words.lines().map(|word| format!("'{word}' ")).collect::<String>();
    let (before, after) = stdout.split_once("--\n").unwrap();
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
            .args(["-euo", "pipefail", "-c", &for_this_machine(&command)])
            .current_dir(&root)
            .env("PATH", &path)
            .env("PORTICO_PROVIDERS", writing.join("providers.d"))
            .env("PORTICO_STORE", "memory:")
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(output.status.success(), "$ {command}\n{text}");
    }
    let lock = fs::read_to_string(writing.join("providers.d/providers.lock")).unwrap();
    assert!(lock.contains("id = \"acme-js\""), "{lock}");
}
