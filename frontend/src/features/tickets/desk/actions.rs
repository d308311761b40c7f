//! What an agent does with a ticket: shown at once, settled with the server later, with a way back.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    ErrorCode, Priority, Status,
    tickets::{
        AssignTicket, AssigneeRef, Assignment, Batch, BatchAction, BatchTickets, CloseTicket, Closing,
        SetStatus, StatusChange, Ticket,
    },
};

use crate::{
    api::ApiError,
    features::tickets::{
        agents::{Agent, use_agents, use_me},
        conversation::Conversation,
    },
    reactive::{Memo, RwSignal, StoredValue},
    text::{fill, use_text},
};

/// The actions on one ticket.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub(super) conversation: Conversation,
    pub(super) agents: Memo<Vec<Agent>>,
    me: StoredValue<Option<Agent>>,
    /// Is the dialog open that asks what solved it?
    pub(super) asking: RwSignal<bool>,
    /// The end it asks for.
    pub(super) ending: RwSignal<Status>,
    /// Is the dialog open that asks before the guest links end?
    pub(super) revoking: RwSignal<bool>,
}

impl Desk {
    pub(super) fn new(conversation: Conversation) -> Self {
        Self {
            conversation,
            agents: use_agents(),
            me: StoredValue::new(use_me()),
            asking: RwSignal::new(false),
            ending: RwSignal::new(Status::Closed),
            revoking: RwSignal::new(false),
        }
    }

    fn ticket(self) -> Ticket {
        self.conversation
            .thread()
            .with_untracked(|thread| thread.ticket.clone())
    }

    /// Goes to a status; the two ends ask what solved it first.
    pub(super) fn go(self, to: Status) {
        match to {
            Status::Pending | Status::Processing => self.set_status(to, true),
            Status::Resolved | Status::Closed => self.ask_result(to),
        }
    }

    /// Opens the dialog for an end, if the ticket may go there.
    pub(super) fn ask_result(self, to: Status) {
        if self.ticket().status.can_become(to) {
            self.ending.set(to);
            self.asking.set(true);
        }
    }

    fn set_status(self, to: Status, with_undo: bool) {
        let from = self.ticket().status;
        self.conversation.pretend(|ticket| ticket.status = to);
        spawn_local(async move {
            let change = StatusChange {
                status: Some(to),
                resolution: None,
            };
            let answer = self
                .conversation
                .api()
                .call(SetStatus, self.conversation.id.into(), change)
                .await;
            let Some(answer) = self.settled(answer, |ticket| ticket.status = from) else {
                return;
            };
            self.conversation.adopt(&answer.ticket);
            self.say(
                fill(
                    use_text().tickets.desk.status_set,
                    &[("status", &use_text().status(to))],
                ),
                {
                    let back = with_undo && to.can_become(from) && from.is_open();
                    back.then(|| Callback::new(move |()| self.set_status(from, false)))
                },
            );
        });
    }

    /// Solved or closed, with the words for the customer.
    pub(super) async fn finish(self, to: Status, resolution: Option<String>) -> Result<(), ApiError> {
        let (api, id) = (self.conversation.api(), self.conversation.id);
        let answer = match to {
            Status::Closed => api.call(CloseTicket, id.into(), Closing { resolution }).await?,
            _ => {
                api.call(
                    SetStatus,
                    id.into(),
                    StatusChange {
                        status: Some(to),
                        resolution,
                    },
                )
                .await?
            }
        };
        if !self.asking.is_disposed() {
            self.conversation.adopt(&answer.ticket);
            self.say(
                fill(
                    use_text().tickets.desk.status_set,
                    &[("status", &use_text().status(to))],
                ),
                None,
            );
        }
        Ok(())
    }

    /// Gives the ticket to oneself.
    pub(super) fn take(self) {
        if let Some(me) = self.me.get_value() {
            self.assign(Some(me), true);
        }
    }

    /// Gives the ticket to an agent, or to nobody.
    pub(super) fn assign(self, to: Option<Agent>, with_undo: bool) {
        let old = self.ticket();
        if old.assignee_id == to.as_ref().map(|agent| agent.id) && old.assignee.is_some() == to.is_some() {
            return;
        }
        let shown = to.clone();
        self.conversation.pretend(|ticket| {
            ticket.assignee = shown.as_ref().map(|agent| agent.name.clone());
            ticket.assignee_id = shown.as_ref().map(|agent| agent.id);
        });
        spawn_local(async move {
            let assignee = Some(to.as_ref().map(|agent| AssigneeRef::Id(agent.id)));
            let call = self.conversation.api().call(
                AssignTicket,
                self.conversation.id.into(),
                Assignment { assignee },
            );
            let answer = call.await;
            let before = (old.assignee.clone(), old.assignee_id);
            let put_back = |ticket: &mut Ticket| (ticket.assignee, ticket.assignee_id) = before;
            let Some(answer) = self.settled(answer, put_back) else {
                return;
            };
            self.conversation.adopt(&answer.ticket);
            let t = &use_text().tickets.desk;
            let words = match &to {
                Some(agent) if agent.me => t.taken.to_owned(),
                Some(agent) => fill(t.assigned, &[("name", &agent.name)]),
                None => t.unassigned.to_owned(),
            };
            let old_agent = self
                .agents
                .with_untracked(|all| all.iter().find(|a| Some(a.id) == old.assignee_id).cloned());
            // A name of the old system is nobody who could get it back.
            let back = with_undo && (old_agent.is_some() || old.assignee.is_none());
            self.say(
                words,
                back.then(|| Callback::new(move |()| self.assign(old_agent.clone(), false))),
            );
        });
    }

    /// Makes it more or less urgent.
    pub(super) fn set_priority(self, to: Priority, with_undo: bool) {
        let from = self.ticket().priority;
        if from == to {
            return;
        }
        self.conversation.pretend(|ticket| ticket.priority = to);
        spawn_local(async move {
            let batch = Batch {
                ids: vec![self.conversation.id],
                action: BatchAction::Priority { priority: to },
            };
            let answer = self.conversation.api().call(BatchTickets, (), batch).await;
            let Some(done) = self.settled(answer, |ticket| ticket.priority = from) else {
                return;
            };
            if let Some(failed) = done.results.into_iter().find(|result| !result.success) {
                self.conversation.pretend(|ticket| ticket.priority = from);
                return self
                    .conversation
                    .toasts()
                    .warn(failed.message.unwrap_or_default());
            }
            self.conversation.refetch();
            let t = use_text();
            self.say(
                fill(t.tickets.desk.priority_set, &[("priority", &t.priority(to))]),
                with_undo.then(|| Callback::new(move |()| self.set_priority(from, false))),
            );
        });
    }

    /// An answer, or the old value back with the reason.
    fn settled<T>(self, answer: Result<T, ApiError>, put_back: impl FnOnce(&mut Ticket)) -> Option<T> {
        if self.asking.is_disposed() {
            return None;
        }
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.conversation.pretend(put_back);
                self.conversation.toasts().failed(&error);
                if error.code() == Some(ErrorCode::TransitionNotAllowed) {
                    self.conversation.refetch();
                }
                None
            }
        }
    }

    fn say(self, words: String, undo: Option<Callback<()>>) {
        match undo {
            Some(undo) => self.conversation.toasts().undoable(words, undo),
            None => self.conversation.toasts().done(words),
        }
    }
}
