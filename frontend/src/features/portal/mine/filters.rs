//! Status as tabs, and beside them search, priority and time. All of it is part of the address.

use leptos::prelude::*;
use shared::{
    Priority, Status,
    tickets::{Choice, TicketQuery},
};

use crate::{
    components::{
        icon::{Icon, icon},
        popover::Popover,
        search::SearchBox,
        select::Select,
    },
    features::tickets::{
        found::Search,
        range::{self, RangeChoice},
    },
    number, paths,
    query::{self, Step, use_set_query},
    reactive::{Memo, derived, memo},
    text::use_text,
    time::use_clock,
};

/// The tabs and the tools.
#[component]
pub(super) fn Filters(search: Search) -> impl IntoView {
    let t = use_text();
    let (query, total) = (search.query, search.total());
    let set = use_set_query::<TicketQuery>();
    let change = move |step: Step, with: &dyn Fn(&mut TicketQuery)| {
        let mut next = query.get_untracked();
        with(&mut next);
        next.page = None;
        set(&next, step);
    };
    let searched = move || query.with(|query| query.q.clone().unwrap_or_default());
    let priority = move || {
        query.with(|query| {
            query
                .priority
                .value()
                .map_or_else(String::new, |priority| priority.code().to_owned())
        })
    };
    let priorities = std::iter::once((String::new(), t.tickets.mine.any_priority.to_owned()))
        .chain(
            Priority::ALL
                .iter()
                .map(|p| (p.code().to_owned(), t.priority_long(*p).to_owned())),
        )
        .collect::<Vec<_>>();
    let set_range = Callback::new(move |(from, to): range::Range| {
        change(Step::Push, &|next| {
            (next.from, next.to) = (from.clone(), to.clone())
        });
    });
    view! {
        <div class="bar">
            <Tabs query=query total=total/>
            <div class="bar-tools">
                <SearchBox
                    label=t.tickets.list.search_label
                    placeholder=t.tickets.mine.search
                    value=derived(searched)
                    on_search=move |text: String| {
                        change(Step::Replace, &|next| next.q = Some(text.clone()).filter(|text| !text.is_empty()));
                    }
                />
                <Select
                    label=t.priority_word
                    options=priorities
                    value=derived(priority)
                    on_pick=move |text: String| {
                        change(Step::Push, &|next| next.priority = text.parse().map_or(Choice::Any, Choice::Is));
                    }
                />
                <When query=query on_pick=set_range/>
            </div>
        </div>
    }
    .into_any()
}

/// One tab a status, as links.
#[component]
fn Tabs(query: Memo<TicketQuery>, total: Memo<Option<i64>>) -> impl IntoView {
    let t = use_text();
    let tab = move |status: Choice<Status>, word: &'static str| {
        let here = memo(move || query.with(|query| query.status == status));
        let to = move || {
            query.with(|query| {
                query::href(
                    paths::MY_TICKETS,
                    &TicketQuery {
                        status,
                        page: None,
                        ..query.clone()
                    },
                )
            })
        };
        let count = move || here.get().then(|| total.get()).flatten().map(number::grouped);
        view! {
            <a href=to aria-current=move || here.get().then_some("page")>
                {word}
                <span class="count">{move || count()}</span>
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label=t.tickets.mine.by_status>
            {tab(Choice::Any, t.all)}
            {Status::ALL.iter().map(|&status| tab(Choice::Is(status), t.status(status))).map(IntoAny::into_any).collect::<Vec<_>>()}
        </nav>
    }
    .into_any()
}

/// When it was submitted.
#[component]
fn When(query: Memo<TicketQuery>, on_pick: Callback<range::Range>) -> impl IntoView {
    let t = use_text();
    let clock = use_clock();
    let now = derived(move || query.with(range::of));
    let trigger = move || {
        view! {
            {icon(Icon::Calendar)}
            <span class="sr-only">{t.tickets.range.title}</span>
            <span>{move || range::words(&now.get(), clock).unwrap_or_else(|| t.tickets.range.any.to_owned())}</span>
        }
    };
    view! {
        <Popover label=None class="btn" role="dialog" panel="menu" trigger=trigger>
            <RangeChoice current=now on_pick=on_pick/>
        </Popover>
    }
    .into_any()
}
