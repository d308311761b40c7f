//! Where the tickets of the range stand now: a ring, and the same numbers as links.

use leptos::prelude::*;
use shared::{
    Status,
    statistics::Statistics,
    tickets::{Choice, TicketQuery},
};

use super::list;
use crate::{
    components::mark::StatusMark,
    number::{self, tenths},
    text::use_text,
};

const RADIUS: f64 = 50.0;
const AROUND: f64 = 2.0 * std::f64::consts::PI * RADIUS;
/// Between two parts, in units of the drawing.
const GAP: f64 = 2.0;

/// The ring and its list.
#[component]
pub(crate) fn StatusDonut(statistics: Statistics) -> impl IntoView {
    let t = use_text();
    let total = statistics.total_tickets;
    let range = TicketQuery {
        from: statistics.from.clone(),
        to: statistics.to.clone(),
        ..TicketQuery::default()
    };
    let count = |status: Status| match status {
        Status::Pending => statistics.pending,
        Status::Processing => statistics.processing,
        Status::Resolved => statistics.resolved,
        Status::Closed => statistics.closed,
    };
    let mut turned = 0.0;
    let parts = Status::ALL
        .iter()
        .filter(|status| count(**status) > 0)
        .map(|status| {
            let length = count(*status) as f64 / total.max(1) as f64 * AROUND;
            let drawn = if length >= AROUND {
                length
            } else {
                (length - GAP).max(1.0)
            };
            let offset = -turned;
            turned += length;
            view! {
                <circle
                    cx="66"
                    cy="66"
                    r=tenths(RADIUS)
                    fill="none"
                    stroke=format!("var(--{}-mark)", status.code())
                    stroke-width="16"
                    stroke-dasharray=format!("{} {}", tenths(drawn), tenths(AROUND))
                    stroke-dashoffset=tenths(offset)
                    transform="rotate(-90 66 66)"
                ></circle>
            }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    let rows = Status::ALL
        .iter()
        .map(|status| {
            let n = count(*status);
            let href = list(&TicketQuery {
                status: Choice::Is(*status),
                ..range.clone()
            });
            view! {
                <li>
                    <a href=href>
                        <StatusMark status=*status/>
                        <b>{number::grouped(n)}</b>
                        <small>{number::percent(n, total)}"%"</small>
                    </a>
                </li>
            }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    let summary: Vec<String> = Status::ALL
        .iter()
        .map(|status| format!("{} {}", t.status(*status), count(*status)))
        .collect();
    view! {
        <div class="donut">
            <svg viewBox="0 0 132 132" role="img" aria-label=summary.join(", ")>
                {parts}
                <text class="donut-total" x="66" y="68" text-anchor="middle">{number::grouped(total)}</text>
                <text x="66" y="86" text-anchor="middle">{t.tickets_place}</text>
            </svg>
            <ul>{rows}</ul>
        </div>
    }
    .into_any()
}
