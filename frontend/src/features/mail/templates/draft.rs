//! A template while it is written. It outlives the page: what was typed is there again until it is saved or given up.

use shared::mail_templates::{MailTemplate, MailTemplateDraft};

use crate::{json, reactive::RwSignal, storage};

/// What is typed.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    pub subject: RwSignal<String>,
    pub text: RwSignal<String>,
    pub html: RwSignal<String>,
    /// What it was written from.
    pub revision: RwSignal<i64>,
}

fn place(template: &MailTemplate) -> String {
    format!("template.{}.{}", template.kind, template.lang.code())
}

impl Draft {
    /// What was left here, else the template as it is.
    pub(crate) fn of(template: &MailTemplate) -> Self {
        let left = storage::get(&place(template)).and_then(|text| json::read::<MailTemplateDraft>(&text));
        let draft = left.unwrap_or_else(|| MailTemplateDraft {
            kind: template.kind,
            lang: template.lang,
            subject: template.subject.clone(),
            text: template.text.clone(),
            html: template.html.clone(),
            revision: template.revision,
        });
        Self {
            subject: RwSignal::new(draft.subject),
            text: RwSignal::new(draft.text),
            html: RwSignal::new(draft.html),
            revision: RwSignal::new(draft.revision),
        }
    }

    /// As it goes to the server.
    pub(crate) fn wire(self, template: &MailTemplate) -> MailTemplateDraft {
        MailTemplateDraft {
            kind: template.kind,
            lang: template.lang,
            subject: self.subject.get(),
            text: self.text.get(),
            html: self.html.get(),
            revision: self.revision.get(),
        }
    }

    /// Does it say something else than the template?
    pub(crate) fn differs(self, template: &MailTemplate) -> bool {
        self.subject.with(|subject| *subject != template.subject)
            || self.text.with(|text| *text != template.text)
            || self.html.with(|html| *html != template.html)
    }

    /// Leaves it here for later, or nothing where nothing was changed.
    pub(crate) fn keep(self, template: &MailTemplate) {
        if self.differs(template) {
            storage::set(&place(template), &json::write(&self.wire(template)));
        } else {
            self.forget(template);
        }
    }

    /// Leaves nothing here.
    pub(crate) fn forget(self, template: &MailTemplate) {
        storage::remove(&place(template));
    }

    /// Says what the template says.
    pub(crate) fn take(self, template: &MailTemplate) {
        self.subject.set(template.subject.clone());
        self.text.set(template.text.clone());
        self.html.set(template.html.clone());
        self.revision.set(template.revision);
    }
}
