//! The house rules that a reader of the source can check: layers, names, sizes, and that nothing is left over.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use shared::ErrorCode;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A source file: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text before the unit tests.
    fn without_tests(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }

    /// The first part of the path below `backend/src`, without the ending.
    fn layer(&self) -> &str {
        let inner = self.path.strip_prefix("backend/src/").unwrap();
        inner.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

fn sources(under: &[&str]) -> Vec<Source> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | "dist" | ".git") {
                walk(&path, found);
            } else if name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for dir in under {
        walk(&root().join(dir), &mut found);
    }
    found.sort();
    let source = |path: PathBuf| Source {
        path: path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/"),
        text: fs::read_to_string(&path).unwrap(),
    };
    found.into_iter().map(source).collect()
}

/// Nothing is on the list of failures.
#[track_caller]
fn none(failures: &[String]) {
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// The server's modules from the ground up; one may use those of lower rank and those of its own name.
const LAYERS: [&[&str]; 8] = [
    &["clock", "config", "domain", "error", "telemetry"],
    &["db"],
    &["actions"],
    &["app"],
    &["request"],
    &["http", "ws", "mail", "jobs"],
    &["server"],
    &["main", "lib"],
];

fn rank(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| panic!("`{module}` is in no layer: add it to LAYERS"))
}

/// The modules that a text names after `crate::` or `casedesk::`, nested braces of `use` included.
fn modules_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for start in ["crate::", "casedesk::"] {
        for (at, _) in text.match_indices(start) {
            let rest = &text[at + start.len()..];
            if let Some(inner) = rest.strip_prefix('{') {
                named.extend(heads_of_group(inner));
            } else {
                named.insert(
                    rest.chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect(),
                );
            }
        }
    }
    named.retain(|name| !name.is_empty());
    named
}

/// The first words of the items of a `{…}` group whose brace has just been read.
fn heads_of_group(text: &str) -> Vec<String> {
    let (mut depth, mut heads, mut word, mut at_head) = (0, Vec::new(), String::new(), true);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && at_head && (c.is_alphanumeric() || c == '_') {
            word.push(c);
        } else if depth == 0 && c == ',' {
            heads.push(std::mem::take(&mut word));
            at_head = true;
        } else if !c.is_whitespace() {
            at_head = false;
        }
    }
    heads.push(word);
    heads
}

#[test]
fn a_group_of_imports_is_read_by_its_heads() {
    let text =
        "use crate::{\n    actions::{self, db::x},\n    app::App,\n    error,\n};\nuse crate::clock::Clock;";
    assert_eq!(
        modules_named(text).into_iter().collect::<Vec<_>>(),
        ["actions", "app", "clock", "error"]
    );
}

#[test]
fn no_module_uses_one_above_or_beside_it() {
    let mut failures = Vec::new();
    for source in sources(&["backend/src"]) {
        let own = source.layer();
        let modules: BTreeSet<String> = sources(&["backend/src"])
            .iter()
            .map(|other| other.layer().to_owned())
            .collect();
        for named in modules_named(source.without_tests())
            .into_iter()
            .filter(|name| modules.contains(name) && name != own)
        {
            let adapters = rank(own) == rank("http") && rank(&named) == rank("http");
            if rank(&named) > rank(own) || adapters {
                failures.push(format!("{}: `{own}` uses `{named}`", source.path));
            }
        }
    }
    none(&failures);
}

#[test]
fn pure_layers_stay_pure() {
    let mut failures = Vec::new();
    let rules: [(&str, &[&str]); 4] = [
        (
            "backend/src/domain",
            &["diesel", "actix", "Utc::now", "SystemTime", "tokio", "std::fs"],
        ),
        (
            "backend/src/actions",
            &["actix", "tokio", "std::fs", "Utc::now", "SystemTime", "async "],
        ),
        (
            "shared/src",
            &["std::fs", "tokio", "actix", "std::net", "Utc::now"],
        ),
        ("frontend/src", &["casedesk::", "diesel", "actix"]),
    ];
    for (dir, words) in rules {
        for source in sources(&[dir]) {
            let code: String = source
                .without_tests()
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            for word in words.iter().filter(|word| code.contains(**word)) {
                failures.push(format!("{}: `{word}`", source.path));
            }
        }
    }
    none(&failures);
}

#[test]
fn only_db_writes_sql() {
    let mut failures = Vec::new();
    for source in sources(&["backend/src"]) {
        let code: String = source
            .without_tests()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        if source.layer() != "db" && source.path != "backend/src/error.rs" && code.contains("diesel::") {
            failures.push(format!("{}: diesel outside db/", source.path));
        }
        if code.contains("sql_query(format!") && source.path != "backend/src/db/migrate.rs" {
            failures.push(format!("{}: SQL put together from text", source.path));
        }
        let knows = code.contains("SqliteConnection") || code.contains("MysqlConnection");
        if knows && source.path != "backend/src/db/connection.rs" {
            failures.push(format!(
                "{}: only db/connection.rs knows which database runs",
                source.path
            ));
        }
    }
    none(&failures);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeMap<String, Vec<String>> {
        let dirs = fs::read_dir(root().join("migrations").join(database)).unwrap();
        let files = |dir: PathBuf| {
            let mut names: Vec<String> = fs::read_dir(dir)
                .unwrap()
                .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        dirs.map(|dir| dir.unwrap())
            .map(|dir| (dir.file_name().to_string_lossy().into_owned(), files(dir.path())))
            .collect()
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("mysql"));
    assert!(
        sqlite.values().all(|files| files == &["down.sql", "up.sql"]),
        "{sqlite:?}"
    );
}

#[test]
fn every_endpoint_is_mounted_and_none_besides() {
    let declared: BTreeSet<(&str, &str)> = shared::endpoint::all()
        .map(|(_, method, path)| (method.as_str(), path))
        .collect();
    let mounted: BTreeSet<(&str, &str)> = casedesk::http::mounted().into_iter().collect();
    assert_eq!(declared, mounted);
}

#[test]
fn every_error_code_is_used() {
    let code: String = sources(&["backend/src"])
        .iter()
        .map(|source| source.without_tests().to_owned())
        .collect();
    let unused: Vec<String> = ErrorCode::ALL
        .iter()
        .filter(|code_| !code.contains(&format!("ErrorCode::{code_:?}")))
        .map(|code| format!("{code:?} is never sent"))
        .collect();
    none(&unused);
}

#[test]
fn no_file_has_outgrown_five_hundred_lines_and_each_says_what_it_is() {
    let mut failures = Vec::new();
    for source in sources(&["shared", "backend", "frontend", "xtask"]) {
        let lines = source.text.lines().count();
        if lines > 500 {
            failures.push(format!("{}: {lines} lines", source.path));
        }
        if !source.text.starts_with("//!") {
            failures.push(format!("{}: no `//!` at its top", source.path));
        }
    }
    none(&failures);
}

#[test]
fn nothing_panics_outside_tests() {
    let mut failures = Vec::new();
    for source in sources(&["backend/src", "shared/src"]) {
        for (number, line) in source.without_tests().lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for word in [
                ".unwrap()",
                ".expect(",
                "panic!(",
                "todo!(",
                "unimplemented!(",
                "dbg!(",
                "#[allow(",
            ] {
                if code.contains(word) {
                    failures.push(format!("{}:{}: {word}", source.path, number + 1));
                }
            }
        }
    }
    none(&failures);
}

/// `NAME`s of variables that stand in backticks.
fn variables_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_variable = |word: &&str| {
        word.len() > 3
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(is_variable)
        .map(str::to_owned)
}

#[test]
fn the_example_of_an_environment_lists_exactly_the_variables_there_are() {
    let config = sources(&["backend/src/config"]);
    let documented: BTreeSet<String> = config
        .iter()
        .flat_map(|source| {
            source
                .without_tests()
                .lines()
                .filter(|line| line.trim_start().starts_with("///"))
        })
        .flat_map(|line| variables_in(line).collect::<Vec<_>>())
        .collect();
    let read: BTreeSet<String> = config
        .iter()
        .flat_map(|source| {
            let code = source.without_tests();
            ["text(\"", "parse(\"", "list(\""]
                .into_iter()
                .flat_map(|call| code.split(call).skip(1).collect::<Vec<_>>())
                .map(|rest| rest.split('"').next().unwrap().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(documented, read, "what doc comments declare is what is read");
    let example = fs::read_to_string(root().join(".env.example")).expect(".env.example");
    let listed: Vec<String> = example
        .lines()
        .filter_map(|line| {
            line.trim_start_matches(['#', ' '])
                .split_once('=')
                .map(|(name, _)| name.to_owned())
        })
        .filter(|name| {
            name.chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
        .collect();
    assert_eq!(
        listed.iter().cloned().collect::<BTreeSet<_>>(),
        read,
        ".env.example"
    );
    assert_eq!(listed.len(), read.len(), "each once");
    let lines: Vec<&str> = example.lines().collect();
    for (at, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.contains('=') && !line.starts_with("# "))
    {
        assert!(
            at > 0 && lines[at - 1].starts_with("# "),
            "no comment above {line}"
        );
    }
}
