//! Cuts the agents' rarer pages out of the SPA, so that a first visit does not load them.
//!
//! `frontend/src/later.rs` marks the function behind which is cut. The splitter wants what the linker wrote, before
//! wasm-bindgen has seen it, and trunk has no room for it there. So trunk builds the page with everything in one piece;
//! then the same linked file goes through splitter, wasm-bindgen, wasm-opt and terser here, and the results take the
//! place of what trunk had made of it.
//!
//! All names change with the content: the script names the part, and the page names the script. For that the
//! splitter's loader goes into wasm-bindgen's script. As files of their own each would have to name the other, and the
//! loader would be one more request before anything can start.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

use crate::bundle::named_by_content;
use crate::{npm, process, root, spa, tools};

/// How the splitter calls its loader, and the main part in it.
const LOADER: &str = "./__wasm_split.js";
const MAIN: &str = "./main.js";

/// What wasm-opt does, and what browsers know that it may use.
const WASM_OPT: [&str; 8] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--low-memory-unused",
];

/// Puts script, main part and later parts in the place of the one piece that trunk has built.
pub(crate) fn cut(tools: &tools::Tools) -> Result<()> {
    let page_file = root::spa().join("index.html");
    let page = std::fs::read_to_string(&page_file).context("reading the built page")?;
    let old_script = built(&page, ".js").context("the built page loads no script of wasm-bindgen's")?;
    let old_wasm = built(&page, ".wasm").context("the built page loads no wasm")?;

    let dir = spa::build_dir().join("split");
    // What an earlier run has left must not pass for a result of this one.
    let _absent = std::fs::remove_dir_all(&dir);
    let linked = spa::build_dir().join("wasm32-unknown-unknown/wasm/frontend.wasm");
    let parts = split(&linked, &dir)?;
    process::output(
        Command::new(&tools.bindgen)
            .arg(dir.join("main.wasm"))
            .args([
                "--target",
                "web",
                "--no-typescript",
                // The later parts call functions of the main part through its table.
                "--keep-lld-exports",
                "--out-name",
                "frontend",
                "--out-dir",
            ])
            .arg(&dir),
    )?;

    let mut loader = std::fs::read_to_string(dir.join(LOADER)).context("reading the splitter's loader")?;
    for part in parts {
        let name = part.file_name().unwrap_or_default().to_string_lossy();
        let plain = name.trim_start_matches("split_").trim_end_matches(".wasm");
        let named = keep(&optimized(&part, tools)?, plain, "wasm")?;
        loader = loader.replace(&*name, &named);
    }
    let script_file = dir.join("frontend.js");
    let script = joined(&std::fs::read_to_string(&script_file)?, &loader)?;
    std::fs::write(&script_file, script)?;
    let script = keep(&minified(&script_file, tools)?, "frontend", "js")?;
    let wasm = keep(
        &optimized(&dir.join("frontend_bg.wasm"), tools)?,
        "frontend",
        "wasm",
    )?;

    std::fs::remove_file(root::spa().join(old_script))?;
    std::fs::remove_file(root::spa().join(old_wasm))?;
    std::fs::write(
        page_file,
        page.replace(old_script, &script).replace(old_wasm, &wasm),
    )?;
    Ok(())
}

/// The file with this ending that the page loads and wasm-bindgen wrote.
fn built<'a>(page: &'a str, ending: &str) -> Option<&'a str> {
    let name = page.split(['/', '\'', '"', ' ', '>']);
    name.into_iter()
        .find(|name| name.starts_with("frontend-") && name.ends_with(ending))
}

/// Writes `main.wasm`, the loader and the later parts into a folder; answers with those parts.
fn split(linked: &Path, dir: &Path) -> Result<Vec<PathBuf>> {
    let input = std::fs::read(linked).with_context(|| format!("reading {}", linked.display()))?;
    let main = dir.join("main.wasm");
    let mut options = Options::new(&input);
    options.output_dir = dir;
    options.main_out_path = &main;
    options.link_name = LOADER;
    options.main_module = MAIN;
    let split = transform(options).map_err(|error| anyhow!("splitting the SPA: {error:#}"))?;
    if split.split_modules.is_empty() {
        bail!("the splitter has found nothing to cut: was the SPA built with its feature `split`?");
    }
    Ok(split.split_modules)
}

/// A wasm file without what is not run: names, above all.
fn without_custom_sections(wasm: &[u8]) -> Option<Vec<u8>> {
    const CUSTOM: u8 = 0;
    let (header, mut rest) = wasm.split_at_checked(8)?;
    let mut kept = header.to_vec();
    while let Some((&kind, after)) = rest.split_first() {
        // The length stands there in groups of seven bits, the lowest first.
        let digits = after.iter().position(|byte| byte & 0x80 == 0)? + 1;
        let length = after
            .get(..digits.min(5))?
            .iter()
            .rfold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
        let (section, next) = rest.split_at_checked(1 + digits + length)?;
        if kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Some(kept)
}

/// A wasm file's content without names, and made small if wasm-opt is there.
fn optimized(file: &Path, tools: &tools::Tools) -> Result<Vec<u8>> {
    let bytes = without_custom_sections(&std::fs::read(file)?)
        .with_context(|| format!("{} is no wasm", file.display()))?;
    std::fs::write(file, bytes)?;
    if let Some(wasm_opt) = &tools.wasm_opt {
        process::run(
            Command::new(wasm_opt)
                .args(WASM_OPT)
                .arg(file)
                .arg("-o")
                .arg(file),
        )?;
    }
    std::fs::read(file).with_context(|| format!("reading {}", file.display()))
}

/// A script's content, made small if npm's tools are there: trunk's own minifier does not understand it.
fn minified(file: &Path, tools: &tools::Tools) -> Result<Vec<u8>> {
    if tools.wasm_opt.is_none() {
        return Ok(std::fs::read(file)?);
    }
    let mut terser = Command::new(npm::program("terser"));
    let script = process::output(terser.arg(file).args(["--module", "--compress", "--mangle"]))?;
    Ok(script.into_bytes())
}

/// Writes a file of the SPA and answers with its name.
fn keep(content: &[u8], name: &str, ending: &str) -> Result<String> {
    let name = named_by_content(name, content, ending);
    std::fs::write(root::spa().join(&name), content)?;
    Ok(name)
}

/// wasm-bindgen's script with the splitter's loader in it, neither of which imports the other any more.
fn joined(script: &str, loader: &str) -> Result<String> {
    let from_loader = format!(" from \"{LOADER}\"");
    let from_main = format!("import {{ initSync }} from \"{MAIN}\"");
    let mut object = None;
    let mut functions = Vec::new();
    let mut joined = String::new();
    for line in script.lines().chain(loader.lines()) {
        let line = line.trim_end();
        let statement = line.trim_end_matches(';');
        if let Some(name) = statement.strip_suffix(&from_loader) {
            object = name.strip_prefix("import * as ");
        } else if statement.starts_with("import ") {
            if statement != from_main {
                bail!("the SPA's script imports something that is not in it: {line}");
            }
        } else {
            let function = line.strip_prefix("export const ");
            functions.extend(function.and_then(|function| function.split(' ').next()));
            joined.push_str(function.map_or("", |_| "const "));
            joined.push_str(function.unwrap_or(line));
            joined.push('\n');
        }
    }
    let object = object.context("wasm-bindgen's script does not import the splitter's loader")?;
    joined.push_str(&format!("const {object} = {{ {} }};\n", functions.join(", ")));
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_trunk_wrote() {
        let page = "<script type=module>import init from '/case/frontend-0a1b.js';\
                    init('/case/frontend-2c3d_bg.wasm')</script><link href=/case/first-paint.js>";
        assert_eq!(built(page, ".js"), Some("frontend-0a1b.js"));
        assert_eq!(built(page, ".wasm"), Some("frontend-2c3d_bg.wasm"));
        assert_eq!(built("<script src=/case/first-paint.js>", ".js"), None);
    }

    #[test]
    fn script_and_loader_become_one() {
        let script = "import * as import1 from \"./__wasm_split.js\"\nuse(import1);\nexport { initSync };\n";
        let loader = "import { initSync } from \"./main.js\";\n\nexport const load_later = wrap(\n);\n";
        assert_eq!(
            joined(script, loader).unwrap(),
            "use(import1);\nexport { initSync };\n\nconst load_later = wrap(\n);\nconst import1 = { load_later };\n"
        );
        assert!(joined("use();", loader).is_err(), "nobody would call the loader");
        assert!(joined(&format!("import './snippet.js';\n{script}"), loader).is_err());
    }

    #[test]
    fn names_are_taken_out_of_wasm() {
        let header = *b"\0asm\x01\0\0\0";
        let code = [10, 0x82, 0x00, 7, 7];
        let names = [0, 3, 1, b'n', 9];
        let with: Vec<u8> = [&header[..], &names, &code, &names].concat();
        let without = [&header[..], &code].concat();
        assert_eq!(without_custom_sections(&with), Some(without));
        assert_eq!(without_custom_sections(&with[..with.len() - 1]), None);
        assert_eq!(without_custom_sections(b"\0asm"), None);
    }
}
