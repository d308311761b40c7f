//! Remembers what a result was made from, so that an unchanged one is not made again.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A fingerprint of the names and contents of all files below some paths.
///
/// Contents, not times: switching branches back and forth must not rebuild anything.
pub(crate) fn of(paths: &[PathBuf], skip: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, skip, &mut files).with_context(|| format!("reading {}", path.display()))?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in &files {
        file.hash(&mut hasher);
        std::fs::read(file)
            .with_context(|| format!("reading {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// All files below a folder (or the file itself), without folders of the given names; a missing path has none.
pub(crate) fn collect(path: &Path, skip: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    }
    if !path.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let skipped = skip.iter().any(|name| entry.file_name() == *name);
        if !skipped {
            collect(&entry.path(), skip, files)?;
        }
    }
    Ok(())
}

/// Whether the stamp file holds exactly this text.
pub(crate) fn matches(file: &Path, text: &str) -> bool {
    std::fs::read_to_string(file).is_ok_and(|old| old == text)
}

/// Writes the stamp file, making its folder.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::Scratch;

    #[test]
    fn changes_with_names_and_contents_but_not_in_skipped_folders() {
        let dir = Scratch::new("stamp-test").unwrap();
        let at = |name: &str| dir.path().join(name);
        let now = || of(&[dir.path().to_path_buf()], &["dist"]).unwrap();

        write(&at("src/a.rs"), "one").unwrap();
        let first = now();
        write(&at("dist/out.js"), "built").unwrap();
        assert_eq!(now(), first);
        write(&at("src/a.rs"), "two").unwrap();
        let second = now();
        assert_ne!(second, first);
        std::fs::rename(at("src/a.rs"), at("src/b.rs")).unwrap();
        assert_ne!(now(), second);
    }
}
