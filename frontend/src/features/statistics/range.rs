//! The range in the address: the last days, everything, or two dates.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::statistics::StatisticsQuery;

use crate::{
    components::{
        button::{Button, Look},
        icon::{Icon, icon},
        popover::{Popover, use_popover},
        segmented::SegmentedLinks,
    },
    dom, paths,
    query::{self, Step, use_set_query},
    reactive::{Memo, RwSignal, derived, handler},
    text::{fill, use_text},
    time::{Clock, use_clock},
};

const DAYS: [i64; 3] = [7, 30, 90];
const USUAL: i64 = 30;
const ALL: &str = "all";

/// What the address says. `range` is `7`, `30`, `90` or `all`; two dates win over it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RangeQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl RangeQuery {
    fn last(days: i64) -> Self {
        Self {
            range: (days != USUAL).then(|| days.to_string()),
            ..Self::default()
        }
    }

    fn everything() -> Self {
        Self {
            range: Some(ALL.to_owned()),
            ..Self::default()
        }
    }

    fn is_custom(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// The days to ask the server for.
    pub(crate) fn days(&self, clock: Clock) -> StatisticsQuery {
        if self.is_custom() {
            return StatisticsQuery {
                from: self.from.clone(),
                to: self.to.clone(),
            };
        }
        let days = match self.range.as_deref() {
            Some(ALL) => return StatisticsQuery::default(),
            Some(days) => days
                .parse()
                .ok()
                .filter(|days| DAYS.contains(days))
                .unwrap_or(USUAL),
            None => USUAL,
        };
        StatisticsQuery {
            from: Some(clock.day(days - 1)),
            to: Some(clock.day(0)),
        }
    }

    /// The address of the segment that holds.
    fn here(&self) -> String {
        if self.is_custom() {
            String::new()
        } else {
            query::href(paths::ADMIN_STATISTICS, self)
        }
    }
}

/// The picker in the page's head, and the dates it stands for.
#[component]
pub(crate) fn RangePicker(asked: Memo<RangeQuery>, range: Memo<StatisticsQuery>) -> impl IntoView {
    let t = use_text();
    let address = |query: &RangeQuery| query::href(paths::ADMIN_STATISTICS, query);
    let mut links: Vec<(String, String)> = DAYS
        .into_iter()
        .map(|days| {
            (
                address(&RangeQuery::last(days)),
                fill(t.statistics().days, &[("n", &days)]),
            )
        })
        .collect();
    links.push((
        address(&RangeQuery::everything()),
        t.statistics().everything.to_owned(),
    ));
    let dates = move || {
        let StatisticsQuery {
            from: Some(from),
            to: Some(to),
        } = range.get()
        else {
            return None;
        };
        Some(fill(t.statistics().from_to, &[("from", &from), ("to", &to)]))
    };
    view! {
        <span class="muted small wide-only">{move || dates()}</span>
        <span class="push"></span>
        <SegmentedLinks label=t.statistics().range links=links current=derived(move || asked.with(RangeQuery::here))/>
        <Custom asked=asked range=range/>
    }
    .into_any()
}

/// Two dates of one's own, in a small popover.
#[component]
fn Custom(asked: Memo<RangeQuery>, range: Memo<StatisticsQuery>) -> impl IntoView {
    let t = use_text();
    let pressed = derived(move || asked.with(RangeQuery::is_custom));
    let trigger = move || view! { {icon(Icon::Calendar)} {t.statistics().custom} };
    view! {
        <Popover class="btn" role="dialog" panel="menu" pressed=pressed trigger=trigger>
            <Dates range=range/>
        </Popover>
    }
}

#[component]
fn Dates(range: Memo<StatisticsQuery>) -> impl IntoView {
    let t = use_text();
    let clock = use_clock();
    let around = use_popover();
    let set = use_set_query::<RangeQuery>();
    let StatisticsQuery { from, to } = range.get_untracked();
    let (from, to) = (
        RwSignal::new(from.unwrap_or_default()),
        RwSignal::new(to.unwrap_or_default()),
    );
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let given = |signal: RwSignal<String>| Some(signal.get_untracked()).filter(|text| !text.is_empty());
        let (mut from, mut to) = (given(from), given(to));
        // Somebody who mixes up the two means the days between.
        if let (Some(first), Some(last)) = (&from, &to)
            && first > last
        {
            std::mem::swap(&mut from, &mut to);
        }
        around.close();
        set(
            &RangeQuery {
                range: None,
                from,
                to,
            },
            Step::Push,
        );
    };
    let date = move |label: &'static str, value: RwSignal<String>| {
        let id = dom::uid();
        view! {
            <div class="field">
                <label class="field-label" for=id.clone()>{label}</label>
                <input
                    class="input"
                    id=id
                    type="date"
                    max=clock.day(0)
                    prop:value=move || value.get()
                    on:input=handler(move |event: web_sys::Event| value.set(event_target_value(&event)))
                />
            </div>
        }
    };
    view! {
        <form class="range-dates" on:submit=handler(submit)>
            {date(t.statistics().from, from)} {date(t.statistics().to, to)}
            <Button submit=true look=Look::Primary block=true>{t.statistics().apply}</Button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_dates_are_custom() {
        assert!(!RangeQuery::last(7).is_custom());
        assert!(
            RangeQuery {
                from: Some("2026-11-01".into()),
                ..RangeQuery::default()
            }
            .is_custom()
        );
        assert_eq!(RangeQuery::last(30), RangeQuery::default());
    }
}
