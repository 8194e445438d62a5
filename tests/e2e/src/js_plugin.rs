//! JavaScript plug-ins of tests: the project of `portico provider new`, changed and built.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{plugins::target, program};

/// The project of a JavaScript plug-in. Unchanged, it signs in with the emulator's OpenID provider,
/// whose URL is its setting `address`, and lists the first page of environments there.
pub struct JsPlugin {
    folder: PathBuf,
    name: String,
    source: String,
}

impl JsPlugin {
    /// Creates a project with this name in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let folder = folder.join(format!("source-{name}"));
        let output = Command::new(program("portico"))
            .args(["provider", "new", name, "--lang", "javascript", "--into"])
            .arg(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let source = fs::read_to_string(folder.join("provider.js")).unwrap();
        let plugin = Self { folder, name: name.to_owned(), source };
        plugin
            .with("/api/projects", "/api/environments")
            .with("body.projects", "body.items")
            .with("({ id, name })", "({ key: id, title: name })")
            .with(r#""profile", "projects""#, r#""profile", "email""#)
    }

    /// Replaces `from`, which occurs once in the source.
    pub fn with(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.source.matches(from).count(), 1, "{from:?} in\n{}", self.source);
        self.source = self.source.replace(from, to);
        self
    }

    /// Builds the component and returns its path.
    pub fn build(&self) -> PathBuf {
        let component = self.folder.join(format!("{}.wasm", self.name));
        let output = self.try_build();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        component
    }

    /// Builds the component and returns the output of the build.
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

/// Runs `portico provider` in `folder` with no other configuration. Returns the exit code and the
/// text of stdout and stderr.
pub fn provider(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(program("portico"))
        .arg("provider")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PORTICO_STORE", "memory:")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    (output.status.code(), text)
}
