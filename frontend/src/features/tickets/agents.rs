//! The agents that a ticket can be given to.

use leptos::prelude::*;
use shared::{
    Role, UserId,
    tickets::Choice,
    users::{ListUsers, User, UserQuery},
};

use crate::{
    fetch::load,
    reactive::{Memo, memo},
    session::use_session,
};

/// An agent in a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Agent {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) me: bool,
}

impl Agent {
    fn of(user: &User, me: Option<UserId>) -> Self {
        Self {
            id: user.id,
            name: user.display_name().to_owned(),
            me: Some(user.id) == me,
        }
    }
}

/// The active agents, oneself first; empty until they are known.
pub(super) fn use_agents() -> Memo<Vec<Agent>> {
    let me = untrack(|| use_session().user()).map(|user| user.id);
    let active = UserQuery {
        role: Choice::Is(Role::Admin),
        active: Some(true),
        per_page: Some(shared::check::limit::PER_PAGE),
        ..UserQuery::default()
    };
    let loaded = load(ListUsers, move || ((), active.clone()));
    memo(move || {
        let mut agents: Vec<Agent> = Vec::new();
        loaded.data().with(|page| {
            for user in page.iter().flat_map(|page| &page.users) {
                let agent = Agent::of(user, me);
                let after = |known: &Agent| (!known.me, &known.name) > (!agent.me, &agent.name);
                let at = agents.iter().position(after).unwrap_or(agents.len());
                agents.insert(at, agent);
            }
        });
        agents
    })
}

/// Oneself as an agent.
pub(super) fn use_me() -> Option<Agent> {
    let user = untrack(|| use_session().user())?;
    Some(Agent::of(&user, Some(user.id)))
}
