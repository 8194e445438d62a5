//! docs/architecture.md lists every crate and port, and every file and function that it names exists.

use std::fs;

use crate::files::{functions, quoted, root};

fn document() -> String {
    fs::read_to_string(root().join("docs/architecture.md")).unwrap()
}

fn is_path(text: &str) -> bool {
    text.contains('/') && !text.starts_with('/') && !text.contains(|c: char| c.is_whitespace())
}

#[test]
fn architecture_lists_every_workspace_crate_with_its_folder() {
    let members: Vec<String> = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches(['"', ',']).to_owned())
        .collect();
    assert!(members.len() > 10, "{members:?}");
    let document = document();
    for folder in members {
        let cargo = fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        let name = cargo.lines().find_map(|line| line.strip_prefix("name = ")).unwrap();
        let row = format!("| `{}` | `{folder}` |", name.trim_matches('"'));
        assert!(document.contains(&row), "the row is missing: {row}");
    }
}

#[test]
fn architecture_names_every_domain_port() {
    let document = document();
    let mut ports = 0;
    for entry in fs::read_dir(root().join("domain/src/ports")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("pub trait ") else { continue };
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(document.contains(&format!("`{name}`")), "the port {name} is not named");
            ports += 1;
        }
    }
    assert!(ports >= 10, "only {ports} ports were found");
}

#[test]
fn architecture_names_only_existing_files() {
    let document = document();
    let paths: Vec<&str> = quoted(&document).into_iter().filter(|text| is_path(text)).collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "{path} does not exist");
    }
}

#[test]
fn architecture_walk_names_only_functions_of_the_named_file() {
    let document = document();
    let walk = document.split("## One login").nth(1).unwrap().split("\n## ").next().unwrap();
    let (mut file, mut checked) = (None, 0);
    for text in quoted(walk) {
        if is_path(text) {
            file = Some(text);
        } else if text.starts_with(char::is_lowercase) && !text.contains(' ') {
            let file = file.unwrap_or_else(|| panic!("{text} is named before any file"));
            let path = root().join(file);
            assert!(functions(&path).iter().any(|name| name == text), "{file} has no {text}");
            checked += 1;
        }
    }
    assert!(checked > 25, "only {checked} functions were found in the walk");
}
