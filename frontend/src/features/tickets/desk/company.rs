//! Who else has the ticket open: colleagues as discs, faded when they look away, with a pencil while they write.

use leptos::prelude::*;

use crate::{
    components::{
        avatar::{Avatar, AvatarSize},
        icon::{Icon, icon},
    },
    features::tickets::conversation::{Colleague, Conversation},
    reactive::dynamic,
    text::{fill, use_text},
};

/// How many discs are shown.
const SHOWN: usize = 5;

/// Whether the customer looks at the ticket, and the colleagues who have it open.
#[component]
pub(super) fn Company(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    dynamic(move || {
        let (colleagues, customer) = conversation.company();
        let customer = customer.then(|| {
            view! {
                <span class="customer-here wide-only">
                    {icon(Icon::Eye)}
                    {t.tickets.desk.customer_here}
                </span>
            }
        });
        let names: Vec<&str> = colleagues.iter().map(|one| one.name.as_str()).collect();
        let label = fill(
            t.tickets.desk.also_here,
            &[("names", &names.join(t.tickets.desk.and))],
        );
        let discs: Vec<AnyView> = colleagues.iter().take(SHOWN).map(disc).collect();
        let stack = (!colleagues.is_empty()).then(|| {
            view! {
                <span class="avatar-stack" role="img" aria-label=label.clone() title=label>
                    {discs}
                </span>
            }
        });
        view! { {customer} {stack} }
    })
}

fn disc(one: &Colleague) -> AnyView {
    let pencil = one
        .typing
        .then(|| view! { <span class="pencil">{icon(Icon::Edit)}</span> });
    view! {
        <span class="colleague" data-hidden=one.hidden.then_some("")>
            <Avatar name=one.name.clone() size=AvatarSize::Small/>
            {pencil}
        </span>
    }
    .into_any()
}
