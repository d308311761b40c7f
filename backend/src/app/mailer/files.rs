//! Mails as `.eml` files: what is sent while no mail server is set.

use std::{ffi::OsStr, fs::DirEntry, io, path::Path, time::SystemTime};

use shared::notifications::NotificationKind;

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
        match sweep_one(&entry?, before) {
            Ok(swept) => removed += usize::from(swept),
            // Another server on the same folder was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, "an old mail cannot be removed"),
        }
    }
    Ok(removed)
}

fn sweep_one(entry: &DirEntry, before: SystemTime) -> io::Result<bool> {
    let is_old = is_ours(&entry.file_name()) && entry.file_type()?.is_file() && {
        let written = entry.metadata()?.modified()?;
        written < before
    };
    if is_old {
        std::fs::remove_file(entry.path())?;
    }
    Ok(is_old)
}

/// Number, kind, recipient: an operator may keep other files there.
fn is_ours(name: &OsStr) -> bool {
    let mut parts = name.to_str().unwrap_or_default().splitn(3, '-');
    let (Some(number), Some(kind), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    number.len() >= 6
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && kind.parse::<NotificationKind>().is_ok()
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
