//! The rules, held against this workspace.

use std::fs;
use std::path::{Path, PathBuf};

use super::rules;
use super::source::SourceFile;

const CRATES: [&str; 4] = ["api", "entity", "migration", "sandbox"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust source of a crate, as (path from the root, text).
fn sources_of(name: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(name).join("src")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root().join(&folder))
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries.map_while(Result::ok) {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.to_string_lossy().replace('\\', "/"), read(&path)));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn the_sources_keep_to_the_architecture() {
    let mut files = Vec::new();
    let mut breaches = Vec::new();
    for (path, text) in CRATES.iter().flat_map(|name| sources_of(name)) {
        match SourceFile::read(&path, &text) {
            Ok(file) => files.push(file),
            Err(error) => breaches.push(format!("{path}: {error}")),
        }
    }
    assert!(
        files.iter().any(|file| file.path.starts_with("api/src/")),
        "no sources found"
    );

    breaches.extend(rules::breaches(&files));
    for name in ["api", "entity", "migration"] {
        let path = Path::new(name).join("Cargo.toml");
        breaches.extend(rules::forbidden_dependencies(
            &format!("{name}/Cargo.toml"),
            &read(&path),
        ));
    }

    assert!(
        breaches.is_empty(),
        "{} breaches:\n  {}",
        breaches.len(),
        breaches.join("\n  ")
    );
}
