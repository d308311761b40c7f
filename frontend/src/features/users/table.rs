//! The accounts as a table; on phones each row becomes a card.

use leptos::prelude::*;
use shared::{Role, users::User};

use super::{actions::Actions, name_of};
use crate::{
    components::{
        avatar::Avatar,
        icon::{Icon, icon},
        menu::{Menu, MenuItem, MenuLine},
        time::Moment,
    },
    reactive::StoredValue,
    session::use_session,
    text::{fill, use_text},
    time::Style,
};

/// The table.
#[component]
pub(crate) fn UserTable(users: Vec<User>, actions: Actions) -> impl IntoView {
    let t = use_text();
    let rows = users
        .into_iter()
        .map(|user| view! { <Row user=user actions=actions/> })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <table class="table">
            <caption class="sr-only">{t.users().title}</caption>
            <thead>
                <tr>
                    <th scope="col">{t.users().person}</th>
                    <th scope="col">{t.users().role}</th>
                    <th scope="col">{t.users().contact}</th>
                    <th scope="col">{t.users().state}</th>
                    <th scope="col" class="end">{t.users().last_login}</th>
                    <th scope="col"><span class="sr-only">{t.more_actions}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(user: User, actions: Actions) -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let me = untrack(|| session.user()).is_some_and(|me| me.id == user.id);
    let name = name_of(&user);
    let contact = match (&user.email, &user.phone) {
        (None, None) => view! { <span class="muted">"—"</span> }.into_any(),
        (email, phone) => view! {
            <span class="truncate">{email.clone().or_else(|| phone.clone())}</span>
            {email.as_ref().and(phone.clone()).map(|phone| view! { <small>{phone}</small> })}
        }
        .into_any(),
    };
    let state = match (user.is_active, user.must_change_password) {
        (false, _) => view! { <span class="chip">{t.users().inactive}</span> }.into_any(),
        (true, true) => view! { <span class="chip chip--warn">{t.users().must_change}</span> }.into_any(),
        (true, false) => view! { <span class="muted">{t.users().active}</span> }.into_any(),
    };
    let login = match user.last_login.clone() {
        Some(at) => view! { <Moment at=at style=Style::Long/> }.into_any(),
        None => view! { <span>{t.users().never}</span> }.into_any(),
    };
    let inactive = (!user.is_active).then_some("");
    let username = Some(user.username.clone()).filter(|username| *username != name);
    view! {
        <tr data-inactive=inactive>
            <td class="users-who">
                <span class="who">
                    <Avatar name=name.clone()/>
                    <span class="cell-pair">
                        <span class="truncate">
                            {name} {me.then(|| view! { <span class="chip">{t.users().you}</span> })}
                        </span>
                        {username.map(|username| view! { <small class="truncate">{username}</small> })}
                    </span>
                </span>
            </td>
            <td class="users-role">{t.role(user.role)}</td>
            <td class="users-contact"><span class="cell-pair">{contact}</span></td>
            <td class="users-state">{state}</td>
            <td class="users-login end muted">{login}</td>
            <td class="users-menu end">
                <RowMenu user=user me=me actions=actions/>
            </td>
        </tr>
    }
    .into_any()
}

/// Nobody can deactivate himself; an agent's own password has its own page.
#[component]
fn RowMenu(user: User, me: bool, actions: Actions) -> impl IntoView {
    let t = use_text();
    let label = fill(t.users().actions_of, &[("name", &name_of(&user))]);
    let user = StoredValue::new(user);
    let is_active = user.with_value(|user| user.is_active);
    let others = move || {
        view! {
            <MenuItem glyph=Icon::Lock on_pick=move |()| actions.reset(user.get_value())>
                {t.users().reset}
            </MenuItem>
            <MenuLine/>
            {if is_active {
                view! {
                    <MenuItem
                        glyph=Icon::UserOff
                        danger=true
                        on_pick=move |()| actions.deactivate(user.get_value())
                    >
                        {t.users().deactivate}
                    </MenuItem>
                }
                    .into_any()
            } else {
                view! {
                    <MenuItem glyph=Icon::UserPlus on_pick=move |()| actions.activate(user.get_value())>
                        {t.users().activate}
                    </MenuItem>
                }
                    .into_any()
            }}
        }
    };
    view! {
        <Menu label=label class="btn btn--ghost btn--icon" trigger=|| icon(Icon::More)>
            <MenuItem glyph=Icon::Edit on_pick=move |()| actions.edit(user.get_value())>
                {t.users().edit}
            </MenuItem>
            {(!me).then(others)}
        </Menu>
    }
    .into_any()
}

/// The roles as options of a form.
pub(crate) fn role_options() -> Vec<(String, String)> {
    let t = use_text();
    Role::ALL
        .iter()
        .map(|role| (role.as_str().to_owned(), t.role(*role).to_owned()))
        .collect()
}
