//! The connection strip: hidden while all is well, amber while reconnecting, red offline, green when back.

use leptos::prelude::*;

use crate::{
    components::{
        banner::Tone,
        button::{Button, Size},
        icon::{Icon, icon},
    },
    live::{Health, use_live},
    reactive::{RwSignal, dynamic, effect},
    text::use_text,
};

/// The strip; takes no room while hidden.
#[component]
pub(crate) fn ConnectionStrip() -> impl IntoView {
    let t = use_text();
    let live = use_live();
    // The words stay while it folds.
    let last = RwSignal::new(Health::Restored);
    effect(move || {
        let health = live.health();
        if health != Health::Fine {
            last.set(health);
        }
    });
    let body = dynamic(move || {
        let (tone, words) = match last.get() {
            Health::Fine | Health::Restored => (Tone::Success, t.connection_back),
            Health::Reconnecting => (Tone::Warn, t.reconnecting),
            Health::Offline => (Tone::Danger, t.offline),
        };
        let mark = match tone {
            Tone::Warn => view! { <span class="spinner" aria-hidden="true"></span> }.into_any(),
            Tone::Danger => icon(Icon::Offline).into_any(),
            Tone::Info | Tone::Success => icon(Icon::Done).into_any(),
        };
        let queued = move || match live.queued().get() {
            0 => None,
            n => Some(t.queued.of(i64::try_from(n).unwrap_or(i64::MAX))),
        };
        view! {
            <div class=format!("banner banner--{}", tone.name())>
                {mark} <span>{words} {move || queued()}</span>
                {(tone != Tone::Success)
                    .then(|| {
                        view! {
                            <Button size=Size::Small on_click=move |()| live.retry()>
                                {t.retry_now}
                            </Button>
                        }
                    })}
            </div>
        }
    });
    let open = move || (live.health() != Health::Fine).then_some("");
    let hidden = move || live.health() == Health::Fine;
    view! {
        <div class="strip" role="status" data-open=open inert=hidden>
            {body}
        </div>
    }
    .into_any()
}
