//! Numbers over the tickets of a range. Every number is a link to the list behind it.

mod agents;
mod bars;
mod chart;
mod donut;
mod headline;
mod range;
mod scale;

use leptos::prelude::*;
use shared::{
    Priority,
    statistics::{GetStatistics, Statistics},
    tickets::{Choice, TicketQuery},
};

use crate::{
    components::{
        empty::{Art, Empty, ErrorState},
        skeleton::bar,
    },
    dom,
    fetch::load,
    paths,
    query::{self, use_query},
    reactive::memo,
    text::use_text,
    time::use_clock,
};
use range::{RangePicker, RangeQuery};

/// The page; the range is part of its address.
#[component]
pub(crate) fn StatisticsPage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.statistics().title.to_owned());
    let clock = use_clock();
    let asked = use_query::<RangeQuery>();
    let range = memo(move || asked.with(|asked| asked.days(clock)));
    let loaded = load(GetStatistics, move || ((), range.get()));
    let body = loaded.view(
        || view! { <Waiting/> }.into_any(),
        move |error, retry| {
            view! { <ErrorState title=t.statistics().failed error=error on_retry=retry/> }.into_any()
        },
        move |statistics| view! { <Report statistics=statistics/> }.into_any(),
    );
    view! {
        <section class="report" aria-labelledby="statistics-title">
            <header class="pane-head">
                <h1 id="statistics-title">{t.statistics().title}</h1>
                <RangePicker asked=asked range=range/>
            </header>
            <div class="scroll" aria-busy=move || loaded.is_busy().to_string()>{body}</div>
        </section>
    }
}

#[component]
fn Report(statistics: Statistics) -> impl IntoView {
    let t = use_text();
    let range = TicketQuery {
        from: statistics.from.clone(),
        to: statistics.to.clone(),
        ..TicketQuery::default()
    };
    if statistics.total_tickets == 0 {
        return view! { <Empty art=Art::Search title=t.statistics().empty text=t.statistics().empty_text/> }
            .into_any();
    }
    let by_type = {
        let range = range.clone();
        statistics
            .by_type
            .iter()
            .map(|entry| bars::Bar {
                word: if entry.name.is_empty() {
                    t.statistics().none.to_owned()
                } else {
                    t.kind(&entry.name).to_owned()
                },
                mark: None,
                count: entry.count,
                href: list(&TicketQuery {
                    kind: Choice::Is(entry.name.clone()),
                    ..range.clone()
                }),
            })
            .collect()
    };
    let by_priority = Priority::ALL
        .iter()
        .map(|priority| bars::Bar {
            word: t.priority(*priority).to_owned(),
            mark: Some(*priority),
            count: statistics
                .by_priority
                .iter()
                .filter(|entry| entry.name.parse() == Ok(*priority))
                .map(|entry| entry.count)
                .sum(),
            href: list(&TicketQuery {
                priority: Choice::Is(*priority),
                ..range.clone()
            }),
        })
        .collect();
    view! {
        <div class="report-body">
            <headline::Headline statistics=statistics.clone()/>
            <chart::DayChart days=statistics.by_day.clone()/>
            <section class="card chart report-third" aria-labelledby="by-status">
                <header>
                    <h2 id="by-status">{t.statistics().by_status}</h2>
                </header>
                <donut::StatusDonut statistics=statistics.clone()/>
                <header>
                    <h2>{t.statistics().by_type}</h2>
                </header>
                <bars::Bars bars=by_type/>
            </section>
            <agents::AgentTable agents=statistics.by_agent range=range/>
            <section class="card chart report-third" aria-labelledby="by-priority">
                <header>
                    <h2 id="by-priority">{t.statistics().by_priority}</h2>
                </header>
                <bars::Bars bars=by_priority/>
            </section>
        </div>
    }
    .into_any()
}

/// The list behind a number.
fn list(query: &TicketQuery) -> String {
    query::href(paths::ADMIN_TICKETS, query)
}

#[component]
fn Waiting() -> impl IntoView {
    let card = || view! { <div class="card kpi">{bar("40%", "12px")} {bar("56%", "28px")} {bar("72%", "10px")}</div> };
    view! {
        <div class="report-body skels" role="status" aria-busy="true" aria-label=use_text().loading>
            {card()} {card()} {card()} {card()}
            <div class="card chart report-wide">{bar("24%", "14px")} {bar("100%", "240px")}</div>
            <div class="card chart report-third">{bar("40%", "14px")} {bar("100%", "120px")}</div>
        </div>
    }
}
