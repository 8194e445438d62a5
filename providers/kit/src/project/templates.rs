//! The files of each language's project, held in the program: it runs without a checkout.

use super::Language;

/// A path within a project, and its text.
type File = (&'static str, &'static str);

macro_rules! ours {
    ($($path:literal from $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $file)))),*]
    };
}

macro_rules! helpers {
    ($to:literal, $from:literal: $($file:literal),* $(,)?) => {
        &[$((concat!($to, $file), include_str!(concat!("../../../", $from, $file)))),*]
    };
}

const SHARED: &[File] =
    ours!["fixtures.json" from "shared/fixtures.json", "tape.json" from "shared/tape.json"];

const RUST: &[File] = ours![
    "Cargo.toml" from "rust/Cargo.toml",
    "src/lib.rs" from "rust/src/lib.rs",
    "src/cloud.rs" from "rust/src/cloud.rs",
    "Makefile" from "rust/Makefile",
    "README.md" from "rust/README.md",
];

const JAVASCRIPT: &[File] = ours![
    "provider.js" from "javascript/provider.js",
    "package.json" from "javascript/package.json",
    "README.md" from "javascript/README.md",
];

const PYTHON: &[File] = ours![
    "src/app.py" from "python/app.py",
    "Makefile" from "python/Makefile",
    "README.md" from "python/README.md",
];

const INTERFACE: &[File] = helpers!["", "wit/": "provider.wit"];

/// The module that a provider in JavaScript is written with.
const JAVASCRIPT_HELPERS: &[File] = helpers![
    "portico/", "javascript/":
    "clock.js", "fault.js", "list.js", "parse.js", "portico.d.ts", "portico.js", "problem.js",
    "request.js", "serve.js", "testing.js", "text.js", "wire.js",
];

/// The package that a provider in Python is written with, but for its tests' part: all that lies
/// beside the provider becomes part of the component.
const PYTHON_HELPERS: &[File] = helpers![
    "src/portico_provider/", "python/portico_provider/":
    "__init__.py", "clock.py", "fault.py", "listing.py", "parse.py", "problem.py", "request.py",
    "serving.py", "text.py", "values.py", "wire.py",
];

const PYTHON_RESOURCES: &[File] = helpers!["src/", "python/": "provider.py"];
const PYTHON_TOOLS: &[File] = helpers!["", "python/": "requirements.txt"];

/// Every file of a project in `language`.
pub(super) fn template(language: Language) -> Vec<File> {
    let parts: &[&[File]] = match language {
        Language::Rust => &[RUST, SHARED],
        Language::JavaScript => &[JAVASCRIPT, JAVASCRIPT_HELPERS, INTERFACE, SHARED],
        Language::Python => {
            &[PYTHON, PYTHON_HELPERS, PYTHON_RESOURCES, PYTHON_TOOLS, INTERFACE, SHARED]
        }
    };
    parts.concat()
}
