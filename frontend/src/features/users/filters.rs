//! The tool row above the accounts: search, role, state.

use leptos::prelude::*;
use shared::{Role, tickets::Choice, users::UserQuery};

use crate::{
    components::{search::SearchBox, select::Select},
    query::{Step, use_set_query},
    reactive::{Memo, derived},
    text::use_text,
};

/// The row; every change goes into the address and back to the first page.
#[component]
pub(crate) fn Filters(query: Memo<UserQuery>) -> impl IntoView {
    let t = use_text();
    let set = use_set_query::<UserQuery>();
    let change = move |step: Step, with: &dyn Fn(&mut UserQuery)| {
        let mut next = query.get_untracked();
        with(&mut next);
        next.page = None;
        set(&next, step);
    };
    let role = move || {
        query.with(|query| {
            query
                .role
                .value()
                .map_or_else(String::new, |role| role.as_str().to_owned())
        })
    };
    let active = move || query.with(|query| query.active.map_or_else(String::new, |on| on.to_string()));
    let searched = move || query.with(|query| query.q.clone().unwrap_or_default());
    let roles = vec![
        (String::new(), t.users().any_role.to_owned()),
        (Role::Admin.as_str().to_owned(), t.agent.to_owned()),
        (Role::Customer.as_str().to_owned(), t.customer.to_owned()),
    ];
    let states = vec![
        (String::new(), t.users().any_state.to_owned()),
        (true.to_string(), t.users().active.to_owned()),
        (false.to_string(), t.users().inactive.to_owned()),
    ];
    view! {
        <div class="toolbar">
            <SearchBox
                label=t.users().search
                placeholder=t.users().search
                value=derived(searched)
                on_search=move |text: String| {
                    change(Step::Replace, &|next| next.q = Some(text.clone()).filter(|text| !text.is_empty()));
                }
            />
            <Select
                label=t.users().role
                options=roles
                value=derived(role)
                on_pick=move |text: String| {
                    change(Step::Push, &|next| next.role = text.parse().map_or(Choice::Any, Choice::Is));
                }
            />
            <Select
                label=t.users().state
                options=states
                value=derived(active)
                on_pick=move |text: String| change(Step::Push, &|next| next.active = text.parse().ok())
            />
        </div>
    }
    .into_any()
}
