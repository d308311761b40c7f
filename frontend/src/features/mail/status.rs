//! How mails leave, said above the list where there is something to do about it.

use leptos::prelude::*;
use shared::mails::{MailStatus, MailWay};

use crate::{
    components::banner::{Banner, Tone},
    text::{fill, use_text},
};

/// No server set, or a server that does not take mails; otherwise one quiet line.
#[component]
pub(crate) fn StatusBanner(status: MailStatus) -> impl IntoView {
    let t = use_text();
    let MailStatus {
        way,
        place,
        sender,
        down,
        waiting,
        unverified,
        ..
    } = status;
    let (tone, text, hint) = match (way, down) {
        (MailWay::Files, Some(reason)) => (
            Tone::Danger,
            fill(t.mail().down, &[("reason", &reason), ("n", &waiting)]),
            t.mail().no_files_hint,
        ),
        (MailWay::Files, None) => (
            Tone::Warn,
            fill(t.mail().as_files, &[("place", &place)]),
            t.mail().as_files_hint,
        ),
        (MailWay::Smtp, Some(reason)) => (
            Tone::Danger,
            fill(t.mail().down, &[("reason", &reason), ("n", &waiting)]),
            t.mail().down_hint,
        ),
        (MailWay::Smtp, None) if unverified => (
            Tone::Warn,
            fill(t.mail().unverified, &[("place", &place)]),
            t.mail().unverified_hint,
        ),
        (MailWay::Smtp, None) => {
            let line = fill(t.mail().through, &[("place", &place), ("sender", &sender)]);
            return view! { <p class="mails-way">{line}</p> }.into_any();
        }
    };
    view! {
        <div class="mails-banner">
            <Banner tone=tone>
                <div>
                    <strong>{text}</strong>
                    <p>{hint}</p>
                </div>
            </Banner>
        </div>
    }
    .into_any()
}
