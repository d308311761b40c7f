//! Tells cargo when migrations or the built SPA change, and where the SPA to embed lies.

use std::{env, fs, path::PathBuf};

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=../migrations");
    println!("cargo:rerun-if-changed=../frontend/dist");
    let dist = PathBuf::from("../frontend/dist");
    let spa = if dist.join("index.html").exists() {
        dist.canonicalize()?
    } else {
        placeholder()?
    };
    println!("cargo:rustc-env=CASEDESK_SPA={}", spa.display());
    Ok(())
}

/// A page that says how to build the real one, so that the server compiles without it.
fn placeholder() -> std::io::Result<PathBuf> {
    let dir = PathBuf::from(env::var("OUT_DIR").map_err(std::io::Error::other)?).join("spa");
    fs::create_dir_all(&dir)?;
    fs::write(
        dir.join("index.html"),
        "<!doctype html><meta charset=utf-8><title>CaseDesk</title><p>The SPA is not built. Run: cargo xtask run</p>",
    )?;
    Ok(dir)
}
