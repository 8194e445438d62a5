//! The scripts that the Makefile runs.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::files::root;

#[test]
fn scripts_of_the_makefile_are_executable() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let words = makefile.lines().filter_map(|line| line.strip_prefix("\t@"));
    let scripts: Vec<_> = words.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(scripts.len() > 10, "{scripts:?}");
    for script in scripts {
        let mode = fs::metadata(root().join(script)).expect(script).permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script}");
    }
}
