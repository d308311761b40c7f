//! The four numbers at the top.

use leptos::prelude::*;
use shared::{
    Status,
    statistics::{DayCount, Statistics},
    tickets::{Choice, TicketQuery},
};

use super::list;
use crate::{
    number::{self, tenths},
    text::{fill, use_text},
    time::duration,
};

/// One question: its words, the answer, the list behind it, a line underneath, and how it went day by day.
struct Kpi {
    title: &'static str,
    value: String,
    unit: &'static str,
    href: Option<String>,
    note: String,
    trend: Vec<i64>,
}

/// The four cards.
#[component]
pub(crate) fn Headline(statistics: Statistics) -> impl IntoView {
    let t = use_text();
    let range = TicketQuery {
        from: statistics.from.clone(),
        to: statistics.to.clone(),
        ..TicketQuery::default()
    };
    let with = |status: Status| {
        list(&TicketQuery {
            status: Choice::Is(status),
            ..range.clone()
        })
    };
    let days = &statistics.by_day;
    let trend = |of: fn(&DayCount) -> i64| days.iter().map(of).collect::<Vec<_>>();
    let open = statistics.pending + statistics.processing;
    let done = statistics.resolved + statistics.closed;
    let per_day = i64::try_from(days.len())
        .ok()
        .filter(|n| *n > 0)
        .map_or(0, |n| (statistics.total_tickets + n / 2) / n);
    let response = match statistics.avg_response_seconds {
        Some(seconds) => (duration(t, seconds as i64), t.statistics().response_text),
        None => ("–".to_owned(), t.statistics().response_none),
    };
    let cards = [
        Kpi {
            title: t.statistics().created,
            value: number::grouped(statistics.total_tickets),
            unit: t.statistics().unit,
            href: Some(list(&range)),
            note: t.statistics().per_day.of(per_day),
            trend: trend(|day| day.created),
        },
        Kpi {
            title: t.statistics().response,
            value: response.0,
            unit: "",
            href: None,
            note: response.1.to_owned(),
            trend: Vec::new(),
        },
        Kpi {
            title: t.statistics().open,
            value: number::grouped(open),
            unit: t.statistics().unit,
            href: Some(with(if statistics.pending > 0 {
                Status::Pending
            } else {
                Status::Processing
            })),
            note: fill(
                t.statistics().open_text,
                &[
                    ("pending", &number::grouped(statistics.pending)),
                    ("processing", &number::grouped(statistics.processing)),
                ],
            ),
            trend: Vec::new(),
        },
        Kpi {
            title: t.statistics().done,
            value: number::grouped(done),
            unit: t.statistics().unit,
            href: Some(with(if statistics.resolved > 0 {
                Status::Resolved
            } else {
                Status::Closed
            })),
            note: fill(
                t.statistics().done_text,
                &[("percent", &number::percent(done, statistics.total_tickets))],
            ),
            trend: trend(|day| day.resolved),
        },
    ];
    cards
        .into_iter()
        .map(card)
        .map(IntoAny::into_any)
        .collect::<Vec<_>>()
}

fn card(kpi: Kpi) -> impl IntoView {
    let inside = view! {
        <h2>{kpi.title}</h2>
        <strong>{kpi.value} <small>{kpi.unit}</small></strong>
        {sparkline(&kpi.trend)}
        <p>{kpi.note}</p>
    };
    match kpi.href {
        Some(href) => view! { <a class="card kpi" href=href>{inside}</a> }.into_any(),
        None => view! { <div class="card kpi">{inside}</div> }.into_any(),
    }
}

/// A line without axes; only its shape means something. Long ranges are averaged down to what 76 pixels can show.
fn sparkline(values: &[i64]) -> Option<impl IntoView + use<>> {
    const POINTS: usize = 24;
    let per_point = values.len().div_ceil(POINTS).max(1);
    let means: Vec<f64> = values
        .chunks(per_point)
        .map(|part| part.iter().sum::<i64>() as f64 / part.len() as f64)
        .collect();
    let highest = means.iter().copied().fold(0.0, f64::max);
    if means.len() < 3 || highest <= 0.0 {
        return None;
    }
    let step = 76.0 / (means.len() - 1) as f64;
    let points: Vec<String> = means
        .iter()
        .enumerate()
        .map(|(i, mean)| {
            format!(
                "{},{}",
                tenths(i as f64 * step),
                tenths(26.0 - mean / highest * 24.0)
            )
        })
        .collect();
    Some(view! {
        <svg width="76" height="28" viewBox="0 0 76 28" aria-hidden="true">
            <polyline
                points=points.join(" ")
                fill="none"
                stroke="var(--line-control)"
                stroke-width="1.5"
                stroke-linejoin="round"
            ></polyline>
        </svg>
    })
}
