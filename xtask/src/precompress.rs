//! Writes a `.br` and a `.gz` beside every text-like file of the SPA, so that the server never compresses.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::stamp;

const EXTENSIONS: [&str; 7] = ["wasm", "js", "css", "html", "svg", "json", "webmanifest"];

/// How hard to try: brotli's 9 costs a second, its 11 some more and saves about a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effort {
    /// For a local run.
    Quick = 9,
    /// For what is shipped or measured.
    Best = 11,
}

/// Compresses all files of a folder, several at a time.
pub(crate) fn folder(dir: &Path, effort: Effort) -> Result<()> {
    let mut files = Vec::new();
    stamp::collect(dir, &[], &mut files)?;
    files.retain(|file| {
        file.extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| EXTENSIONS.contains(&e))
    });
    // The big file first, so that the others fill the time beside it.
    files.sort_by_key(|file| std::cmp::Reverse(size(file)));

    let queue = std::sync::Mutex::new(files.into_iter());
    let next = || queue.lock().ok().and_then(|mut files| files.next());
    let work = || -> Result<()> {
        while let Some(file) = next() {
            compress(&file, effort).with_context(|| format!("compressing {}", file.display()))?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(_) => Err(anyhow::anyhow!("a compression thread panicked")),
        })
    })
}

fn compress(file: &Path, effort: Effort) -> Result<()> {
    let params = BrotliEncoderParams {
        quality: effort as i32,
        lgwin: 22,
        size_hint: usize::try_from(size(file)).unwrap_or_default(),
        ..BrotliEncoderParams::default()
    };
    let mut br = BufWriter::new(File::create(beside(file, "br"))?);
    brotli::BrotliCompress(&mut BufReader::new(File::open(file)?), &mut br, &params)?;
    br.flush()?;

    let mut gz = GzEncoder::new(File::create(beside(file, "gz"))?, Compression::best());
    std::io::copy(&mut File::open(file)?, &mut gz)?;
    gz.finish()?;
    Ok(())
}

/// `app.js` → `app.js.br`.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// A file's length, 0 if it is not there.
pub(crate) fn size(file: &Path) -> u64 {
    file.metadata().map_or(0, |meta| meta.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::Scratch;
    use std::io::Read;

    #[test]
    fn both_files_unpack_to_the_original() {
        let dir = Scratch::new("precompress-test").unwrap();
        let file = dir.path().join("app.js");
        let text = "let x = 1;\n".repeat(1000);
        std::fs::write(&file, &text).unwrap();
        std::fs::write(dir.path().join("photo.png"), "left alone").unwrap();

        folder(dir.path(), Effort::Quick).unwrap();

        let mut unpacked = String::new();
        let br = File::open(beside(&file, "br")).unwrap();
        brotli::Decompressor::new(br, 4096)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        let gz = File::open(beside(&file, "gz")).unwrap();
        flate2::read::GzDecoder::new(gz)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        assert!(!dir.path().join("photo.png.br").exists());
    }
}
