//! The files of a new project in each language. They are compiled in, so no checkout is needed.

use super::Language;

/// A path in the project, and the text of the file.
type File = (&'static str, &'static str);

/// Files from `templates/`.
macro_rules! templates {
    ($($path:literal from $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $file)))),*]
    };
}

/// Files from another folder of `providers/`.
macro_rules! copies {
    ($to:literal, $from:literal: $($file:literal),* $(,)?) => {
        &[$((concat!($to, $file), include_str!(concat!("../../../", $from, $file)))),*]
    };
}

const SHARED: &[File] =
    templates!["fixtures.json" from "shared/fixtures.json", "tape.json" from "shared/tape.json"];

const RUST: &[File] = templates![
    "Cargo.toml" from "rust/Cargo.toml",
    "src/lib.rs" from "rust/src/lib.rs",
    "src/cloud.rs" from "rust/src/cloud.rs",
    "Makefile" from "rust/Makefile",
    "README.md" from "rust/README.md",
];

const JAVASCRIPT: &[File] = templates![
    "provider.js" from "javascript/provider.js",
    "package.json" from "javascript/package.json",
    "README.md" from "javascript/README.md",
];

const PYTHON: &[File] = templates![
    "src/app.py" from "python/app.py",
    "Makefile" from "python/Makefile",
    "README.md" from "python/README.md",
];

const INTERFACE: &[File] = copies!["", "wit/": "provider.wit"];

/// The helper module for JavaScript.
const JAVASCRIPT_HELPERS: &[File] = copies![
    "portico/", "javascript/":
    "clock.js", "fault.js", "list.js", "parse.js", "portico.d.ts", "portico.js", "problem.js",
    "request.js", "serve.js", "testing.js", "text.js", "wire.js",
];

/// The helper package for Python without `testing.py`: every file beside the provider becomes part of
/// the component.
const PYTHON_HELPERS: &[File] = copies![
    "src/portico_provider/", "python/portico_provider/":
    "__init__.py", "clock.py", "fault.py", "listing.py", "parse.py", "problem.py", "request.py",
    "serving.py", "text.py", "values.py", "wire.py",
];

const PYTHON_RESOURCES: &[File] = copies!["src/", "python/": "provider.py"];
const PYTHON_TOOLS: &[File] = copies!["", "python/": "requirements.txt"];

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
