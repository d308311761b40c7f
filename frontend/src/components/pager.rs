//! Pages of a list as links, so that reload and back work.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::{
    number,
    text::{fill, use_text},
};

/// The foot of a list: which of all its entries are shown, and the way to the others.
#[component]
pub(crate) fn ListFoot(
    page: u32,
    per_page: u32,
    total: i64,
    /// How many entries the page has.
    shown: usize,
    /// The address of a page.
    href: impl Fn(u32) -> String + 'static,
) -> impl IntoView {
    let t = use_text();
    let from = i64::from(page.saturating_sub(1)) * i64::from(per_page) + 1;
    let to = from - 1 + i64::try_from(shown).unwrap_or(0);
    let range = fill(
        t.range_of,
        &[
            ("from", &number::grouped(from)),
            ("to", &number::grouped(to)),
            ("total", &number::grouped(total)),
        ],
    );
    view! {
        <footer class="listfoot">
            <span>{(shown > 0).then_some(range)}</span>
            <Pager page=page per_page=per_page total=total href=href/>
        </footer>
    }
    .into_any()
}

/// The pager; nothing where one page holds everything.
#[component]
pub(crate) fn Pager(
    page: u32,
    per_page: u32,
    total: i64,
    /// The address of a page.
    href: impl Fn(u32) -> String + 'static,
) -> impl IntoView {
    let t = use_text();
    let last = u32::try_from((total.max(1) - 1) / i64::from(per_page.max(1)) + 1).unwrap_or(u32::MAX);
    if last <= 1 {
        return ().into_any();
    }
    let step = |to: u32, glyph: Icon, label: &'static str| {
        if to >= 1 && to <= last {
            view! { <a href=href(to) aria-label=label title=label>{icon(glyph)}</a> }.into_any()
        } else {
            view! { <span aria-disabled="true">{icon(glyph)}</span> }.into_any()
        }
    };
    let numbers = shown(page, last)
        .into_iter()
        .map(|entry| match entry {
            Some(n) => view! {
                <a
                    href=href(n)
                    aria-current=(n == page).then_some("page")
                    aria-label=fill(t.page_n, &[("n", &n)])
                >
                    {n}
                </a>
            }
            .into_any(),
            None => view! { <span>"…"</span> }.into_any(),
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <nav class="pager" aria-label=t.pages>
            {step(page.saturating_sub(1), Icon::Left, t.previous_page)}
            {numbers}
            {step(page + 1, Icon::Right, t.next_page)}
        </nav>
    }
    .into_any()
}

/// First, last and the neighbours of the current page; `None` is a gap.
fn shown(page: u32, last: u32) -> Vec<Option<u32>> {
    let mut out = Vec::new();
    for n in 1..=last.min(10_000) {
        let near = n.abs_diff(page) <= 1 || n == 1 || n == last;
        let lone = (n == 2 && page <= 4) || (n + 1 == last && page + 3 >= last);
        if near || lone {
            out.push(Some(n));
        } else if out.last().is_some_and(Option::is_some) {
            out.push(None);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn far_pages_are_left_out() {
        let text = |page, last| {
            let words = shown(page, last)
                .into_iter()
                .map(|n| n.map_or("…".to_owned(), |n| n.to_string()));
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(1, 3), "1 2 3");
        assert_eq!(text(1, 9), "1 2 … 9");
        assert_eq!(text(5, 9), "1 … 4 5 6 … 9");
        assert_eq!(text(9, 9), "1 … 8 9");
        assert_eq!(text(3, 9), "1 2 3 4 … 9");
    }
}
