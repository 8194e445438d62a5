//! SECURITY.md and docs/assurance.md: each promise names tests, each named test exists, and each patch
//! of `tests/removals` applies and is listed with its test.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use crate::files::{all_functions, quoted, root};

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The tests that a text names: the names in backticks with at least three underscores.
fn tests(text: &str) -> Vec<&str> {
    let plain =
        |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    quoted(text).into_iter().filter(|it| plain(it) && it.matches('_').count() >= 3).collect()
}

/// The promises of SECURITY.md, one text each.
fn promises(security: &str) -> Vec<&str> {
    let promises = security.split("## Promises").nth(1).unwrap().split("\n## ").next().unwrap();
    let numbered = (1..).map_while(|n| promises.split_once(&format!("\n{n}. ")).map(|it| it.1));
    numbered.map(|rest| rest.split("\n\n").next().unwrap()).collect()
}

#[test]
fn security_has_at_most_ten_promises_each_with_tests() {
    let security = read("SECURITY.md");
    let promises = promises(&security);
    assert!((1..=10).contains(&promises.len()), "{}", promises.len());
    for promise in promises {
        assert!(!tests(promise).is_empty(), "no test is named for: {promise}");
    }
}

#[test]
fn documents_name_only_existing_tests() {
    let functions = all_functions();
    for file in ["SECURITY.md", "docs/assurance.md"] {
        let text = read(file);
        let named = tests(&text);
        assert!(named.len() > 20, "{file}: {named:?}");
        for name in named {
            assert!(functions.contains(name), "{file} names {name}, which does not exist");
        }
    }
}

/// The patches of `tests/removals`; each removes one check.
fn removals() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/removals")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn removals_apply_and_are_listed_with_their_test() {
    let (assurance, functions) = (read("docs/assurance.md"), all_functions());
    let mut checks = BTreeSet::new();
    for patch in removals() {
        let text = fs::read_to_string(&patch).unwrap();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_else(|| panic!("{} has no line {name}:", patch.display())).to_owned()
        };
        let (check, test) = (field("Check"), field("Test"));
        assert!(functions.contains(&test), "{test} does not exist");
        assert!(assurance.contains(&format!("| {check} | `{test}` |")), "{check}: {test}");
        let mut git = Command::new("git");
        git.args(["apply", "--check"]).arg(&patch).current_dir(root());
        let applied = git.output().unwrap();
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        checks.insert(check);
    }
    assert!(checks.len() >= 10, "{checks:?}");
}
