//! The rules of the architecture, as tables where they can be.

use std::collections::HashSet;

use super::source::SourceFile;
use super::tokens::Found;

const MAX_FILE_LINES: usize = 500;
const MAX_MEDIAN_LINES: usize = 140;
const MAX_FUNCTION_LINES: usize = 80;

/// What everyone may import; these import nothing.
const BASE: [&str; 3] = ["clock", "ids", "panics"];

const BELOW_DOMAIN: &[&str] = &[
    "auth", "host", "storage", "stripe", "outbound", "progress", "secrets", "state",
];
const BELOW_EDGES: &[&str] = &[
    "domain", "auth", "host", "storage", "stripe", "outbound", "progress", "secrets", "state",
];
const BELOW_APP: &[&str] = &[
    "config",
    "telemetry",
    "lifecycle",
    "http",
    "graphql",
    "import",
    "inbox",
    "export",
    "notify",
    "domain",
    "auth",
    "host",
    "storage",
    "stripe",
    "outbound",
    "progress",
    "secrets",
    "state",
];

/// Which top modules of `api` a top module may import, beside `BASE` and itself.
const IMPORTS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("cli", &["app", "config", "telemetry", "lifecycle"]),
    ("app", BELOW_APP),
    ("http", BELOW_EDGES),
    ("graphql", BELOW_EDGES),
    ("import", BELOW_EDGES),
    ("inbox", BELOW_EDGES),
    ("export", BELOW_EDGES),
    ("notify", BELOW_EDGES),
    ("domain", BELOW_DOMAIN),
    ("auth", &[]),
    ("host", &["auth"]),
    ("storage", &[]),
    ("stripe", &[]),
    ("outbound", &[]),
    ("progress", &[]),
    ("secrets", &[]),
    ("state", &[]),
    ("config", &[]),
    ("telemetry", &[]),
    ("lifecycle", &[]),
    ("clock", &[]),
    ("ids", &[]),
    ("panics", &[]),
];

/// Where in `api` a library may be named.
const LIBRARIES: &[(&[&str], &[&str])] = &[
    (
        &[
            "sea_orm",
            "sea_query",
            "sea_orm_migration",
            "sqlx",
            "entity",
        ],
        &["storage"],
    ),
    (&["axum", "axum_extra", "tower_http"], &["http"]),
    (&["async_graphql"], &["graphql", "http::graphql"]),
    (&["tungstenite"], &["http"]),
    (&["reqwest"], &["stripe", "host", "outbound"]),
    (&["oauth2"], &["stripe"]),
    (&["ring"], &["auth::host"]),
    (&["redis"], &["progress", "state"]),
];

const WALL_CLOCKS: [[&str; 2]; 3] = [["Utc", "now"], ["Local", "now"], ["SystemTime", "now"]];

/// Everything that is wrong, one line each, in the order of the files.
pub(super) fn breaches(files: &[SourceFile]) -> Vec<String> {
    let mut breaches = Vec::new();
    let test_modules: HashSet<(&str, &[String])> = files
        .iter()
        .flat_map(|file| {
            file.test_modules
                .iter()
                .map(|module| (file.crate_name.as_str(), module.as_slice()))
        })
        .collect();
    for file in files {
        sizes_and_attributes(file, &mut breaches);
        let only_for_tests = (0..=file.module.len())
            .any(|depth| test_modules.contains(&(file.crate_name.as_str(), &file.module[..depth])));
        if only_for_tests {
            continue;
        }
        functions_and_unwraps(file, &mut breaches);
        wall_clock(file, &mut breaches);
        if file.crate_name == "api" {
            imports(file, &mut breaches);
            libraries(file, &mut breaches);
        }
    }
    median(files, &mut breaches);
    breaches
}

fn sizes_and_attributes(file: &SourceFile, breaches: &mut Vec<String>) {
    let SourceFile { path, lines, .. } = file;
    if *lines > MAX_FILE_LINES {
        breaches.push(format!("{path}: {lines} lines, more than {MAX_FILE_LINES}"));
    }
    for line in &file.allows {
        breaches.push(format!(
            "{path}:{line}: `allow` hides for good: use `expect` with a reason"
        ));
    }
}

fn functions_and_unwraps(file: &SourceFile, breaches: &mut Vec<String>) {
    let path = &file.path;
    for function in file
        .functions
        .iter()
        .filter(|function| function.lines > MAX_FUNCTION_LINES)
    {
        let (name, line, lines) = (&function.name, function.line, function.lines);
        breaches.push(format!(
            "{path}:{line}: `{name}` has {lines} lines, more than {MAX_FUNCTION_LINES}"
        ));
    }
    for line in &file.unwraps {
        breaches.push(format!("{path}:{line}: `unwrap()` outside tests"));
    }
}

/// The sandbox is exempt: it plays Stripe, whose clock is the real one.
fn wall_clock(file: &SourceFile, breaches: &mut Vec<String>) {
    if file.module == ["clock"] || file.crate_name == "sandbox" {
        return;
    }
    for found in &file.paths {
        if WALL_CLOCKS
            .iter()
            .any(|clock| found.segments.ends_with(&clock.map(str::to_owned)))
        {
            let (path, line, name) = (&file.path, found.line, found.segments.join("::"));
            breaches.push(format!("{path}:{line}: `{name}` outside clock.rs"));
        }
    }
}

/// The direction of imports between the top modules; the library's root declares them all.
fn imports(file: &SourceFile, breaches: &mut Vec<String>) {
    let Some(from) = file.module.first() else {
        return;
    };
    let path = &file.path;
    let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| name == from) else {
        breaches.push(format!(
            "{path}: module `{from}` has no place in the architecture's table"
        ));
        return;
    };
    let mut told = HashSet::new();
    for Found { segments, line } in &file.paths {
        let [first, to, ..] = segments.as_slice() else {
            continue;
        };
        let to = to.as_str();
        let inside = first == "crate" || (from == "main" && first == "api");
        // A type at the root, or the module itself, is no import of another module.
        if !inside || to == from || !IMPORTS.iter().any(|(name, _)| *name == to) {
            continue;
        }
        let is_base = BASE.contains(&to) && !BASE.contains(&from.as_str());
        if !is_base && !allowed.contains(&to) && told.insert(to) {
            breaches.push(format!("{path}:{line}: `{from}` imports `{to}`"));
        }
    }
}

fn libraries(file: &SourceFile, breaches: &mut Vec<String>) {
    let mut told = HashSet::new();
    for Found { segments, line } in &file.paths {
        let library = segments[0].as_str();
        let path = &file.path;
        if segments.starts_with(&["std".to_owned(), "env".to_owned()]) {
            if !is_within(file, "config") && told.insert("std::env") {
                breaches.push(format!("{path}:{line}: `std::env` outside config"));
            }
            continue;
        }
        let Some((_, places)) = LIBRARIES.iter().find(|(names, _)| names.contains(&library)) else {
            continue;
        };
        if !places.iter().any(|place| is_within(file, place)) && told.insert(library) {
            breaches.push(format!(
                "{path}:{line}: `{library}` outside {}",
                places.join(", ")
            ));
        }
    }
}

fn is_within(file: &SourceFile, place: &str) -> bool {
    let place: Vec<&str> = place.split("::").collect();
    file.module.len() >= place.len()
        && file
            .module
            .iter()
            .zip(place)
            .all(|(is, wanted)| is == wanted)
}

fn median(files: &[SourceFile], breaches: &mut Vec<String>) {
    let mut lines: Vec<usize> = files
        .iter()
        .filter(|file| file.crate_name == "api")
        .map(|file| file.lines)
        .collect();
    lines.sort_unstable();
    if let Some(&median) = lines.get(lines.len() / 2)
        && median > MAX_MEDIAN_LINES
    {
        breaches.push(format!(
            "api/src: the median file has {median} lines, more than {MAX_MEDIAN_LINES}"
        ));
    }
}

/// The gateway never depends on its test double, not even for its own tests.
pub(super) fn forbidden_dependencies(path: &str, manifest: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut section = String::new();
    for (at, line) in manifest.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']').replace(['"', '\''], "");
        }
        let in_dependencies = section
            .split('.')
            .any(|part| part.ends_with("dependencies"));
        let is_table_of_it = line.starts_with('[') && section.ends_with("dependencies.sandbox");
        let key = line
            .split(['=', '.'])
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"');
        let is_renamed = line.replace(' ', "").contains("package=\"sandbox\"");
        if is_table_of_it || (in_dependencies && (key == "sandbox" || is_renamed)) {
            breaches.push(format!("{path}:{}: depends on `sandbox`", at + 1));
        }
    }
    breaches
}
