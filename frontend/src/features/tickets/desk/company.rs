//! Who else has the ticket open: colleagues as discs, faded when they look away, with a pencil while they write.

use leptos::prelude::*;

use crate::{
    components::{
        avatar::{Avatar, AvatarSize},
        icon::{Icon, icon},
    },
    features::tickets::conversation::{Colleague, Conversation},
    reactive::optional,
    text::{fill, use_text},
};

/// How many discs are shown.
const SHOWN: usize = 4;

/// The colleagues, and whether the customer looks at the ticket.
#[component]
pub(super) fn Company(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let colleagues = conversation.colleagues();
    let customer = conversation.customer_is_here();
    let stack = optional(move || {
        let all = colleagues.get();
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        let label = fill(
            t.tickets.desk.also_here,
            &[("names", &names.join(t.tickets.desk.and))],
        );
        let more = all.len().saturating_sub(SHOWN);
        let more = (more > 0).then(|| view! { <span class="count">{format!("+{more}")}</span> });
        let discs: Vec<AnyView> = all.iter().take(SHOWN).map(disc).collect();
        (!all.is_empty()).then(|| {
            view! {
                <span class="avatar-stack" role="img" aria-label=label.clone() title=label>
                    {discs}
                    {more}
                </span>
            }
        })
    });
    let customer = optional(move || {
        customer.get().then(|| {
            view! {
                <span class="customer-here wide-only">
                    {icon(Icon::Eye)}
                    {t.tickets.desk.customer_here}
                </span>
            }
        })
    });
    view! { {customer} {stack} }
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
