//! The table of routes and the documents about it; imports between folders.

use std::collections::BTreeSet;

use super::*;

/// `GET /api/session` for each method of each route; HEAD goes with GET.
fn table() -> BTreeSet<String> {
    let each = |route: RouteInfo| {
        let methods = route.methods.split(", ").filter(|method| *method != "HEAD");
        methods.map(move |method| format!("{method} {}", route.path)).collect::<Vec<_>>()
    };
    routes().into_iter().flat_map(each).collect()
}

#[test]
fn readme_lists_exactly_the_routes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let section = readme.split("### Routes").nth(1).unwrap().split("\n###").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let listed: BTreeSet<String> = cells
        .flat_map(|cell| cell.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .filter(|route| !route.is_empty())
        .collect();
    assert_eq!(listed, table());
}

#[test]
fn route_names_are_unique() {
    let routes = routes();
    let names: BTreeSet<_> = routes.iter().map(|route| route.name).collect();
    assert_eq!(names.len(), routes.len());
    for name in names {
        assert!(name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{name}");
    }
}

#[test]
fn routes_with_post_have_a_body_limit() {
    for route in routes() {
        let reads = route.methods.contains("POST");
        assert_eq!(route.body_limit > 0, reads, "{}", route.name);
        // Two JWTs, or a few words.
        let most = if route.path.starts_with("/oauth2/") { 16_384 } else { 4_096 };
        assert!(route.body_limit <= most, "{}", route.name);
    }
}

#[test]
fn owns_path_is_true_for_routes_and_paths_below() {
    for own in ["/", "/dashboard", "/decide", "/api/session", "/api/x", "/assets/x", "/getAToken"] {
        assert!(owns_path(own), "{own}");
    }
    for app in ["/reports", "/dashboards", "/dashboard/x", "/apis/x", "/index.html"] {
        assert!(!owns_path(app), "{app}");
    }
}

#[test]
fn is_health_check_is_true_for_routes_of_operations() {
    assert!(is_health_check("/healthz") && is_health_check("/readyz"));
    assert!(!is_health_check("/") && !is_health_check("/api/session"));
}

/// The folders, the lowest first: each may import those before it.
const FOLDERS: [&str; 10] = [
    "connections",
    "limits",
    "providers",
    "request",
    "response",
    "error",
    "session",
    "routing",
    "features",
    "server",
];

/// The folders of this crate that a file imports: `use crate::a::B` and `use crate::{a::B, c}`.
fn imported(text: &str) -> Vec<&str> {
    let mut paths = Vec::new();
    for part in text.split("crate::").skip(1) {
        match part.strip_prefix('{') {
            None => paths.push(part),
            Some(block) => {
                let block = block.split("};").next().unwrap();
                let (mut depth, mut from) = (0, 0);
                for (at, character) in block.char_indices() {
                    match character {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            paths.push(block[from..at].trim());
                            from = at + 1;
                        }
                        _ => {}
                    }
                }
                paths.push(block[from..].trim());
            }
        }
    }
    let name = |it: &&str| it.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(it.len());
    paths.into_iter().map(|it| &it[..name(&it)]).filter(|it| FOLDERS.contains(it)).collect()
}

#[test]
fn folders_import_lower_folders_only() {
    let level = |name: &str| FOLDERS.iter().position(|it| *it == name).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut checked = 0;
    for folder in FOLDERS {
        let mut paths = vec![root.join(folder)];
        if !paths[0].is_dir() {
            paths[0].set_extension("rs");
        }
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                paths.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            for import in imported(&std::fs::read_to_string(&path).unwrap()) {
                assert!(level(import) <= level(folder), "{} imports {import}", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} imports were found");
}
