//! How a customer without an account comes in, and how an agent takes his links back.

use leptos::{prelude::*, task::spawn_local};
use shared::{endpoint::Nothing, sessions::RevokeGuestLinks};

use super::actions::Desk;
use crate::{
    components::{
        button::{Button, Look, Size},
        dialog::Confirm,
    },
    reactive::{RwSignal, optional},
    text::use_text,
};

/// The line in the panel; nothing for a customer with an account.
#[component]
pub(super) fn GuestAccess(desk: Desk) -> impl IntoView {
    let t = use_text();
    let guest = desk.conversation.part(|ticket| ticket.guest);
    optional(move || {
        guest.get().then(|| {
            view! {
                <dt>{t.tickets.desk.access}</dt>
                <dd class="guest-access">
                    <span class="plain">{t.tickets.desk.by_link}</span>
                    <Button look=Look::Link size=Size::Small on_click=move |()| desk.revoking.set(true)>
                        {t.tickets.desk.revoke}
                    </Button>
                </dd>
            }
        })
    })
}

/// Asks first: it cannot be undone.
#[component]
pub(super) fn RevokeDialog(desk: Desk) -> impl IntoView {
    let t = use_text();
    let busy = RwSignal::new(false);
    let revoke = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let (api, id) = (desk.conversation.api(), desk.conversation.id);
            let answer = api.call(RevokeGuestLinks, id.into(), Nothing {}).await;
            if busy.is_disposed() {
                return;
            }
            busy.set(false);
            desk.revoking.set(false);
            match answer {
                Ok(_) => desk
                    .conversation
                    .toasts()
                    .done(use_text().tickets.desk.revoked.to_owned()),
                Err(error) => desk.conversation.toasts().failed(&error),
            }
        });
    };
    view! {
        <Confirm
            open=desk.revoking
            title=t.tickets.desk.revoke_links
            text=t.tickets.desk.revoke_text
            action=t.tickets.desk.revoke_links
            busy=busy
            on_confirm=revoke
        />
    }
}
