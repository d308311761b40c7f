//! Who did how much, and how fast the first answer came.

use leptos::prelude::*;
use shared::{
    statistics::AgentCount,
    tickets::{AssigneeFilter, TicketQuery},
};

use super::list;
use crate::{components::avatar::Person, number, text::use_text, time::duration};

/// The table; nothing where no ticket has an agent.
#[component]
pub(crate) fn AgentTable(agents: Vec<AgentCount>, range: TicketQuery) -> impl IntoView {
    let t = use_text();
    if agents.is_empty() {
        return ().into_any();
    }
    let most = agents.iter().map(|agent| agent.done).max().unwrap_or(0).max(1);
    let rows = agents
        .into_iter()
        .map(|agent| {
            let who = agent.id.map_or_else(|| agent.name.clone(), |id| id.to_string());
            let href = list(&TicketQuery {
                assignee: AssigneeFilter::Named(who),
                ..range.clone()
            });
            let share = format!("{}%", number::percent(agent.done, most));
            let response = agent
                .avg_response_seconds
                .map_or_else(|| "–".to_owned(), |s| duration(t, s as i64));
            view! {
                <tr>
                    <th scope="row">
                        <a href=href>
                            <Person name=agent.name/>
                        </a>
                    </th>
                    <td class="end">{number::grouped(agent.total)}</td>
                    <td class="end">{number::grouped(agent.open)}</td>
                    <td class="end">{number::grouped(agent.done)}</td>
                    <td class="agents-bar wide-only">
                        <i style=("--v", share) aria-hidden="true"></i>
                    </td>
                    <td class="end">{response}</td>
                </tr>
            }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <section class="card chart report-wide" aria-labelledby="by-agent">
            <header>
                <h2 id="by-agent">{t.statistics().by_agent}</h2>
            </header>
            <div class="agents-scroll">
                <table class="table agents">
                    <caption class="sr-only">{t.statistics().by_agent}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t.agent}</th>
                            <th scope="col" class="end">{t.statistics().total}</th>
                            <th scope="col" class="end">{t.statistics().open}</th>
                            <th scope="col" class="end">{t.statistics().done}</th>
                            <td class="wide-only"></td>
                            <th scope="col" class="end">{t.statistics().first_response}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
