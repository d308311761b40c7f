//! Uploaded files: where they lie and which are let in.

use std::path::{Path, PathBuf};

use super::{ConfigError, Vars, bad};

/// Uploads.
#[derive(Debug, Clone)]
pub struct FilesConfig {
    /// `UPLOAD_FOLDER`: where uploads lie. Default: `uploads` in `DATA_DIR`.
    pub folder: PathBuf,
    /// `MAX_CONTENT_LENGTH`: the largest upload in bytes. Default 10 MiB.
    pub max_bytes: u64,
    /// `ALLOWED_EXTENSIONS`: comma-separated. Default `jpg jpeg png gif pdf doc docx txt zip`.
    pub endings: Vec<String>,
}

impl FilesConfig {
    pub(super) fn from_vars(vars: &Vars<'_>, data_dir: &Path) -> Result<Self, ConfigError> {
        let max_bytes = vars.parse("MAX_CONTENT_LENGTH", 10 * 1024 * 1024)?;
        if max_bytes == 0 {
            return Err(bad("MAX_CONTENT_LENGTH", "0 would refuse every upload"));
        }
        let endings = vars.list("ALLOWED_EXTENSIONS").unwrap_or_else(|| {
            ["jpg", "jpeg", "png", "gif", "pdf", "doc", "docx", "txt", "zip"]
                .map(str::to_owned)
                .to_vec()
        });
        Ok(Self {
            folder: vars.parse("UPLOAD_FOLDER", data_dir.join("uploads"))?,
            max_bytes,
            endings: endings
                .into_iter()
                .map(|e| e.trim_start_matches('.').to_lowercase())
                .collect(),
        })
    }
}
