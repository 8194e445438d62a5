//! Checks README's table of settings against their declarations.

use std::{fs, path::Path};

use super::{
    SECTIONS,
    section::{Presence, Setting},
};

const HEAD: &str =
    "| Variable | Key in `portico.toml` | Default | Meaning |\n| --- | --- | --- | --- |\n";

/// The common proxy variables, which are not declared as settings.
const PROXIES: &str = "| `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` | | none | the proxy for \
    identity providers and clouds (`http://HOST:PORT` or `https://…`, with `USER:PASSWORD@` if it \
    requires one), and hosts that are reached without it, see below |\n";

fn row(setting: &Setting) -> String {
    let variable = match setting.is_secret() {
        true => format!("`{}`, `{}`", setting.variable(), setting.file_variable()),
        false => format!("`{}`", setting.variable()),
    };
    let default = match setting.presence() {
        Presence::Default("") => "none".to_owned(),
        Presence::Default(text) => format!("`{text}`"),
        Presence::Optional(text) => text.to_owned(),
        Presence::Required(_) => "required".to_owned(),
    };
    format!("| {variable} | `{}` | {default} | {} |\n", setting.key(), setting.help())
}

#[test]
fn readme_table_equals_declared_settings() {
    let rows = SECTIONS.into_iter().flatten().map(row);
    let table: String = std::iter::once(HEAD.to_owned()).chain(rows).collect();
    let table = table + PROXIES;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(path).unwrap();
    assert!(readme.contains(&table), "README's table of settings must be:\n\n{table}");
}

#[test]
fn setting_names_are_unique() {
    let mut names: Vec<String> = SECTIONS
        .into_iter()
        .flatten()
        .flat_map(|it| [it.variable().to_owned(), it.file_variable(), it.key().to_owned()])
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}
