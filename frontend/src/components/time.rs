//! A moment as people say it, with the exact time behind it.

use leptos::prelude::*;
use shared::LocalTime;

use crate::time::{Style, use_clock};

/// `3 分钟`, `昨天`, `11-02`; follows the clock.
#[component]
pub(crate) fn Moment(at: LocalTime, #[prop(optional)] style: Style) -> impl IntoView {
    let clock = use_clock();
    let exact = clock.exact(&at);
    let machine = clock.machine(&at);
    view! { <time datetime=machine title=exact>{move || clock.said(&at, style)}</time> }
}
