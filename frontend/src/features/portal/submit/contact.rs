//! Who asks: three fields, or one line for whoever is signed in.

use leptos::prelude::*;
use shared::{FieldErrors, users::User};

use super::draft::Fields;
use crate::{
    components::{
        avatar::{Avatar, AvatarSize},
        button::{Button, Look, Size},
        field::TextField,
        form::Form,
    },
    reactive::{RwSignal, StoredValue, dynamic},
    session::Session,
    text::{fill, use_text},
};

/// Whether the fields are folded into one line.
#[derive(Clone, Copy)]
pub(super) struct Contact {
    user: StoredValue<Option<User>>,
    folded: RwSignal<bool>,
    agent: bool,
}

impl Contact {
    /// Fills the fields with what the account knows. An agent asks for somebody else and starts empty.
    pub(super) fn new(session: Session, fields: Fields) -> Self {
        let agent = untrack(|| session.is_agent());
        let user = untrack(|| session.user()).filter(|_| !agent);
        if let Some(user) = &user {
            fields.name.set(user.display_name().to_owned());
            fields.email.set(user.email.clone().unwrap_or_default());
            fields.phone.set(user.phone.clone().unwrap_or_default());
        }
        let complete = user.as_ref().is_some_and(|user| user.email.is_some());
        Self {
            user: StoredValue::new(user),
            folded: RwSignal::new(complete),
            agent,
        }
    }

    pub(super) fn is_folded_untracked(self) -> bool {
        self.folded.get_untracked()
    }

    /// A fault in a folded field must be seen.
    pub(super) fn reveal(self, faults: &FieldErrors) {
        if faults.keys().any(|field| field.starts_with("customer_")) {
            self.folded.set(false);
        }
    }
}

/// The fields or the line.
#[component]
pub(super) fn ContactFields(form: Form, fields: Fields, contact: Contact) -> impl IntoView {
    let t = use_text();
    dynamic(move || {
        if contact.folded.get()
            && let Some(user) = contact.user.get_value()
        {
            return view! { <Line user=user contact=contact/> }.into_any();
        }
        let heading = contact
            .agent
            .then(|| view! { <p class="muted small">{t.tickets.form.for_customer}</p> });
        view! {
            {heading}
            <div class="contacts">
                <TextField
                    form=form
                    name="customer_name"
                    label=t.tickets.form.name
                    value=fields.name
                    autocomplete="name"
                />
                <TextField
                    form=form
                    name="customer_email"
                    label=t.tickets.form.email
                    value=fields.email
                    kind="email"
                    autocomplete="email"
                />
                <TextField
                    form=form
                    name="customer_phone"
                    label=t.tickets.form.phone
                    value=fields.phone
                    kind="tel"
                    optional=true
                    autocomplete="tel"
                />
            </div>
        }
        .into_any()
    })
}

#[component]
fn Line(user: User, contact: Contact) -> impl IntoView {
    let t = use_text();
    let name = user.display_name().to_owned();
    let reach = [user.email.clone(), user.phone.clone()];
    let reach = reach
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <div class="contact-line">
            <Avatar name=name.clone() size=AvatarSize::Small/>
            <span class="truncate">
                {fill(t.tickets.form.as_person, &[("name", &name)])} <small class="muted">" " {reach}</small>
            </span>
            <Button look=Look::Link size=Size::Small on_click=move |()| contact.folded.set(false)>
                {t.tickets.form.change}
            </Button>
        </div>
    }
    .into_any()
}
