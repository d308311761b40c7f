//! The agents' queues: saved questions to the ticket list, and how many tickets each would show.

use gloo_timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use shared::{
    Priority, Status, UserId,
    live::ServerEvent,
    statistics::{GetStatistics, Statistics, StatisticsQuery},
    tickets::{AssigneeFilter, Choice, ListTickets, Sort, TicketQuery},
};

use crate::{
    api::use_api,
    live::use_live,
    paths, query,
    reactive::{RwSignal, StoredValue},
    session::use_session,
};

/// How long changes are gathered before the counts are asked for again.
const GATHER_MS: u32 = 3_000;

/// A queue of the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    Mine,
    Unassigned,
    All,
    Standing(Status),
    Urgent,
}

impl Queue {
    /// What it asks the list.
    pub(crate) fn query(self) -> TicketQuery {
        let any = TicketQuery::default();
        match self {
            Self::Mine => TicketQuery {
                assignee: AssigneeFilter::Me,
                sort: Choice::Is(Sort::Updated),
                ..any
            },
            Self::Unassigned => TicketQuery {
                assignee: AssigneeFilter::Nobody,
                status: Choice::Is(Status::Pending),
                ..any
            },
            Self::All => any,
            Self::Standing(status) => TicketQuery {
                status: Choice::Is(status),
                ..any
            },
            Self::Urgent => TicketQuery {
                priority: Choice::Is(Priority::High),
                ..any
            },
        }
    }

    /// Its address.
    pub(crate) fn href(self) -> String {
        query::href(paths::ADMIN_TICKETS, &self.query())
    }

    /// Is a question this queue's? Page and order do not matter.
    pub(crate) fn holds(self, asked: &TicketQuery) -> bool {
        let bare = |query: TicketQuery| TicketQuery {
            sort: Choice::Any,
            page: None,
            per_page: None,
            ..query
        };
        bare(self.query()) == bare(asked.clone())
    }
}

/// The numbers behind the queues.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Counts {
    statistics: Option<Statistics>,
    unassigned: Option<i64>,
    me: Option<UserId>,
}

impl Counts {
    /// How many tickets a queue holds, once known; of one's own only those with work left.
    pub(crate) fn of(&self, queue: Queue) -> Option<i64> {
        let all = self.statistics.as_ref()?;
        match queue {
            Queue::Mine => Some(
                all.by_agent
                    .iter()
                    .find(|agent| agent.id == self.me)
                    .map_or(0, |agent| agent.open),
            ),
            Queue::Unassigned => self.unassigned,
            Queue::All => Some(all.total_tickets),
            Queue::Standing(Status::Pending) => Some(all.pending),
            Queue::Standing(Status::Processing) => Some(all.processing),
            Queue::Standing(Status::Resolved) => Some(all.resolved),
            Queue::Standing(Status::Closed) => Some(all.closed),
            Queue::Urgent => {
                let high = all
                    .by_priority
                    .iter()
                    .find(|entry| entry.name.parse() == Ok(Priority::High));
                Some(high.map_or(0, |entry| entry.count))
            }
        }
    }
}

/// The counts, kept fresh by the events of the list. They change without animation and failing to get them is silent:
/// the queues work without.
pub(crate) fn use_counts() -> RwSignal<Counts> {
    let api = use_api();
    let session = use_session();
    let me = untrack(|| session.user()).map(|user| user.id);
    let counts = RwSignal::new(Counts {
        me,
        ..Counts::default()
    });
    let ask = move || {
        spawn_local(async move {
            let nobody = TicketQuery {
                per_page: Some(1),
                ..Queue::Unassigned.query()
            };
            let statistics = api.call(GetStatistics, (), StatisticsQuery::default()).await.ok();
            let unassigned = api
                .call(ListTickets, (), nobody)
                .await
                .ok()
                .map(|page| page.total);
            counts.try_update(|counts| {
                counts.statistics = statistics.or(counts.statistics.take());
                counts.unassigned = unassigned.or(counts.unassigned);
            });
        });
    };
    ask();
    let gathering = StoredValue::new(None::<Timeout>);
    use_live().listen(move |event| {
        let changes = matches!(
            event,
            ServerEvent::Welcome(_) | ServerEvent::TicketCreated(_) | ServerEvent::TicketUpdated(_)
        );
        if changes && gathering.with_value(Option::is_none) {
            gathering.set_value(Some(Timeout::new(GATHER_MS, move || {
                gathering.set_value(None);
                ask();
            })));
        }
    });
    on_cleanup(move || {
        gathering.set_value(None);
    });
    counts
}
