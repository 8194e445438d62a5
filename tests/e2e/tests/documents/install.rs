//! The documented command that installs the program.

use std::fs;

use crate::files::root;

#[test]
fn documented_install_command_builds_the_portico_package() {
    for document in ["README.md", "docs/writing-a-provider.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let (_, rest) = text.split_once("cargo install --path ").expect(document);
        let folder = rest.split_whitespace().next().unwrap();
        assert!(rest.split(['\n', '`']).next().unwrap().ends_with("--locked"), "{document}");
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        // Without `[[bin]]` the program has the name of the package.
        assert_eq!(manifest["package"]["name"].as_str(), Some("portico"), "{document}");
        assert!(!manifest.contains_key("bin") && root().join(folder).join("src/main.rs").exists());
    }
}
