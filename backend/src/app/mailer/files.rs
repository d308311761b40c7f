//! Mails as `.eml` files: what is sent while no mail server is set.

use std::{ffi::OsStr, io, path::Path, time::SystemTime};

use tokio::io::AsyncWriteExt;

use super::{Outcome, Parcel, Refusal, Step};

/// Removes the mails that were written before that moment; how many.
pub(in super::super) fn sweep(folder: &Path, before: SystemTime) -> io::Result<usize> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        if is_ours(&entry.file_name()) && entry.metadata()?.modified()? < before {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// A number first: an operator may keep other files there.
fn is_ours(name: &OsStr) -> bool {
    let Some((number, rest)) = name.to_str().and_then(|name| name.split_once('-')) else {
        return false;
    };
    number.len() >= 6
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && [".eml", ".part"].iter().any(|ending| rest.ends_with(ending))
}

/// Writes the mail beside its name and renames it: a reader never sees half of one.
pub(super) async fn write(folder: &Path, parcel: &Parcel) -> Outcome {
    let (partial, whole) = (
        folder.join(format!("{}.part", parcel.name)),
        folder.join(format!("{}.eml", parcel.name)),
    );
    let writing = async {
        tokio::fs::create_dir_all(folder).await?;
        let mut file = tokio::fs::File::create(&partial).await?;
        file.write_all(&parcel.bytes).await?;
        file.sync_all().await?;
        tokio::fs::rename(&partial, &whole).await
    };
    match writing.await {
        Ok(()) => Outcome::Sent(format!("{}.eml", parcel.name)),
        Err(error) => Outcome::Down(Refusal::of(Step::Data, format!("{}: {error}", folder.display()))),
    }
}
