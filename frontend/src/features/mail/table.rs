//! The mails as a table; on phones each row becomes a card.

use leptos::prelude::*;
use shared::{
    mails::{CANCELLED_BY, Mail},
    notifications::{MailState, Needless},
};

use super::{actions::Actions, kind_word};
use crate::{
    components::{
        icon::{Icon, icon},
        menu::{Menu, MenuItem},
        time::Moment,
    },
    paths,
    text::{fill, use_text},
    time::Style,
};

/// The table.
#[component]
pub(crate) fn MailTable(mails: Vec<Mail>, actions: Actions) -> impl IntoView {
    let t = use_text();
    let rows = mails
        .into_iter()
        .map(|mail| view! { <Row mail=mail actions=actions/> })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <table class="table">
            <caption class="sr-only">{t.mail().title}</caption>
            <thead>
                <tr>
                    <th scope="col">{t.mail().recipient}</th>
                    <th scope="col">{t.mail().about}</th>
                    <th scope="col">{t.mail().state}</th>
                    <th scope="col" class="end">{t.mail().time}</th>
                    <th scope="col"><span class="sr-only">{t.more_actions}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(mail: Mail, actions: Actions) -> impl IntoView {
    let t = use_text();
    let kind = kind_word(mail.kind);
    let (word, chip) = match mail.state {
        MailState::Waiting if mail.attempts > 0 => (t.mail().again, "chip chip--warn"),
        MailState::Waiting => (t.mail().waiting, "chip"),
        MailState::Sending => (t.mail().sending, "chip"),
        MailState::Sent | MailState::Joined => (t.mail().sent, "chip chip--success"),
        MailState::Failed => (t.mail().failed, "chip chip--danger"),
        MailState::Cancelled => (t.mail().cancelled, "chip"),
    };
    // What the server said when all went well interests nobody.
    let answer = mail
        .answer
        .as_deref()
        .filter(|_| mail.state != MailState::Sent)
        .map(reason);
    let at = match mail.state {
        MailState::Waiting if mail.attempts > 0 => mail.due_at.clone(),
        _ => mail.sent_at.clone().unwrap_or_else(|| mail.created_at.clone()),
    };
    let next = mail.state == MailState::Waiting && mail.attempts > 0;
    view! {
        <tr>
            <td class="mails-who">
                <span class="cell-pair">
                    <span class="truncate">{mail.recipient_name.clone()}</span>
                    <small class="truncate">{mail.recipient_email.clone()}</small>
                </span>
            </td>
            <td class="mails-about">
                <span class="cell-pair">
                    <span class="truncate">{kind}</span>
                    <small><a href=paths::ticket(mail.ticket_id)>{mail.ticket_number.clone()}</a></small>
                </span>
            </td>
            <td class="mails-state">
                <span class="cell-pair">
                    <span><span class=chip>{word}</span></span>
                    {answer
                        .map(|answer| {
                            let whole = answer.clone();
                            view! { <small class="mails-answer" title=whole>{answer}</small> }
                        })}
                </span>
            </td>
            <td class="mails-time end muted">
                {next.then(|| format!("{} ", t.mail().next_try))}
                <Moment at=at style=Style::Long/>
            </td>
            <td class="mails-menu end">
                <RowMenu mail=mail actions=actions/>
            </td>
        </tr>
    }
    .into_any()
}

/// Our own reasons in the page's language; a mail server's words as they are.
fn reason(answer: &str) -> String {
    let t = use_text().mail();
    if let Some(by) = answer.strip_prefix(CANCELLED_BY) {
        return fill(t.cancelled_by, &[("by", &by)]);
    }
    match answer.parse::<Needless>() {
        Ok(Needless::Seen) => t.was_seen.to_owned(),
        Ok(Needless::Open) => t.was_open.to_owned(),
        Ok(Needless::Stopped) => t.was_stopped.to_owned(),
        Ok(Needless::NoAddress) => t.no_address.to_owned(),
        Ok(Needless::Inactive) => t.inactive.to_owned(),
        Ok(Needless::Gone) => t.gone.to_owned(),
        Err(_) => answer.to_owned(),
    }
}

/// Nothing can be done with what has gone out.
#[component]
fn RowMenu(mail: Mail, actions: Actions) -> impl IntoView {
    let t = use_text();
    let id = mail.id;
    let (retry, cancel) = match mail.state {
        MailState::Waiting => (true, true),
        MailState::Failed => (true, true),
        MailState::Cancelled => (true, false),
        MailState::Sending | MailState::Sent | MailState::Joined => return ().into_any(),
    };
    let label = fill(t.mail().actions_of, &[("name", &mail.recipient_name)]);
    view! {
        <Menu label=label class="btn btn--ghost btn--icon" trigger=|| icon(Icon::More)>
            {retry
                .then(|| {
                    view! {
                        <MenuItem glyph=Icon::Refresh on_pick=move |()| actions.retry(id)>
                            {t.mail().send_now}
                        </MenuItem>
                    }
                })}
            {cancel
                .then(|| {
                    view! {
                        <MenuItem glyph=Icon::Cross danger=true on_pick=move |()| actions.cancel(id)>
                            {t.mail().give_up}
                        </MenuItem>
                    }
                })}
        </Menu>
    }
    .into_any()
}
