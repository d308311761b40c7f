//! Tells the linker what the splitter needs to know.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // `xtask` takes the later pages out of the linked file: it has to see who uses what.
    if std::env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
