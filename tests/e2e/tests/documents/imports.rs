//! The imports between the top-level modules of a crate have no cycle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::files::root;

/// The checked crates.
const CRATES: [&str; 15] = [
    "adapters/http",
    "adapters/oauth",
    "adapters/plugins",
    "adapters/records",
    "adapters/seal",
    "adapters/sled",
    "adapters/wasm",
    "app",
    "domain",
    "providers/azure",
    "providers/kit",
    "providers/model",
    "providers/oidc",
    "providers/sdk",
    "tests/emulator",
];

/// Test doubles are compiled for tests alone, and a test may use what its module may not.
const TEST_DOUBLES: &str = "testing";

type Imports = BTreeMap<String, BTreeSet<String>>;

/// The top-level modules that this text names after `crate::`, in imports and in paths.
fn imported(text: &str) -> BTreeSet<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = code.flat_map(|line| line.chars().chain(['\n'])).collect();
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => names.extend(first_word(rest)),
            Some(group) => names.extend(members(group).iter().filter_map(|it| first_word(it))),
        }
    }
    names
}

/// The members of a group of imports up to its closing brace.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut members) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => members.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                members.last_mut().unwrap().push(c);
            }
        }
    }
    members
}

fn first_word(path: &str) -> Option<String> {
    let path = path.trim_start();
    let word: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// The imports between the top-level modules. Items of the crate root (`crate::Config`) are imports of
/// `lib`.
fn imports(source: &Path) -> Imports {
    let mut imports = Imports::new();
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if module != "lib" && module != "main" {
            let found = imports.entry(module).or_default();
            for file in files(&path) {
                found.extend(imported(&fs::read_to_string(file).unwrap()));
            }
        }
    }
    let known: BTreeSet<String> = imports.keys().cloned().collect();
    for (module, found) in &mut imports {
        let of_root = found.iter().any(|name| !known.contains(name));
        found.retain(|name| known.contains(name) && name != module && name != TEST_DOUBLES);
        found.extend(of_root.then(|| "lib".to_owned()));
    }
    imports.insert("lib".into(), known);
    imports
}

fn files(path: &Path) -> Vec<std::path::PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| files(&path)).collect()
}

/// A cycle of imports, from a module to itself.
fn cycle(imports: &Imports) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| walk(module, imports, &mut Vec::new(), &mut done))
}

fn walk(
    module: &str,
    imports: &Imports,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(at) = path.iter().position(|it| it == module) {
        return Some(path[at..].iter().cloned().chain([module.to_owned()]).collect());
    }
    if !done.contains(module) {
        path.push(module.to_owned());
        for next in imports.get(module).into_iter().flatten() {
            if let Some(cycle) = walk(next, imports, path, done) {
                return Some(cycle);
            }
        }
        path.pop();
        done.insert(module.to_owned());
    }
    None
}

#[test]
fn crate_modules_import_each_other_without_cycle() {
    for crate_folder in CRATES {
        let imports = imports(&root().join(crate_folder).join("src"));
        // The root's edges to every module are there without any being found in a file.
        let edges: usize = imports.values().map(BTreeSet::len).sum();
        let found = edges - imports["lib"].len();
        assert!(found > 0, "{crate_folder}: no import was found");
        let cycle = cycle(&imports).map(|cycle| cycle.join(" -> "));
        assert_eq!(cycle, None, "{crate_folder}: the imports have a cycle");
    }
}

#[test]
fn imported_finds_every_import_syntax() {
    let text = "use crate::{\n    Faults,\n    cli::{COMPILE, compile},\n    config as c,\n};\n\
                // crate::comment\nfn f() { crate::wiring::g() }";
    let expected = ["Faults", "cli", "config", "wiring"].map(str::to_owned);
    assert_eq!(imported(text), expected.into());
}

#[test]
fn import_cycle_is_found_at_any_length() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("cli.rs", "use crate::plugins::Loader;");
    write("config/mod.rs", "mod read;");
    write("plugins/mod.rs", "use crate::config::Config;");
    assert_eq!(cycle(&imports(folder.path())), None);
    for (text, expected) in [
        ("use crate::plugins::LOCK_FILE;", "plugins -> config -> plugins"),
        ("use crate::{cli};", "cli -> plugins -> config -> cli"),
        ("use crate::Config;", "cli -> plugins -> config -> lib -> cli"),
    ] {
        write("config/read.rs", text);
        let cycle = cycle(&imports(folder.path())).unwrap().join(" -> ");
        assert_eq!(cycle, expected, "{text}");
    }
}
