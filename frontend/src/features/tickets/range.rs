//! A range of days in a ticket query: a few usual ones, and two fields for any other.

use leptos::prelude::*;
use shared::tickets::TicketQuery;

use crate::{
    components::{
        button::{Button, Size},
        icon::{Icon, icon},
        menu::MenuLine,
        popover::use_popover,
    },
    reactive::{RwSignal, Signal, handler},
    text::{fill, use_text},
    time::{Clock, short_day, use_clock},
};

/// The usual ranges, in days up to today.
const USUAL: [i64; 3] = [7, 30, 90];

/// From which day to which; either may be open.
pub(crate) type Range = (Option<String>, Option<String>);

/// The range of a query.
pub(crate) fn of(query: &TicketQuery) -> Range {
    (query.from.clone(), query.to.clone())
}

/// A range in words, if it narrows anything.
pub(crate) fn words(range: &Range, clock: Clock) -> Option<String> {
    let t = use_text();
    if let Some(days) = USUAL.iter().find(|days| *range == usual(clock, **days)) {
        return Some(fill(t.tickets.range.last_days, &[("n", days)]));
    }
    if *range == today(clock) {
        return Some(t.tickets.log.today.to_owned());
    }
    let this_day = clock.day(0);
    let day = |date: &String| short_day(date.get(..10).unwrap_or(date), &this_day);
    match range {
        (None, None) => None,
        (Some(from), None) => Some(fill(t.tickets.range.since, &[("from", &day(from))])),
        (None, Some(to)) => Some(fill(t.tickets.range.until, &[("to", &day(to))])),
        (Some(from), Some(to)) => Some(fill(
            t.tickets.range.between,
            &[("from", &day(from)), ("to", &day(to))],
        )),
    }
}

fn usual(clock: Clock, days: i64) -> Range {
    (Some(clock.day(days - 1)), None)
}

fn today(clock: Clock) -> Range {
    (Some(clock.day(0)), None)
}

/// What a range is chosen from; stands in a popover, which it closes.
#[component]
pub(crate) fn RangeChoice(
    #[prop(into)] current: Signal<Range>,
    #[prop(into)] on_pick: Callback<Range>,
) -> impl IntoView {
    let t = use_text();
    let clock = use_clock();
    let popover = use_popover();
    let now = current.get_untracked();
    let (from, to) = (
        RwSignal::new(now.0.clone().unwrap_or_default()),
        RwSignal::new(now.1.clone().unwrap_or_default()),
    );
    let pick = move |range: Range| {
        popover.close();
        on_pick.run(range);
    };
    let choice = |range: Range, word: String| {
        let pressed = (range == now).to_string();
        let tick = (range == now).then(|| view! { <span class="menu-tick">{icon(Icon::Check)}</span> });
        view! {
            <button type="button" class="menu-item" aria-pressed=pressed on:click=handler(move |_| pick(range.clone()))>
                {word}
                {tick}
            </button>
        }
    };
    let apply = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let day = |signal: RwSignal<String>| Some(signal.get_untracked()).filter(|day| !day.is_empty());
        // The wrong way round is the right way round.
        pick(match (day(from), day(to)) {
            (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
            range => range,
        });
    };
    let field = |label: &'static str, value: RwSignal<String>| {
        view! {
            <label class="range-field">
                <span>{label}</span>
                <input
                    class="input"
                    type="date"
                    max="9999-12-31"
                    prop:value=move || value.get()
                    on:input=handler(move |event: web_sys::Event| value.set(event_target_value(&event)))
                />
            </label>
        }
    };
    let usual_ones = USUAL.map(|days| {
        (
            usual(clock, days),
            fill(t.tickets.range.last_days, &[("n", &days)]),
        )
    });
    let fixed = [
        ((None, None), t.tickets.range.any.to_owned()),
        (today(clock), t.tickets.log.today.to_owned()),
    ];
    view! {
        {fixed.into_iter().chain(usual_ones).map(|(range, word)| choice(range, word)).map(IntoAny::into_any).collect::<Vec<_>>()}
        <MenuLine/>
        <form class="range-form" on:submit=handler(apply)>
            {field(t.tickets.range.from, from)}
            {field(t.tickets.range.to, to)}
            <Button submit=true size=Size::Small>{t.tickets.range.apply}</Button>
        </form>
    }
    .into_any()
}
