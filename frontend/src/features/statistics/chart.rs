//! Created and resolved per day: an SVG drawn at its real width, so that its words never shrink, and a table behind it.

use leptos::prelude::*;
use shared::statistics::DayCount;
use wasm_bindgen::{JsCast, closure::Closure};

use super::scale::{Frame, ticks};
use crate::{
    number::{self, tenths},
    reactive::{NodeRef, RwSignal, StoredValue, effect, handler, optional},
    text::{fill, use_text},
    time::{short_day, use_clock, weekday},
};

const HEIGHT: f64 = 260.0;

/// The card with the chart.
#[component]
pub(crate) fn DayChart(days: Vec<DayCount>) -> impl IntoView {
    let t = use_text();
    let place = NodeRef::new();
    let width = use_width(place);
    let days = StoredValue::new(days);
    let drawing = optional(move || {
        let width = width.get();
        (width > 0.0).then(|| view! { <Drawing days=days width=width/> })
    });
    view! {
        <section class="card chart report-wide" aria-labelledby="by-day">
            <header>
                <h2 id="by-day">{t.statistics().by_day}</h2>
                <span class="legend legend--created">{t.statistics().created_line}</span>
                <span class="legend legend--resolved">{t.statistics().resolved_line}</span>
            </header>
            <div class="chart-place" node_ref=place>{drawing}</div>
            <details class="chart-data">
                <summary class="btn btn--link btn--sm">{t.statistics().show_data}</summary>
                <DataTable days=days/>
            </details>
        </section>
    }
    .into_any()
}

/// The width of an element as it changes.
fn use_width(place: NodeRef) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    let watching = StoredValue::new(None);
    effect(move || {
        let Some(element) = place.get() else { return };
        let measured = element.clone();
        let look = Closure::<dyn FnMut()>::new(move || {
            width.try_set(f64::from(measured.client_width()));
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(look.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watching.set_value(Some((observer, look)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = watching.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
    width
}

#[component]
fn Drawing(days: StoredValue<Vec<DayCount>>, width: f64) -> impl IntoView {
    let days = days.get_value();
    let today = use_clock().day(0);
    let highest = days
        .iter()
        .map(|day| day.created.max(day.resolved))
        .max()
        .unwrap_or(0);
    let (step, top) = ticks(highest);
    let frame = Frame {
        width,
        height: HEIGHT,
        top,
        count: days.len(),
    };

    let grid = (0..=top / step)
        .map(|n| {
            let y = tenths(frame.y(n * step));
            let baseline = tenths(frame.y(n * step) + 4.0);
            view! {
                <line x1=tenths(Frame::LEFT) x2=tenths(frame.right()) y1=y.clone() y2=y stroke="var(--chart-grid)"></line>
                <text x=tenths(Frame::LEFT - 8.0) y=baseline text-anchor="end">{number::grouped(n * step)}</text>
            }
        })
        .map(IntoAny::into_any).collect::<Vec<_>>();
    let labels = frame
        .labelled()
        .filter_map(|i| {
            let date = days.get(i)?.date.clone();
            Some(view! {
                <text x=tenths(frame.x(i)) y=tenths(HEIGHT - 6.0) text-anchor="middle">
                    {short_day(&date, &today)}
                </text>
            })
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    let created = frame.line(days.iter().map(|day| day.created));
    let resolved = frame.line(days.iter().map(|day| day.resolved));
    let area = format!(
        "{},{} {created} {},{}",
        tenths(frame.x(0)),
        tenths(frame.y(0)),
        tenths(frame.right_point()),
        tenths(frame.y(0))
    );
    let summary = summary(&days);
    let at = RwSignal::new(None::<usize>);
    let days = StoredValue::new(days);
    let point = move |event: web_sys::PointerEvent| at.set(frame.nearest(f64::from(event.offset_x())));
    let marks = optional(move || {
        let i = at.get()?;
        let day = days.with_value(|days| days.get(i).cloned())?;
        let x = tenths(frame.x(i));
        Some(view! {
            <line x1=x.clone() x2=x.clone() y1=tenths(frame.y(frame.top)) y2=tenths(frame.y(0)) stroke="var(--line-control)" stroke-dasharray="2 2"></line>
            <circle cx=x.clone() cy=tenths(frame.y(day.resolved)) r="4" class="dot dot--resolved"></circle>
            <circle cx=x cy=tenths(frame.y(day.created)) r="4" class="dot dot--created"></circle>
        })
    });
    let tip = optional(move || {
        let i = at.get()?;
        let day = days.with_value(|days| days.get(i).cloned())?;
        Some(view! { <Tip day=day x=frame.x(i) width=width/> })
    });
    view! {
        <svg
            width=tenths(width)
            height=tenths(HEIGHT)
            role="img"
            aria-label=summary
            on:pointermove=handler(point)
            on:pointerdown=handler(point)
            on:pointerleave=handler(move |_| at.set(None))
        >
            {grid}
            {labels}
            <polygon class="area" points=area></polygon>
            <polyline class="line line--resolved" points=resolved></polyline>
            <polyline class="line line--created" points=created></polyline>
            {marks}
        </svg>
        {tip}
    }
    .into_any()
}

/// The day under the pointer, on the side where there is room.
#[component]
fn Tip(day: DayCount, x: f64, width: f64) -> impl IntoView {
    let t = use_text();
    let side = if x > width / 2.0 { "end" } else { "start" };
    let offset = if x > width / 2.0 {
        width - x + 12.0
    } else {
        x + 12.0
    };
    view! {
        <div class="chart-tip" data-side=side style=("--x", format!("{}px", tenths(offset))) aria-hidden="true">
            <span class="muted">{day.date.clone()} " " {weekday(t, &day.date)}</span>
            <span class="legend legend--created">{t.statistics().created_line}<b>{number::grouped(day.created)}</b></span>
            <span class="legend legend--resolved">{t.statistics().resolved_line}<b>{number::grouped(day.resolved)}</b></span>
        </div>
    }
}

#[component]
fn DataTable(days: StoredValue<Vec<DayCount>>) -> impl IntoView {
    let t = use_text();
    let rows = days
        .get_value()
        .into_iter()
        .rev()
        .map(|day| {
            view! {
                <tr>
                    <th scope="row">{day.date.clone()} " " <span class="muted">{weekday(t, &day.date)}</span></th>
                    <td class="end">{number::grouped(day.created)}</td>
                    <td class="end">{number::grouped(day.resolved)}</td>
                </tr>
            }
        })
        .map(IntoAny::into_any).collect::<Vec<_>>();
    view! {
        <div class="chart-rows scroll" tabindex="0" role="region" aria-label=t.statistics().show_data>
            <table class="table agents">
                <caption class="sr-only">{t.statistics().by_day}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.statistics().day}</th>
                        <th scope="col" class="end">{t.statistics().created_line}</th>
                        <th scope="col" class="end">{t.statistics().resolved_line}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What the chart shows, in a sentence.
fn summary(days: &[DayCount]) -> String {
    let t = use_text();
    let ends = |of: fn(&DayCount) -> i64| {
        let values = days.iter().map(of);
        (values.clone().min().unwrap_or(0), values.max().unwrap_or(0))
    };
    let (created, resolved) = (ends(|day| day.created), ends(|day| day.resolved));
    let day = |day: Option<&DayCount>| day.map(|day| day.date.clone()).unwrap_or_default();
    fill(
        t.statistics().chart_summary,
        &[
            ("from", &day(days.first())),
            ("to", &day(days.last())),
            ("cmin", &created.0),
            ("cmax", &created.1),
            ("rmin", &resolved.0),
            ("rmax", &resolved.1),
        ],
    )
}
