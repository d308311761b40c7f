//! The panel: who has it, how urgent it is, the customer, the files, and what was done.

use leptos::prelude::*;
use shared::messages::Message;

use super::{
    actions::Desk,
    guests::GuestAccess,
    head::PANEL,
    menus::{AssigneeMenu, PriorityMenu},
    others::Others,
};
use crate::{
    components::{
        avatar::Avatar,
        button::{IconButton, Size},
        icon::{Icon, icon},
        time::Moment,
    },
    dom,
    features::tickets::{
        customer::{FileLines, all_files},
        log::ChangeWords,
    },
    number,
    reactive::{Signal, derived, dynamic, each, memo, optional},
    text::use_text,
};

/// The panel; on narrower screens a drawer.
#[component]
pub(super) fn Panel(desk: Desk) -> impl IntoView {
    let t = use_text();
    let kind = desk.conversation.part(|ticket| ticket.kind.clone());
    view! {
        <aside class="panel scroll" id=PANEL popover="auto" aria-label=t.tickets.info>
            <header class="panel-head">
                <h2>{t.tickets.info}</h2>
                <IconButton
                    glyph=Icon::Cross
                    label=t.tickets.desk.close_panel
                    size=Size::Small
                    on_click=move |()| {
                        if let Some(panel) = dom::by_id(PANEL) {
                            let _ = panel.hide_popover();
                        }
                    }
                />
            </header>
            <section class="sect">
                <dl class="props">
                    <dt>{t.assignee_word}</dt>
                    <dd>
                        <AssigneeMenu desk=desk/>
                    </dd>
                    <dt>{t.priority_word}</dt>
                    <dd>
                        <PriorityMenu desk=desk/>
                    </dd>
                    <dt>{t.kind_word}</dt>
                    <dd>
                        <span class="plain">{move || kind.get().map(|kind| t.kind(&kind).to_owned())}</span>
                    </dd>
                </dl>
            </section>
            <Result desk=desk/>
            <Customer desk=desk/>
            <Others desk=desk/>
            <AllFiles desk=desk/>
            <Activity desk=desk/>
        </aside>
    }
    .into_any()
}

/// A part of the panel that folds.
#[component]
pub(super) fn Section(
    title: &'static str,
    #[prop(optional, into)] count: Signal<Option<usize>>,
    children: Children,
) -> impl IntoView {
    let count = move || {
        count
            .get()
            .map(|n| number::grouped(i64::try_from(n).unwrap_or(i64::MAX)))
    };
    view! {
        <details class="sect" open>
            <summary>
                <h2>{title}</h2>
                <span class="count">{move || count()}</span>
                {icon(Icon::Down)}
            </summary>
            {children()}
        </details>
    }
    .into_any()
}

#[component]
fn Result(desk: Desk) -> impl IntoView {
    let t = use_text();
    let result = desk.conversation.part(|ticket| ticket.resolution.clone());
    optional(move || {
        result.get().filter(|text| !text.is_empty()).map(|text| {
            view! {
                <Section title=t.tickets.result>
                    <p class="result-text">{text}</p>
                </Section>
            }
        })
    })
}

#[component]
fn Customer(desk: Desk) -> impl IntoView {
    let t = use_text();
    let ticket = desk
        .conversation
        .thread()
        .with_untracked(|thread| thread.ticket.clone());
    let mail = format!("mailto:{}", ticket.customer_email);
    let phone = ticket
        .customer_phone
        .clone()
        .filter(|phone| !phone.trim().is_empty())
        .map(|phone| {
            let call = format!("tel:{}", phone.replace(' ', ""));
            view! {
                <dt>{t.tickets.form.phone}</dt>
                <dd>
                    <a class="plain" href=call rel="external">{phone}</a>
                </dd>
            }
        });
    view! {
        <Section title=t.customer>
            <p class="panel-who">
                <Avatar name=ticket.customer_name.clone()/>
                <b>{ticket.customer_name.clone()}</b>
            </p>
            <dl class="props">
                <dt>{t.tickets.form.email}</dt>
                <dd>
                    <a class="plain" href=mail rel="external" title=ticket.customer_email.clone()>
                        <span class="truncate">{ticket.customer_email.clone()}</span>
                    </a>
                </dd>
                {phone}
                <GuestAccess desk=desk/>
            </dl>
        </Section>
    }
}

#[component]
fn AllFiles(desk: Desk) -> impl IntoView {
    let t = use_text();
    let files = memo(move || desk.conversation.thread().with(all_files));
    let any = memo(move || files.with(|files| !files.is_empty()));
    optional(move || {
        any.get().then(|| {
            view! {
                <Section title=t.tickets.files.title count=derived(move || Some(files.with(Vec::len)))>
                    {dynamic(move || view! { <FileLines files=files.get()/> })}
                </Section>
            }
        })
    })
}

/// What was done, newest first.
#[component]
fn Activity(desk: Desk) -> impl IntoView {
    let t = use_text();
    let (conversation, viewer) = (desk.conversation, desk.conversation.viewer());
    let ticket = conversation
        .thread()
        .with_untracked(|thread| thread.ticket.clone());
    let keys = memo(move || {
        conversation.thread().with(|thread| {
            let all = thread
                .messages
                .iter()
                .rev()
                .filter(|message| message.is_system || message.internal);
            all.map(|message| message.id.to_string()).collect()
        })
    });
    let line = move |message: Message| {
        let at = message.created_at.clone();
        let words = if message.internal {
            let name = super::super::log::said_by(&message, &viewer);
            view! { <b>{name}</b> <span>{t.tickets.desk.wrote_note}</span> }.into_any()
        } else {
            view! { <ChangeWords message=message viewer=viewer.clone()/> }.into_any()
        };
        view! {
            <li>
                <Moment at=at/>
                <span>{words}</span>
            </li>
        }
    };
    let lines = each(keys, move |key| {
        let message = conversation.thread().with_untracked(|thread| {
            thread
                .messages
                .iter()
                .find(|message| message.id.to_string() == key)
                .cloned()
        });
        message.map(&line).into_any()
    });
    view! {
        <Section title=t.tickets.desk.activity>
            <ol class="trail">
                {lines}
                <li>
                    <Moment at=ticket.created_at/>
                    <span><b>{ticket.customer_name}</b> <span>{t.tickets.desk.submitted}</span></span>
                </li>
            </ol>
        </Section>
    }
    .into_any()
}
