//! Mails as `.eml` files: what is sent while no mail server is set.

use std::path::Path;

use tokio::io::AsyncWriteExt;

use super::{Outcome, Parcel, Refusal, Step};

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
