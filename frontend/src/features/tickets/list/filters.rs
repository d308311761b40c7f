//! The tool row: search, filters that read as a sentence, order. Every change goes into the address.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    Priority, Status,
    tickets::{AssigneeFilter, Choice, Sort, TicketQuery},
};

use super::filter::{Entry, chip, menu};
use crate::{
    app::use_meta,
    components::{
        avatar::{Avatar, AvatarSize},
        button::{LinkButton, Look, Size},
        icon::{Icon, icon},
        mark::{MarkLook, PriorityMark, StatusMark},
        popover::Popover,
        search::SearchBox,
        select::Select,
    },
    features::tickets::{
        agents::Agent,
        found::Search,
        range::{self, RangeChoice},
    },
    query::{Step, use_set_query},
    reactive::{Memo, StoredValue, derived, optional},
    text::use_text,
    time::use_clock,
};

/// How a query is changed; always back to the first page.
#[derive(Clone, Copy)]
struct Change {
    query: Memo<TicketQuery>,
    set: Callback<(TicketQuery, Step)>,
}

impl Change {
    fn new(query: Memo<TicketQuery>) -> Self {
        let set = StoredValue::new(use_set_query::<TicketQuery>());
        Self {
            query,
            set: Callback::new(move |(next, step)| set.with_value(|set| set(&next, step))),
        }
    }

    fn make(self, step: Step, with: impl FnOnce(&mut TicketQuery)) {
        let mut next = self.query.get_untracked();
        with(&mut next);
        next.page = None;
        self.set.run((next, step));
    }
}

/// The row; `children` stand at its end.
#[component]
pub(super) fn Filters(search: Search, agents: Memo<Vec<Agent>>, children: Children) -> impl IntoView {
    let t = use_text();
    let query = search.query;
    let change = Change::new(query);
    let searched = move || query.with(|query| query.q.clone().unwrap_or_default());
    let look_for = move |text: String| {
        change.make(Step::Replace, |next| {
            next.q = Some(text).filter(|text| !text.is_empty())
        });
    };
    let clear = optional(move || {
        search.is_filtered().then(|| {
            view! {
                <LinkButton href=search.path look=Look::Link size=Size::Small>
                    {t.clear_filters}
                </LinkButton>
            }
        })
    });
    view! {
        <div class="toolbar">
            <SearchBox
                label=t.tickets.list.search_label
                placeholder=t.tickets.list.search
                value=derived(searched)
                on_search=look_for
            />
            <div class="filters" role="group" aria-label=t.tickets.list.filters>
                {status(change)}
                {kind(change)}
                {priority(change)}
                {assignee(change, agents)}
                {submitted(change)}
                {clear}
            </div>
            {children()}
            {order(change)}
        </div>
    }
    .into_any()
}

fn status(change: Change) -> AnyView {
    let t = use_text();
    let now = move || {
        change
            .query
            .with(|query| query.status.value().map(|status| status.code().to_owned()))
    };
    let entries = move || {
        let entry = |&status: &Status| Entry {
            key: status.code().to_owned(),
            word: t.status(status).to_owned(),
            mark: view! { <StatusMark status=status look=MarkLook::Mark/> }.into_any(),
        };
        Status::ALL.iter().map(entry).collect()
    };
    let pick = move |key: Option<String>| {
        let status = key.and_then(|key| key.parse().ok());
        change.make(Step::Push, |next| {
            next.status = status.map_or(Choice::Any, Choice::Is)
        });
    };
    menu(
        t.status_word,
        derived(now),
        Arc::new(entries),
        Callback::new(pick),
    )
}

fn priority(change: Change) -> AnyView {
    let t = use_text();
    let now = move || {
        change
            .query
            .with(|query| query.priority.value().map(|priority| priority.code().to_owned()))
    };
    let entries = move || {
        let entry = |&priority: &Priority| Entry {
            key: priority.code().to_owned(),
            word: t.priority(priority).to_owned(),
            mark: view! { <PriorityMark priority=priority look=MarkLook::Mark/> }.into_any(),
        };
        Priority::ALL.iter().map(entry).collect()
    };
    let pick = move |key: Option<String>| {
        let priority = key.and_then(|key| key.parse().ok());
        change.make(Step::Push, |next| {
            next.priority = priority.map_or(Choice::Any, Choice::Is)
        });
    };
    menu(
        t.priority_word,
        derived(now),
        Arc::new(entries),
        Callback::new(pick),
    )
}

fn kind(change: Change) -> AnyView {
    let t = use_text();
    let meta = use_meta();
    let now = move || change.query.with(|query| query.kind.clone().value());
    let entries = move || {
        let entry = |kind: &String| Entry {
            key: kind.clone(),
            word: t.kind(kind).to_owned(),
            mark: ().into_any(),
        };
        meta.types.iter().map(entry).collect()
    };
    let pick = move |kind: Option<String>| {
        change.make(Step::Push, |next| {
            next.kind = kind.map_or(Choice::Any, Choice::Is)
        });
    };
    menu(t.kind_word, derived(now), Arc::new(entries), Callback::new(pick))
}

/// Oneself, nobody, or a colleague, who is named by id: names change and repeat.
fn assignee(change: Change, agents: Memo<Vec<Agent>>) -> AnyView {
    const ME: &str = "me";
    const NOBODY: &str = "none";
    let t = use_text();
    let now = move || {
        change.query.with(|query| match &query.assignee {
            AssigneeFilter::Any => None,
            AssigneeFilter::Nobody => Some(NOBODY.to_owned()),
            AssigneeFilter::Me => Some(ME.to_owned()),
            AssigneeFilter::Named(key) => Some(key.clone()),
        })
    };
    let entries = move || {
        let fixed = |key: &str, word: &str, glyph| Entry {
            key: key.to_owned(),
            word: word.to_owned(),
            mark: icon(glyph).into_any(),
        };
        let mut all = vec![
            fixed(ME, t.tickets.list.me, Icon::User),
            fixed(NOBODY, t.unassigned, Icon::UserOff),
        ];
        agents.with(|agents| {
            all.extend(agents.iter().filter(|agent| !agent.me).map(|agent| Entry {
                key: agent.id.to_string(),
                word: agent.name.clone(),
                mark: view! { <Avatar name=agent.name.clone() size=AvatarSize::Tiny/> }.into_any(),
            }));
        });
        all
    };
    let pick = move |key: Option<String>| {
        let filter = match key {
            None => AssigneeFilter::Any,
            Some(key) if key == ME => AssigneeFilter::Me,
            Some(key) if key == NOBODY => AssigneeFilter::Nobody,
            Some(key) => AssigneeFilter::Named(key),
        };
        change.make(Step::Push, |next| next.assignee = filter);
    };
    menu(
        t.assignee_word,
        derived(now),
        Arc::new(entries),
        Callback::new(pick),
    )
}

/// When it was submitted.
fn submitted(change: Change) -> AnyView {
    let t = use_text();
    let clock = use_clock();
    let set = Callback::new(move |(from, to): range::Range| {
        change.make(Step::Push, |next| (next.from, next.to) = (from, to));
    });
    let now = derived(move || change.query.with(range::of));
    let set_to = derived(move || range::words(&now.get(), clock));
    chip(
        t.tickets.range.title,
        set_to,
        Callback::new(move |()| set.run((None, None))),
        &|trigger| {
            view! {
                <Popover label=None class="filter-name" role="dialog" panel="menu" trigger=trigger>
                    <RangeChoice current=now on_pick=set/>
                </Popover>
            }
            .into_any()
        },
    )
}

fn order(change: Change) -> AnyView {
    let t = use_text();
    let word = |sort: Sort| match sort {
        Sort::Newest => t.tickets.list.newest,
        Sort::Oldest => t.tickets.list.oldest,
        Sort::Updated => t.tickets.list.updated_first,
        Sort::Priority => t.tickets.list.urgent_first,
    };
    let options = Sort::ALL
        .iter()
        .map(|&sort| (sort.as_str().to_owned(), word(sort).to_owned()))
        .collect::<Vec<_>>();
    let value = move || {
        change
            .query
            .with(|query| query.sort.value().unwrap_or(Sort::Newest))
            .as_str()
            .to_owned()
    };
    let pick = move |text: String| {
        let sort = text.parse().ok().filter(|sort| *sort != Sort::Newest);
        change.make(Step::Push, |next| {
            next.sort = sort.map_or(Choice::Any, Choice::Is)
        });
    };
    view! { <Select label=t.tickets.list.order options=options value=derived(value) on_pick=pick/> }
        .into_any()
}
