//! The table of docs/checks.md is that of the code.

use portico_domain::check::Check;

use crate::files::root;

#[test]
fn checks_table_matches_the_code() {
    let row = |check: &Check| format!("| `{check}` | {} | {} |\n", check.failed(), check.source());
    let rows: String = Check::ALL.iter().map(row).collect();
    let table = format!("| `check` | What is wrong | Source |\n| --- | --- | --- |\n{rows}");
    let document = std::fs::read_to_string(root().join("docs/checks.md")).unwrap();
    assert!(document.ends_with(&table), "docs/checks.md should end with:\n\n{table}");
}

#[test]
fn check_names_are_unique() {
    let mut names: Vec<_> = Check::ALL.iter().map(|check| check.as_str()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
