//! The menus of the panel: whose ticket it is, how urgent it is.

use leptos::prelude::*;
use shared::Priority;

use super::actions::Desk;
use crate::{
    components::{
        avatar::{Avatar, AvatarSize, Person},
        icon::{Icon, icon},
        mark::PriorityMark,
        menu::{Menu, MenuItem, MenuLine},
    },
    features::tickets::agents::Agent,
    reactive::{Memo, Signal, derived, dynamic, optional},
    text::use_text,
};

/// Whose ticket it is.
#[component]
pub(super) fn AssigneeMenu(desk: Desk) -> impl IntoView {
    let t = use_text();
    let assignee = desk.conversation.part(|ticket| ticket.assignee.clone());
    let trigger = move || {
        view! {
            <span class="sr-only">
                {move || {
                    let name = assignee.get().unwrap_or_else(|| t.unassigned.to_owned());
                    format!("{}{name}", t.tickets.desk.assignee_is)
                }}
            </span>
            <span class="prop-value" aria-hidden="true">
                {dynamic(move || match assignee.get() {
                    Some(name) => view! { <Person name=name/> }.into_any(),
                    None => view! { <span class="muted">{t.unassigned}</span> }.into_any(),
                })}
            </span>
            {icon(Icon::Down)}
        }
    };
    let agent_id = desk.conversation.part(|ticket| ticket.assignee_id);
    view! {
        <Menu class="prop desk-assign" trigger=trigger>
            <MenuItem glyph=Icon::UserPlus key="I" on_pick=move |()| desk.take()>
                {t.tickets.desk.take}
            </MenuItem>
            <MenuLine/>
            <AgentItems
                agents=desk.agents
                current=derived(move || agent_id.get().map(|id| id.0))
                on_pick=move |agent| desk.assign(Some(agent), true)
            />
            {optional(move || {
                assignee
                    .get()
                    .map(|_| {
                        view! {
                            <MenuLine/>
                            <MenuItem glyph=Icon::UserOff on_pick=move |()| desk.assign(None, true)>
                                {t.tickets.desk.unassign}
                            </MenuItem>
                        }
                    })
            })}
        </Menu>
    }
    .into_any()
}

/// The agents, one item each.
#[component]
pub(in super::super) fn AgentItems(
    agents: Memo<Vec<Agent>>,
    /// The id of the one who has it now.
    #[prop(optional, into)]
    current: Signal<Option<i32>>,
    #[prop(into)] on_pick: Callback<Agent>,
) -> impl IntoView {
    let t = use_text();
    dynamic(move || {
        let now = current.get_untracked();
        agents
            .get()
            .into_iter()
            .map(|agent| {
                let has_it = now == Some(agent.id.0);
                let (name, me) = (agent.name.clone(), agent.me);
                view! {
                    <MenuItem on_pick=move |()| on_pick.run(agent.clone())>
                        <Avatar name=name.clone() size=AvatarSize::Small/>
                        <span class="truncate">{name}</span>
                        {me.then(|| view! { <span class="muted">{t.tickets.desk.me}</span> })}
                        {has_it.then(|| view! { <span class="menu-tick">{icon(Icon::Check)}</span> })}
                    </MenuItem>
                }
            })
            .map(IntoAny::into_any)
            .collect::<Vec<_>>()
    })
}

/// How urgent it is.
#[component]
pub(super) fn PriorityMenu(desk: Desk) -> impl IntoView {
    let t = use_text();
    let priority = desk.conversation.part(|ticket| ticket.priority);
    let trigger = move || {
        view! {
            <span class="sr-only">
                {move || format!("{}{}", t.tickets.desk.priority_is, t.priority(priority.get()))}
            </span>
            <span class="prop-value" aria-hidden="true">
                {dynamic(move || view! { <PriorityMark priority=priority.get()/> })}
            </span>
            {icon(Icon::Down)}
        }
    };
    view! {
        <Menu class="prop desk-priority" trigger=trigger>
            {dynamic(move || {
                let now = priority.get();
                Priority::ALL
                    .iter()
                    .map(|&to| {
                        view! {
                            <MenuItem checked=to == now on_pick=move |()| desk.set_priority(to, true)>
                                <PriorityMark priority=to/>
                            </MenuItem>
                        }
                    })
                    .map(IntoAny::into_any).collect::<Vec<_>>()
            })}
        </Menu>
    }
    .into_any()
}
