//! The accounts of agents and customers: find, create, change, deactivate.

mod actions;
mod editor;
mod filters;
mod reset;
mod table;

use leptos::prelude::*;
use shared::users::{ListUsers, User, UserPage, UserQuery};

use crate::{
    components::{
        button::{Button, Look},
        empty::{Art, Empty, ErrorState},
        icon::Icon,
        pager::ListFoot,
        skeleton::SkeletonRows,
    },
    dom,
    fetch::load,
    paths,
    query::{self, use_query},
    reactive::optional,
    text::{fill, use_text},
};
use actions::{Actions, Dialogs};
use filters::Filters;
use table::UserTable;

/// The page; search, filters and page are part of its address.
#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.users().title.to_owned());
    let query = use_query::<UserQuery>();
    let loaded = load(ListUsers, move || ((), query.get()));
    let actions = Actions::new(Callback::new(move |()| loaded.reload()));

    let count = move || {
        loaded
            .data()
            .with(|page| page.as_ref().map(|page| t.users().count.of(page.total)))
    };
    let body = loaded.view(
        || view! { <SkeletonRows rows=8/> }.into_any(),
        move |error, retry| {
            view! { <ErrorState title=t.users().failed error=error on_retry=retry/> }.into_any()
        },
        move |page: UserPage| match page.users.is_empty() {
            true => nobody(&query.get_untracked(), actions),
            false => view! { <UserTable users=page.users actions=actions/> }.into_any(),
        },
    );
    let foot = optional(move || {
        let asked = query.get();
        loaded
            .data()
            .get()
            .filter(|page| page.total > 0)
            .map(|page| view! { <Foot page=page asked=asked/> })
    });
    view! {
        <section class="listpage users" aria-labelledby="users-title">
            <header class="pane-head">
                <h1 id="users-title">{t.users().title} <span class="count">{move || count()}</span></h1>
                <span class="push"></span>
                <Button look=Look::Primary glyph=Icon::Plus on_click=move |()| actions.create()>
                    {t.users().new}
                </Button>
            </header>
            <Filters query=query/>
            <div class="scroll" aria-busy=move || loaded.is_busy().to_string()>{body}</div>
            {foot}
        </section>
        <Dialogs actions=actions/>
    }
}

/// Nobody yet, or nobody who fits.
fn nobody(query: &UserQuery, actions: Actions) -> AnyView {
    let t = use_text();
    if *query == UserQuery::default() {
        return view! {
            <Empty art=Art::Paper title=t.users().empty text=t.users().empty_text>
                <Button look=Look::Primary on_click=move |()| actions.create()>{t.users().new}</Button>
            </Empty>
        }
        .into_any();
    }
    let title = match &query.q {
        Some(q) => fill(t.users().no_match_named, &[("q", q)]),
        None => t.users().no_match.to_owned(),
    };
    view! {
        <Empty art=Art::Search title=title text=t.users().no_match_text>
            <crate::components::button::LinkButton href=paths::ADMIN_USERS>
                {t.clear_filters}
            </crate::components::button::LinkButton>
        </Empty>
    }
    .into_any()
}

#[component]
fn Foot(page: UserPage, asked: UserQuery) -> impl IntoView {
    let href = move |n: u32| {
        query::href(
            paths::ADMIN_USERS,
            &UserQuery {
                page: (n > 1).then_some(n),
                ..asked.clone()
            },
        )
    };
    view! {
        <ListFoot
            page=page.page
            per_page=page.per_page
            total=page.total
            shown=page.users.len()
            href=href
        />
    }
}

/// What to call somebody in a sentence.
fn name_of(user: &User) -> String {
    user.display_name().to_owned()
}
