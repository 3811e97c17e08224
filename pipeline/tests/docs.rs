//! The documents tell the truth: the reference is what the program says, every test they name exists, every link leads
//! somewhere, and the walls of the house stand where ARCHITECTURE.md draws them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::CommandFactory;
use earlycall::{cli::Cli, cli::reid::ReidCli, error::Kind, exit, settings::Settings, worklist::columns::COLUMNS};
use earlycall_schemas::{
    care_gaps::care_gaps_markdown,
    catalogue::catalogue_markdown,
    contacts::contacts_markdown,
    identities::identities_markdown,
    looked_after::looked_after_markdown,
    output::output,
    pathways::pathways_markdown,
    reference::{outputs_markdown, rules_markdown, tables_markdown},
};

/// How the generated documents are brought up to date.
const REGENERATE: &str = "EARLYCALL_BLESS=1 cargo test --release --workspace --test docs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a folder of the repository with this ending, as its path from the root, sorted.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&path, ending));
        } else if path.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Everything written by hand for people: the documents of the root and of `docs`, without the generated reference.
fn documents() -> Vec<String> {
    let at_the_root = ["README", "ARCHITECTURE", "CONTRIBUTING", "GLOSSARY", "CHANGELOG", "SECURITY"];
    let mut documents: Vec<String> = at_the_root.iter().map(|name| format!("{name}.md")).collect();
    documents.extend(files("docs", ".md").into_iter().filter(|path| !path.starts_with("docs/reference/")));
    documents
}

/// The words between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

// The reference.

/// The help of every command, as the program prints it on a terminal of 100 columns.
fn cli_markdown() -> String {
    let mut text =
        String::from("# Command line\n\nGenerated from the program's own help. Exit codes: see the README.\n");
    let mut earlycall = Cli::command().term_width(100);
    earlycall.build();
    describe(&mut earlycall, "earlycall", &mut text);
    let mut reid = ReidCli::command().term_width(100);
    reid.build();
    describe(&mut reid, "earlycall-reid", &mut text);
    text
}

fn describe(command: &mut clap::Command, name: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for below in command.get_subcommands_mut().filter(|below| below.get_name() != "help") {
        let name = format!("{name} {}", below.get_name());
        describe(below, &name, text);
    }
}

#[test]
fn the_reference_is_what_the_program_says() {
    let generated = [
        ("docs/reference/tables.md", tables_markdown()),
        ("docs/reference/rules.md", rules_markdown()),
        ("docs/reference/features.md", catalogue_markdown()),
        ("docs/reference/care_gaps.md", care_gaps_markdown()),
        ("docs/reference/contacts.md", contacts_markdown()),
        ("docs/reference/pathways.md", pathways_markdown()),
        ("docs/reference/looked_after.md", looked_after_markdown()),
        ("docs/reference/outputs.md", outputs_markdown()),
        ("docs/reference/identities.md", identities_markdown()),
        ("docs/reference/cli.md", cli_markdown()),
    ];
    for (path, text) in generated {
        if std::env::var_os("EARLYCALL_BLESS").is_some() {
            fs::write(root().join(path), text).unwrap();
        } else {
            assert!(fs::read_to_string(root().join(path)).ok() == Some(text), "{path} is stale; {REGENERATE}");
        }
    }
}

#[test]
fn the_reference_of_the_worklist_names_the_columns_that_are_written() {
    let declared = output("worklist").expect("it is declared");
    let declared: Vec<&str> = declared.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(declared, COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>());
}

// What the documents claim.

/// Every test of the workspace, by the name of its function.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for folder in ["data-schemas/src", "model/src", "model/tests", "pipeline/src", "pipeline/tests"] {
        for path in files(folder, ".rs") {
            let text = read(&path);
            let mut is_next = false;
            for line in text.lines().map(str::trim) {
                is_next |= line == "#[test]";
                if let Some(name) = line.strip_prefix("fn ").filter(|_| is_next) {
                    tests.insert(name.split(['(', '<']).next().unwrap_or_default().to_owned());
                    is_next = false;
                }
            }
        }
    }
    tests
}

#[test]
fn every_test_named_in_a_document_exists() {
    let tests = tests();
    let mut named = Vec::new();
    for (path, marker) in [("README.md", "| `"), ("ARCHITECTURE.md", "Test: `"), ("ARCHITECTURE.md", "Tests: `")] {
        let text = read(path);
        let section = if path == "README.md" { section(&text, "## Promises") } else { &text };
        let claims: Vec<&str> = section.lines().filter_map(|line| Some(&line[line.rfind(marker)?..])).collect();
        assert!(claims.len() > 5, "the claims of {path} were not found");
        named.extend(claims.into_iter().flat_map(quoted).map(|name| (path, name.to_owned())));
    }
    for (path, name) in named {
        assert!(tests.contains(&name), "{path} names `{name}`, and there is no such test");
    }
}

/// The text under a heading, up to the next of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = text.find(heading).unwrap_or_else(|| panic!("no heading {heading}")) + heading.len();
    &text[start..start + text[start..].find("\n## ").unwrap_or(text.len() - start)]
}

#[test]
fn every_link_leads_to_a_file() {
    let mut n_links = 0;
    for document in documents() {
        let text = read(&document);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let folder = root().join(&document).parent().expect("a file lies in a folder").to_owned();
            assert!(folder.join(path).exists(), "{document} links to {target}");
            n_links += 1;
        }
    }
    assert!(n_links > 20, "the links were not found");
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_program() {
    let readme = read("README.md");
    let table = section(&readme, "### Exit codes");
    let documented: BTreeSet<u8> =
        table.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect();
    let kinds = [
        Kind::Usage,
        Kind::Settings,
        Kind::Extract,
        Kind::Held,
        Kind::Model,
        Kind::Storage,
        Kind::Locked,
        Kind::Permission,
        Kind::NothingToDo,
    ];
    let mut real: BTreeSet<u8> = kinds.into_iter().map(exit::code).collect();
    real.extend([exit::DONE, exit::BUG]);
    assert_eq!(documented, real);
}

#[test]
fn the_readme_starts_with_two_commands_and_ci_takes_its_tests_from_there() {
    let readme = read("README.md");
    let quick_start = section(&readme, "## Quick start");
    let commands: Vec<&str> = quick_start.lines().filter(|line| line.starts_with("cargo ")).collect();
    assert_eq!(commands, ["cargo run --release -- demo", "cargo test --release --workspace"]);
    // The very expression by which `.ci/run` finds the second.
    assert!(read(".ci/run").contains("grep -m1 '^cargo test ' README.md"));
}

/// The blocks of a document that are fenced as TOML.
fn toml_blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next())
}

#[test]
fn the_settings_in_the_guides_are_settings() {
    let guide = read("docs/first-night.md");
    let blocks: Vec<&str> = toml_blocks(&guide).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let settings = Settings::parse(block, Path::new("")).unwrap();
        assert!(settings.is_research());
        assert_eq!(settings.prediction.horizon_days, 365);
    }
}

// The walls.

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = read(manifest).parse().unwrap();
    let of = |section: &str| manifest.get(section).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .flat_map(|name| of(name))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn model_and_vocabulary_know_neither_each_other_nor_polars() {
    let model = dependencies("model/Cargo.toml");
    let vocabulary = dependencies("data-schemas/Cargo.toml");
    assert!(model.contains("linfa") && vocabulary.contains("toml"), "the manifests were not understood");
    for name in ["earlycall", "polars", "arrow", "parquet"] {
        assert!(!model.contains(name) && !vocabulary.contains(name), "{name}");
    }
    assert!(!model.contains("earlycall-schemas"));
    assert!(!vocabulary.contains("earlycall-model"));
}

/// Lines of code, outside `#[cfg(test)] mod tests`, that contain one of the words; as "path:line".
fn uses(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(folder, ".rs") {
        let text = read(&path);
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let hits = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(hits.map(|(number, _)| format!("{path}:{}", number + 1)));
    }
    found
}

/// Ways to make, change or remove a file.
const WRITES: [&str; 12] = [
    "File::create",
    "OpenOptions",
    "fs::write",
    "fs::copy",
    "create_dir",
    "DirBuilder",
    "fs::rename",
    "hard_link",
    "fs::remove",
    "remove_dir",
    "set_permissions",
    "symlink(",
];

#[test]
fn nothing_but_the_store_opens_a_file_for_writing() {
    // Some unit tests write deliveries into a temporary folder, to read them back.
    let is_allowed = |place: &String| {
        place.starts_with("pipeline/src/store/")
            || place.starts_with("pipeline/src/synth/tests/")
            || place.starts_with("pipeline/src/history/tests/")
            || place.starts_with("pipeline/src/extract/delivery.rs") // asks whether an entry is a link; writes nothing
    };
    let writers: Vec<String> = uses("pipeline/src", &WRITES);
    assert!(writers.iter().any(|place| place.starts_with("pipeline/src/store/disk.rs")), "the search finds nothing");
    let strangers: Vec<&String> = writers.iter().filter(|place| !is_allowed(place)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn no_refusal_is_made_without_what_to_do() {
    // These ask what kind an error is of; `Error::refused` alone makes one, and wants both.
    let may_ask = [
        "error.rs",
        "exit.rs",
        "extract/refusal.rs",
        "extract/untrusted.rs",
        "report/checked.rs",
        "history/tests/invented.rs",
    ];
    let is_allowed = |place: &&String| may_ask.iter().any(|file| place.starts_with(&format!("pipeline/src/{file}:")));
    let places = uses("pipeline/src", &["Kind::Extract"]);
    assert!(places.iter().any(|place| place.starts_with("pipeline/src/error.rs")), "the search finds nothing");
    let strangers: Vec<&String> = places.iter().filter(|place| !is_allowed(place)).collect();
    assert!(strangers.is_empty(), "make it with Error::refused: {strangers:?}");
}

#[test]
fn nothing_but_the_progress_display_and_the_audit_read_the_clock() {
    let readers = uses("pipeline/src", &["SystemTime", "Instant::now", "Timestamp::now", "Zoned::now", "UNIX_EPOCH"]);
    assert!(!readers.is_empty(), "the search finds nothing");
    let may_read = ["pipeline/src/progress.rs", "pipeline/src/reid/clock.rs"];
    let is_allowed = |place: &&String| may_read.iter().any(|file| place.starts_with(file));
    let strangers: Vec<&String> = readers.iter().filter(|place| !is_allowed(place)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn model_and_vocabulary_touch_nothing() {
    let world = ["std::fs", "std::env", "std::net", "std::process", "std::time", "println!", "env::var", "File::open"];
    for folder in ["model/src", "data-schemas/src"] {
        let touches = uses(folder, &world);
        assert!(touches.is_empty(), "{touches:?}");
    }
    assert!(!uses("pipeline/src", &world).is_empty(), "the search finds nothing");
}

#[test]
fn nothing_but_tests_reads_the_environment() {
    let readers = uses("pipeline/src", &["env::var", "env::vars"]);
    assert!(readers.is_empty(), "{readers:?}");
}
