//! The tool row: search, filters that read as a sentence, order. Every change goes into the address.

use leptos::prelude::*;
use shared::{
    Priority, Status,
    tickets::{AssigneeFilter, Choice, Sort, TicketQuery},
};

use crate::{
    app::use_meta,
    components::{
        avatar::{Avatar, AvatarSize},
        button::{LinkButton, Look, Size},
        icon::{Icon, icon},
        mark::{PriorityMark, StatusMark},
        menu::{Menu, MenuItem, MenuLine},
        popover::Popover,
        search::SearchBox,
        select::Select,
    },
    features::tickets::{
        agents::Agent,
        range::{self, RangeChoice},
    },
    paths,
    query::{Step, use_set_query},
    text::{fill, use_text},
    time::use_clock,
};

/// How a query is changed; always back to the first page.
#[derive(Clone, Copy)]
pub(super) struct Change {
    query: Memo<TicketQuery>,
    set: Callback<(TicketQuery, Step)>,
}

impl Change {
    fn new(query: Memo<TicketQuery>) -> Self {
        let set = use_set_query::<TicketQuery>();
        let set = StoredValue::new_local(set);
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
pub(super) fn Filters(
    query: Memo<TicketQuery>,
    agents: Memo<Vec<Agent>>,
    children: Children,
) -> impl IntoView {
    let t = use_text();
    let change = Change::new(query);
    let searched = move || query.with(|query| query.q.clone().unwrap_or_default());
    let search = move |text: String| {
        change.make(Step::Replace, |next| {
            next.q = Some(text).filter(|text| !text.is_empty())
        });
    };
    let clear = move || {
        query.with(super::is_filtered).then(|| {
            view! {
                <LinkButton href=paths::ADMIN_TICKETS look=Look::Link size=Size::Small>
                    {t.clear_filters}
                </LinkButton>
            }
        })
    };
    view! {
        <div class="toolbar">
            <SearchBox
                label=t.tickets.list.search_label
                placeholder=t.tickets.list.search
                value=Signal::derive(searched)
                on_search=search
            />
            <div class="filters" role="group" aria-label=t.tickets.list.filters>
                <StatusFilter query=query change=change/>
                <KindFilter query=query change=change/>
                <PriorityFilter query=query change=change/>
                <AssigneeFilterMenu query=query change=change agents=agents/>
                <RangeFilter query=query change=change/>
                {clear}
            </div>
            {children()}
            <Order query=query change=change/>
        </div>
    }
    .into_any()
}

/// One filter: its name, what it is set to, and the way to take it off.
#[component]
fn Filter(
    name: &'static str,
    #[prop(into)] value: Signal<Option<String>>,
    #[prop(into)] on_clear: Callback<()>,
    /// It opens a small form, not a menu.
    #[prop(optional)]
    form: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let t = use_text();
    let set = Memo::new(move |_| value.with(Option::is_some));
    let children = StoredValue::new(children);
    let trigger = move || {
        view! {
            {name}
            {move || match value.get() {
                Some(value) => view! { <b>{value}</b> }.into_any(),
                None => icon(Icon::Down).into_any(),
            }}
        }
    };
    let remove = fill(t.remove_filter, &[("name", &name)]);
    let button = if form {
        view! {
            <Popover label=None class="filter-name" role="dialog" panel="menu" trigger=trigger>
                {children.with_value(|children| children())}
            </Popover>
        }
        .into_any()
    } else {
        view! { <Menu class="filter-name" trigger=trigger>{children.with_value(|children| children())}</Menu> }.into_any()
    };
    view! {
        <span class="filter" data-on=move || set.get().then_some("")>
            {button}
            {move || {
                set.get()
                    .then(|| {
                        view! {
                            <button type="button" aria-label=remove.clone() on:click=move |_| on_clear.run(())>
                                {icon(Icon::Cross)}
                            </button>
                        }
                    })
            }}
        </span>
    }
    .into_any()
}

#[component]
fn StatusFilter(query: Memo<TicketQuery>, change: Change) -> impl IntoView {
    let t = use_text();
    let now = move || query.with(|query| query.status.value());
    let set = move |status: Choice<Status>| change.make(Step::Push, |next| next.status = status);
    view! {
        <Filter
            name=t.status_word
            value=Signal::derive(move || now().map(|status| t.status(status).to_owned()))
            on_clear=move |()| set(Choice::Any)
        >
            {Status::ALL
                .iter()
                .map(|&status| {
                    view! {
                        <MenuItem checked=now() == Some(status) on_pick=move |()| set(Choice::Is(status))>
                            <StatusMark status=status/>
                        </MenuItem>
                    }
                })
                .collect_view()}
        </Filter>
    }
    .into_any()
}

#[component]
fn KindFilter(query: Memo<TicketQuery>, change: Change) -> impl IntoView {
    let t = use_text();
    let kinds = StoredValue::new(use_meta().types.clone());
    let now = move || query.with(|query| query.kind.clone().value());
    let set = move |kind: Choice<String>| change.make(Step::Push, |next| next.kind = kind);
    view! {
        <Filter
            name=t.kind_word
            value=Signal::derive(move || now().map(|kind| t.kind(&kind).to_owned()))
            on_clear=move |()| set(Choice::Any)
        >
            {kinds
                .get_value()
                .into_iter()
                .map(|kind| {
                    let word = t.kind(&kind).to_owned();
                    let checked = now().as_deref() == Some(kind.as_str());
                    view! {
                        <MenuItem checked=checked on_pick=move |()| set(Choice::Is(kind.clone()))>{word}</MenuItem>
                    }
                })
                .collect_view()}
        </Filter>
    }
    .into_any()
}

#[component]
fn PriorityFilter(query: Memo<TicketQuery>, change: Change) -> impl IntoView {
    let t = use_text();
    let now = move || query.with(|query| query.priority.value());
    let set = move |priority: Choice<Priority>| change.make(Step::Push, |next| next.priority = priority);
    view! {
        <Filter
            name=t.priority_word
            value=Signal::derive(move || now().map(|priority| t.priority(priority).to_owned()))
            on_clear=move |()| set(Choice::Any)
        >
            {Priority::ALL
                .iter()
                .map(|&priority| {
                    view! {
                        <MenuItem checked=now() == Some(priority) on_pick=move |()| set(Choice::Is(priority))>
                            <PriorityMark priority=priority/>
                        </MenuItem>
                    }
                })
                .collect_view()}
        </Filter>
    }
    .into_any()
}

#[component]
fn AssigneeFilterMenu(query: Memo<TicketQuery>, change: Change, agents: Memo<Vec<Agent>>) -> impl IntoView {
    let t = use_text();
    let now = move || query.with(|query| query.assignee.clone());
    let set = move |filter: AssigneeFilter| change.make(Step::Push, |next| next.assignee = filter);
    // By id in the address: names change and repeat.
    let name_of = move |key: String| {
        agents
            .with(|all| {
                all.iter()
                    .find(|agent| agent.id.to_string() == key)
                    .map(|a| a.name.clone())
            })
            .unwrap_or(key)
    };
    let value = move || match now() {
        AssigneeFilter::Any => None,
        AssigneeFilter::Nobody => Some(t.unassigned.to_owned()),
        AssigneeFilter::Me => Some(t.tickets.list.me.to_owned()),
        AssigneeFilter::Named(key) => Some(name_of(key)),
    };
    let item = move |filter: AssigneeFilter, content: AnyView| {
        let checked = now() == filter;
        view! { <MenuItem checked=checked on_pick=move |()| set(filter.clone())>{content}</MenuItem> }
    };
    view! {
        <Filter
            name=t.assignee_word
            value=Signal::derive(value)
            on_clear=move |()| set(AssigneeFilter::Any)
        >
            {item(AssigneeFilter::Me, view! { {icon(Icon::User)} {t.tickets.list.me} }.into_any())}
            {item(AssigneeFilter::Nobody, view! { {icon(Icon::UserOff)} {t.unassigned} }.into_any())}
            <MenuLine/>
            {move || {
                agents
                    .get()
                    .into_iter()
                    .filter(|agent| !agent.me)
                    .map(|agent| {
                        let name = agent.name.clone();
                        let content = view! {
                            <Avatar name=name.clone() size=AvatarSize::Tiny/>
                            <span class="truncate">{name}</span>
                        };
                        item(AssigneeFilter::Named(agent.id.to_string()), content.into_any())
                    })
                    .collect_view()
            }}
        </Filter>
    }
    .into_any()
}

#[component]
fn RangeFilter(query: Memo<TicketQuery>, change: Change) -> impl IntoView {
    let t = use_text();
    let clock = use_clock();
    let set = move |(from, to): range::Range| {
        change.make(Step::Push, |next| {
            next.from = from;
            next.to = to;
        });
    };
    let now = Signal::derive(move || query.with(range::of));
    view! {
        <Filter
            name=t.tickets.range.title
            form=true
            value=Signal::derive(move || range::words(&now.get(), clock))
            on_clear=move |()| set((None, None))
        >
            <RangeChoice current=now on_pick=set/>
        </Filter>
    }
    .into_any()
}

#[component]
fn Order(query: Memo<TicketQuery>, change: Change) -> impl IntoView {
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
        query
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
    view! { <Select label=t.tickets.list.order options=options value=Signal::derive(value) on_pick=pick/> }
}
