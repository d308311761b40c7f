//! The SPA's style sheets in one file, after trunk has built it; and how built files are named.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use anyhow::{Context, Result};

use crate::root;

/// Puts the style sheets into one file, in their order: one request instead of one per area, and together they
/// compress to three quarters.
pub(crate) fn join_styles() -> Result<()> {
    let page_file = root::spa().join("index.html");
    let page = std::fs::read_to_string(&page_file).context("reading the built page")?;
    let mut styles = String::new();
    let mut rest = String::new();
    let mut place = None;
    for tag in page.split_inclusive('>') {
        let Some(name) = style_sheet(tag) else {
            rest.push_str(tag);
            continue;
        };
        let file = root::spa().join(name);
        styles.push_str(&std::fs::read_to_string(&file).with_context(|| format!("reading {name}"))?);
        std::fs::remove_file(&file)?;
        place.get_or_insert(rest.len());
    }
    let place = place.context("the built page has no style sheets")?;
    let name = named_by_content("style", styles.as_bytes(), "css");
    rest.insert_str(place, &format!("<link href=/case/{name} rel=stylesheet>"));
    std::fs::write(root::spa().join(name), styles)?;
    std::fs::write(page_file, rest)?;
    Ok(())
}

/// The file behind a `<link … rel=stylesheet>` as trunk writes it.
fn style_sheet(tag: &str) -> Option<&str> {
    let attributes = tag.strip_prefix("<link ")?.strip_suffix('>')?;
    let mut attributes = attributes.split_ascii_whitespace();
    let is_style = attributes.clone().any(|attribute| attribute == "rel=stylesheet");
    let href = attributes.find_map(|attribute| attribute.strip_prefix("href=/case/"))?;
    is_style.then_some(href)
}

/// A name that changes with the content: browsers keep such files for good.
pub(crate) fn named_by_content(name: &str, content: &[u8], ending: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{name}-{:016x}.{ending}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_trunk_wrote() {
        assert_eq!(
            style_sheet("<link href=/case/base-1.css rel=stylesheet>"),
            Some("base-1.css")
        );
        for other in [
            "<link href=/case/icon-14f1.svg rel=icon>",
            "<script src=/case/first-paint.js>",
        ] {
            assert_eq!(style_sheet(other), None);
        }
    }
}
