//! Reads the documents and the names in the source code.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The texts between backticks, in order.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The names of all functions that a file defines.
pub(crate) fn functions(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let names = text.split("fn ").skip(1).map(|rest| {
        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
    });
    names.collect()
}

/// The names of all functions of the project.
pub(crate) fn all_functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders =
        ["domain", "adapters", "app", "providers", "tests"].map(|it| root().join(it)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is = |name: &str| path.file_name().is_some_and(|it| it == name);
            if path.is_dir() && !is("target") && !is("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                names.extend(functions(&path));
            }
        }
    }
    names
}
