//! The mark under the last message that the other side has read.

use leptos::prelude::*;

use crate::{
    components::icon::{Icon, icon},
    reactive::{Memo, optional},
    text::use_text,
};

/// 「已读」 under the message with this number, as long as it is the last one read.
pub(super) fn read_mark(last_read: Memo<Option<i64>>, seq: i64) -> AnyView {
    let t = use_text();
    optional(move || {
        (last_read.get() == Some(seq)).then(|| {
            view! { <p class="msg-read">{icon(Icon::Check)} {t.tickets.log.read}</p> }
        })
    })
}
