//! The thread: what was said and done, oldest first, with what is on its way at the end.

mod bubble;
mod change;
mod read;
mod rows;
mod scroll;
mod unsent;
mod words;
mod writing;

use leptos::prelude::*;

use super::conversation::Conversation;
use crate::{
    components::{
        button::{Button, Look, Size},
        icon::{Icon, icon},
    },
    reactive::{Memo, NodeRef, each, handler, memo, optional},
    text::{fill, use_text},
    time::{use_clock, weekday},
};
use bubble::{Bubble, Opening};
use change::ChangeLine;
pub(super) use change::{ChangeWords, said_by};
use read::read_mark;
use rows::Row;
use scroll::Scroll;
use unsent::UnsentBubble;
use writing::Writing;

/// The thread in its scroller, with the way down to what is new, and who is writing.
#[component]
pub(super) fn Log(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let node = NodeRef::new();
    let scroll = Scroll::new(node, conversation);
    let viewer = conversation.viewer();
    let rows = memo(move || {
        let whole = !conversation.has_older().get();
        let news = conversation.news_after().get();
        conversation
            .thread()
            .with(|thread| rows::keyed(thread, &viewer, whole, news))
    });
    let keys = memo(move || rows.with(|rows| rows.iter().map(|(key, _)| key.clone()).collect()));
    let last_read = conversation.last_read();
    let said = each(keys, move |key| {
        let row = rows.with_untracked(|rows| {
            rows.iter()
                .find(|(known, _)| known == key)
                .map(|(_, row)| row.clone())
        });
        row.map(|row| draw(conversation, last_read, row)).into_any()
    });
    let outbox = conversation.outbox();
    let going = memo(move || {
        outbox
            .of(conversation.id)
            .into_iter()
            .map(|entry| entry.unsent.client_id)
            .collect::<Vec<_>>()
    });
    let unsent = each(going, move |client_id| {
        view! { <UnsentBubble conversation=conversation client_id=client_id.to_owned()/> }.into_any()
    });
    let older = optional(move || {
        conversation.has_older().get().then(|| {
            view! {
                <div class="thread-older">
                    <Button
                        look=Look::Ghost
                        size=Size::Small
                        busy=conversation.is_fetching_older()
                        on_click=move |()| conversation.fetch_older()
                    >
                        {t.tickets.log.older}
                    </Button>
                </div>
            }
        })
    });
    view! {
        <div class="log">
            <div
                class="scroll thread-wrap"
                role="log"
                tabindex="0"
                aria-label=t.tickets.log.title
                aria-busy=move || conversation.is_fetching_older().get().then_some("true")
                node_ref=node
                on:scroll=handler(move |_| scroll.moved())
            >
                <div class="thread">
                    {older}
                    {said}
                    {unsent}
                </div>
            </div>
            <Below conversation=conversation scroll=scroll/>
        </div>
        <Writing conversation=conversation/>
    }
    .into_any()
}

fn draw(conversation: Conversation, last_read: Memo<Option<i64>>, row: Row) -> AnyView {
    let t = use_text();
    match row {
        Row::Day(day) => view! { <p class="day">{day_name(&day)}</p> }.into_any(),
        Row::News => view! { <p class="day day--new">{t.tickets.log.news}</p> }.into_any(),
        Row::Opening(ticket) => view! { <Opening conversation=conversation ticket=*ticket/> }.into_any(),
        Row::Said { message, mine, first } => {
            let mark = read_mark(last_read, message.seq);
            view! { <Bubble message=*message mine=mine first=first mark=mark/> }.into_any()
        }
        Row::Changed(message) => {
            view! { <ChangeLine conversation=conversation message=*message/> }.into_any()
        }
    }
}

/// `今天 11 月 23 日`, `周五 11 月 20 日`; another year is named.
fn day_name(day: &str) -> String {
    let t = use_text();
    let clock = use_clock();
    let today = clock.day(0);
    let number = |from: usize, to: usize| day.get(from..to).unwrap_or("").trim_start_matches('0').to_owned();
    let month_name = day
        .get(5..7)
        .and_then(|m| m.parse::<usize>().ok())
        .and_then(|m| t.tickets.log.months.get(m.wrapping_sub(1)));
    let parts: [(&str, &dyn std::fmt::Display); 3] = [
        ("y", &number(0, 4)),
        ("m", month_name.unwrap_or(&"")),
        ("d", &number(8, 10)),
    ];
    let template = if day.get(..4) == today.get(..4) {
        t.tickets.log.date
    } else {
        t.tickets.log.full_date
    };
    let date = fill(template, &parts);
    let name = match () {
        () if day == today => t.tickets.log.today,
        () if day == clock.day(1) => t.time.yesterday,
        () => weekday(t, day),
    };
    fill(t.tickets.log.named_date, &[("name", &name), ("date", &date)])
}

/// How much is new below, and the way there.
#[component]
fn Below(conversation: Conversation, scroll: Scroll) -> impl IntoView {
    let t = use_text();
    let unseen = memo(move || {
        if conversation.at_end().get() {
            0
        } else {
            conversation.unseen()
        }
    });
    optional(move || {
        let count = i64::try_from(unseen.get()).unwrap_or(i64::MAX);
        (count > 0).then(|| {
            view! {
                <button type="button" class="fresh log-below" on:click=handler(move |_| scroll.to_end())>
                    {icon(Icon::ArrowDown)}
                    {t.tickets.log.unseen.of(count)}
                </button>
            }
        })
    })
}
