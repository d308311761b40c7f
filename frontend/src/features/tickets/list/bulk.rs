//! The bar above a selection: one action on many tickets, and plain words about what did not work.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Priority, Status, TicketId,
    check::limit,
    tickets::{AssigneeRef, Batch, BatchAction, BatchDone, BatchTickets, TicketPage, TicketSummary},
};

use super::{
    closing::Closing,
    selection::{Selection, Share},
};
use crate::reactive::{Memo, RwSignal, handler, memo, optional};
use crate::{
    api::{Api, use_api},
    components::{
        button::{Button, IconButton, Look},
        icon::{Icon, icon},
        mark::{PriorityMark, StatusMark},
        menu::{Menu, MenuItem, MenuLine},
        toast::{Toasts, use_toasts},
    },
    features::tickets::{agents::Agent, desk::AgentItems},
    fetch::Loaded,
    text::{Counted, fill, use_text},
};

/// How many failures are named.
const NAMED: usize = 3;

/// The actions on the selection.
#[derive(Clone, Copy)]
pub(super) struct Bulk {
    pub(super) selection: Selection,
    loaded: Loaded<TicketPage>,
    pub(super) busy: RwSignal<bool>,
    pub(super) closing: RwSignal<bool>,
    api: Api,
    toasts: Toasts,
}

impl Bulk {
    /// Runs an action on the selection; `done` counts in words what was done.
    fn run(self, action: BatchAction, done: Counted) {
        if self.busy.get_untracked() {
            return;
        }
        spawn_local(async move {
            let undo = self.way_back(&action);
            self.carry(action, done, undo).await;
        });
    }

    /// The same, and the answer whether the server took it at all.
    pub(super) async fn carry(self, action: BatchAction, done: Counted, undo: Vec<Batch>) -> bool {
        let tickets = self.selection.tickets();
        let ids: Vec<TicketId> = tickets
            .iter()
            .map(|ticket| ticket.id)
            .take(limit::BATCH)
            .collect();
        self.busy.set(true);
        let answer = self.api.call(BatchTickets, (), Batch { ids, action }).await;
        if !self.busy.try_set(false) {
            return true;
        }
        match answer {
            Ok(answer) => {
                self.tell(&answer, done, &tickets, undo);
                // What failed stays selected.
                self.selection.keep(
                    answer
                        .results
                        .iter()
                        .filter(|r| !r.success)
                        .map(|r| r.id)
                        .collect(),
                );
                self.loaded.reload();
                true
            }
            Err(error) => {
                self.toasts.failed(&error);
                false
            }
        }
    }

    fn tell(self, answer: &BatchDone, done: Counted, tickets: &[TicketSummary], undo: Vec<Batch>) {
        let t = use_text();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let words = done.of(count(answer.succeeded));
        if answer.failed == 0 {
            return if undo.is_empty() {
                self.toasts.done(words)
            } else {
                self.toasts
                    .undoable(words, Callback::new(move |()| self.undo(undo.clone())))
            };
        }
        let named = answer
            .results
            .iter()
            .filter(|result| !result.success)
            .take(NAMED)
            .map(|result| {
                let ticket = tickets.iter().find(|ticket| ticket.id == result.id);
                let number =
                    ticket.map_or_else(|| result.id.to_string(), |ticket| ticket.ticket_number.clone());
                fill(
                    t.tickets.list.failed_one,
                    &[
                        ("number", &number),
                        ("why", &result.message.as_deref().unwrap_or("")),
                    ],
                )
            });
        let failures = named.collect::<Vec<_>>().join(t.tickets.list.failed_join);
        let failed = t.tickets.list.failed_some.of(count(answer.failed));
        self.toasts.warn(fill(
            t.tickets.list.partly,
            &[("done", &words), ("failed", &failed), ("which", &failures)],
        ));
    }

    /// What would put everything back, one batch for each old value. Statuses mail people: they have no way back.
    fn way_back(self, action: &BatchAction) -> Vec<Batch> {
        let mut back: Vec<Batch> = Vec::new();
        for ticket in self.selection.tickets() {
            let action = match action {
                BatchAction::Priority { .. } => BatchAction::Priority {
                    priority: ticket.priority,
                },
                // A name of the old system is nobody who could get it back.
                BatchAction::Assign { .. } if ticket.assignee.is_some() && ticket.assignee_id.is_none() => {
                    return Vec::new();
                }
                BatchAction::Assign { .. } => BatchAction::Assign {
                    assignee: ticket.assignee_id.map(AssigneeRef::Id),
                },
                BatchAction::Status { .. } | BatchAction::Close { .. } => return Vec::new(),
            };
            match back.iter_mut().find(|batch| batch.action == action) {
                Some(batch) => batch.ids.push(ticket.id),
                None => back.push(Batch {
                    ids: vec![ticket.id],
                    action,
                }),
            }
        }
        back
    }

    fn undo(self, batches: Vec<Batch>) {
        spawn_local(async move {
            for batch in batches {
                if let Err(error) = self.api.call(BatchTickets, (), batch).await {
                    self.toasts.failed(&error);
                }
            }
            self.loaded.reload();
        });
    }
}

/// The bar; there while anything is selected, in the place of the filters.
#[component]
pub(super) fn BulkBar(
    selection: Selection,
    agents: Memo<Vec<Agent>>,
    loaded: Loaded<TicketPage>,
) -> impl IntoView {
    let bulk = Bulk {
        selection,
        loaded,
        busy: RwSignal::new(false),
        closing: RwSignal::new(false),
        api: use_api(),
        toasts: use_toasts(),
    };
    let any = memo(move || selection.len() > 0);
    view! {
        {optional(move || any.get().then(|| view! { <Bar bulk=bulk agents=agents/> }))}
        <Closing bulk=bulk/>
    }
    .into_any()
}

#[component]
fn Bar(bulk: Bulk, agents: Memo<Vec<Agent>>) -> impl IntoView {
    let t = use_text();
    let list = &t.tickets.list;
    let selection = bulk.selection;
    let share = memo(move || selection.share());
    let count = move || {
        list.selected
            .of(i64::try_from(selection.len()).unwrap_or(i64::MAX))
    };
    let assign =
        move |assignee: Option<AssigneeRef>| bulk.run(BatchAction::Assign { assignee }, list.assigned);
    let word = |glyph: Icon, word: &'static str, key: &'static str| move || view! { {icon(glyph)} {word} <span class="kbd wide-only" aria-hidden="true">{key}</span> };
    view! {
        <div class="bulk" role="toolbar" aria-label=list.bulk aria-busy=move || bulk.busy.get().then_some("true")>
            <label class="check">
                <input
                    type="checkbox"
                    aria-label=list.select_page
                    prop:checked=move || share.get() == Share::All
                    prop:indeterminate=move || share.get() == Share::Some
                    on:change=handler(move |_| selection.toggle_all())
                />
            </label>
            <span class="bulk-n" aria-live="polite">{move || count()}</span>
            <Menu class="btn btn--ghost bulk-assign" trigger=word(Icon::UserPlus, list.assign, "A")>
                <AgentItems agents=agents on_pick=move |agent: Agent| assign(Some(AssigneeRef::Id(agent.id)))/>
                <MenuLine/>
                <MenuItem glyph=Icon::UserOff on_pick=move |()| assign(None)>{t.tickets.desk.unassign}</MenuItem>
            </Menu>
            <Menu class="btn btn--ghost bulk-status" trigger=word(Icon::Done, t.status_word, "S")>
                {[Status::Pending, Status::Processing, Status::Resolved]
                    .map(|status| {
                        let set = move |()| bulk.run(BatchAction::Status { status }, list.status_set);
                        view! { <MenuItem on_pick=set><StatusMark status=status/></MenuItem> }
                    })
                    .into_iter().map(IntoAny::into_any).collect::<Vec<_>>()}
            </Menu>
            <Menu class="btn btn--ghost bulk-priority" trigger=word(Icon::Flag, t.priority_word, "P")>
                {Priority::ALL
                    .iter()
                    .map(|&priority| {
                        let set = move |()| bulk.run(BatchAction::Priority { priority }, list.priority_set);
                        view! { <MenuItem on_pick=set><PriorityMark priority=priority/></MenuItem> }
                    })
                    .map(IntoAny::into_any).collect::<Vec<_>>()}
            </Menu>
            <span class="vr" aria-hidden="true"></span>
            <Button look=Look::Ghost glyph=Icon::Archive on_click=move |()| bulk.closing.set(true)>
                {list.close}
            </Button>
            <span class="push"></span>
            <IconButton glyph=Icon::Cross label=list.deselect on_click=move |()| selection.clear()/>
        </div>
    }
    .into_any()
}
