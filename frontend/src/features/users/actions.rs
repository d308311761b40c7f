//! What can be done with an account, and the dialogs that ask for the rest.

use leptos::{prelude::*, task::spawn_local};
use shared::users::{UpdateUser, User, UserChanges};

use super::{editor::Editor, name_of, reset::Reset};
use crate::{
    api::use_api,
    components::{
        dialog::Confirm,
        toast::{Toasts, use_toasts},
    },
    reactive::{RwSignal, derived},
    text::{fill, use_text},
};

/// The actions, and which dialog is open about whom.
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    /// Nobody while an account is being created.
    subject: RwSignal<Option<User>>,
    editing: RwSignal<bool>,
    resetting: RwSignal<bool>,
    deactivating: RwSignal<bool>,
    switching: RwSignal<bool>,
    changed: Callback<()>,
    toasts: Toasts,
    api: crate::api::Api,
}

impl Actions {
    /// `changed` hears that the list is out of date.
    pub(crate) fn new(changed: Callback<()>) -> Self {
        Self {
            subject: RwSignal::new(None),
            editing: RwSignal::new(false),
            resetting: RwSignal::new(false),
            deactivating: RwSignal::new(false),
            switching: RwSignal::new(false),
            changed,
            toasts: use_toasts(),
            api: use_api(),
        }
    }

    pub(crate) fn create(self) {
        self.subject.set(None);
        self.editing.set(true);
    }

    pub(crate) fn edit(self, user: User) {
        self.subject.set(Some(user));
        self.editing.set(true);
    }

    pub(crate) fn reset(self, user: User) {
        self.subject.set(Some(user));
        self.resetting.set(true);
    }

    pub(crate) fn deactivate(self, user: User) {
        self.subject.set(Some(user));
        self.deactivating.set(true);
    }

    pub(crate) fn activate(self, user: User) {
        self.subject.set(Some(user));
        self.switch(true);
    }

    /// Something was done: says so, closes what is open, and lets the list know.
    pub(crate) fn done(self, template: &str, name: &str) {
        self.toasts.done(fill(template, &[("name", &name)]));
        self.editing.set(false);
        self.resetting.set(false);
        self.deactivating.set(false);
        self.changed.run(());
    }

    fn switch(self, active: bool) {
        let Some(user) = self.subject.get_untracked() else {
            return;
        };
        if self.switching.get_untracked() {
            return;
        }
        self.switching.set(true);
        let t = use_text();
        spawn_local(async move {
            let changes = UserChanges {
                is_active: Some(active),
                ..UserChanges::default()
            };
            match self.api.call(UpdateUser, user.id, changes).await {
                Ok(body) => {
                    let template = if active {
                        t.users().activated
                    } else {
                        t.users().deactivated
                    };
                    self.done(template, &name_of(&body.user));
                }
                Err(error) => {
                    self.deactivating.set(false);
                    self.toasts.failed(&error);
                }
            }
            self.switching.set(false);
        });
    }
}

/// The dialogs; they stand once on the page.
#[component]
pub(crate) fn Dialogs(actions: Actions) -> impl IntoView {
    let t = use_text();
    let name = move || {
        actions
            .subject
            .with(|user| user.as_ref().map(name_of).unwrap_or_default())
    };
    let title = derived(move || fill(t.users().deactivate_of, &[("name", &name())]));
    view! {
        <Editor open=actions.editing subject=actions.subject actions=actions/>
        <Reset open=actions.resetting subject=actions.subject actions=actions/>
        <Confirm
            open=actions.deactivating
            title=title
            text=t.users().deactivate_text
            action=t.users().deactivate
            busy=actions.switching
            on_confirm=move |()| actions.switch(false)
        />
    }
}
