//! Plug-ins that a test writes: the project of `portico provider new` in JavaScript, changed and built.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{plugins::target, program};

/// A plug-in in JavaScript. As it stands it signs in at the emulator's OpenID provider, whose address
/// is its setting `address`, and lists the first page of the environments there.
pub struct Guest {
    folder: PathBuf,
    name: String,
    source: String,
}

impl Guest {
    /// A new project of this name below `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let folder = folder.join(format!("source-{name}"));
        let made = Command::new(program("portico"))
            .args(["provider", "new", name, "--lang", "javascript", "--into"])
            .arg(&folder)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let source = fs::read_to_string(folder.join("provider.js")).unwrap();
        let guest = Self { folder, name: name.to_owned(), source };
        guest
            .with("/api/projects", "/api/environments")
            .with("body.projects", "body.items")
            .with("({ id, name })", "({ key: id, title: name })")
            .with(r#""profile", "projects""#, r#""profile", "email""#)
    }

    /// The same with another text in its source, which is there once.
    pub fn with(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.source.matches(from).count(), 1, "{from:?} in\n{}", self.source);
        self.source = self.source.replace(from, to);
        self
    }

    /// Builds it: the component.
    pub fn build(&self) -> PathBuf {
        let component = self.folder.join(format!("{}.wasm", self.name));
        let built = self.try_build();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        component
    }

    /// What comes of building it.
    pub fn try_build(&self) -> Output {
        fs::write(self.folder.join("provider.js"), &self.source).unwrap();
        let tool = target().join("tools/js/node_modules/.bin/componentize-qjs");
        assert!(tool.exists(), "{} is missing: scripts/setup providers", tool.display());
        let file = format!("{}.wasm", self.name);
        Command::new(tool)
            .args(["--wit", "provider.wit", "--world", "cloud-provider", "--js", "provider.js"])
            .args(["--stub-wasi", "--sync", "--opt-size", "--output", &file])
            .current_dir(&self.folder)
            .output()
            .unwrap()
    }
}

/// Runs `portico provider` with these arguments, below `folder` and with nothing else configured.
/// Its exit code and all that it says.
pub fn provider(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(program("portico"))
        .arg("provider")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PORTICO_STORE", "memory:")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    (output.status.code(), said)
}
