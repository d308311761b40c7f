//! The three texts of a template as a form, with their mail beside them.

use leptos::{prelude::*, task::spawn_local};
use shared::mail_templates::{MailTemplate, MailTemplateKey, ResetMailTemplate, SaveMailTemplate, Snippet};

use super::{draft::Draft, preview::Preview, snippets::Snippets};
use crate::{
    api::use_api,
    components::{
        banner::{Banner, Tone},
        button::{Button, Look, Size},
        dialog::Confirm,
        field::{TextArea, TextField},
        form::{Form, FormFailure},
        time::Moment,
        toast::use_toasts,
    },
    reactive::{RwSignal, StoredValue, derived, effect, handler, optional},
    text::{fill, use_text},
    time::Style,
};

/// The editor of one template. `changed` hears that there is a newer one.
#[component]
pub(crate) fn Editor(template: MailTemplate, snippets: Vec<Snippet>, changed: Callback<()>) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let toasts = use_toasts();
    let form = Form::new();
    let draft = Draft::of(&template);
    let known = StoredValue::new(template.clone());
    effect(move || known.with_value(|template| draft.keep(template)));
    let differs = derived(move || known.with_value(|template| draft.differs(template)));
    let overtaken = derived(move || known.with_value(|template| draft.revision.get() != template.revision));

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let input = untrack(|| known.with_value(|template| draft.wire(template)));
        spawn_local(async move {
            match api.call(SaveMailTemplate, (), input).await {
                Ok(saved) => {
                    draft.forget(&saved.template);
                    form.finish();
                    toasts.done(t.templates().saved.to_owned());
                    changed.run(());
                }
                Err(error) => {
                    // Then the newer one comes, and says that it is newer.
                    if error.code() == Some(shared::ErrorCode::TemplateChanged) {
                        changed.run(());
                    }
                    form.fail(error);
                }
            }
        });
    };
    let give_up = move |()| known.with_value(|template| draft.take(template));
    let own = template.revision != 0;
    view! {
        <div class="template">
            <form id=form.id() on:submit=handler(submit) novalidate>
                <Standing template=template/>
                {optional(move || {
                    overtaken.get().then(|| view! { <Overtaken draft=draft template=known.get_value()/> })
                })}
                <FormFailure form=form/>
                <TextField form=form name="subject" label=t.templates().subject value=draft.subject/>
                <TextArea form=form name="text" label=t.templates().text value=draft.text rows=8/>
                <TextArea form=form name="html" label=t.templates().html value=draft.html rows=8 hint=t.templates().html_hint/>
                <Snippets form=form draft=draft snippets=snippets/>
                <div class="template-foot">
                    <Button submit=true look=Look::Primary busy=form.busy()>{t.save}</Button>
                    {optional(move || {
                        differs
                            .get()
                            .then(|| view! { <Button look=Look::Ghost on_click=give_up>{t.templates().give_up}</Button> })
                    })}
                    <span class="push"></span>
                    {own.then(|| view! { <Reset template=known draft=draft changed=changed/> })}
                </div>
            </form>
            <Preview draft=draft template=known/>
        </div>
    }
    .into_any()
}

/// Whose words these are.
#[component]
fn Standing(template: MailTemplate) -> impl IntoView {
    let t = use_text();
    let line = match (template.changed_by, template.changed_at) {
        (Some(by), Some(at)) => view! {
            <p class="template-standing">
                <span class="chip chip--accent">{t.templates().own}</span>
                <span>{by} " · " <Moment at=at style=Style::Long/></span>
            </p>
        }
        .into_any(),
        _ => view! {
            <p class="template-standing">
                <span class="chip">{t.templates().built_in}</span>
            </p>
        }
        .into_any(),
    };
    let fault = template.fault.map(|reason| {
        let words = fill(t.templates().fault, &[("reason", &reason)]);
        view! { <Banner tone=Tone::Warn><span>{words}</span></Banner> }
    });
    view! {
        {line}
        {fault}
    }
    .into_any()
}

/// Somebody else has saved while this was written.
#[component]
fn Overtaken(draft: Draft, template: MailTemplate) -> impl IntoView {
    let t = use_text();
    let newest = template.revision;
    view! {
        <Banner tone=Tone::Warn>
            <div class="template-overtaken">
                <span>{t.templates().overtaken}</span>
                <span class="template-choices">
                    <Button size=Size::Small on_click=move |()| draft.take(&template)>{t.templates().take_theirs}</Button>
                    <Button size=Size::Small on_click=move |()| draft.revision.set(newest)>
                        {t.templates().keep_mine}
                    </Button>
                </span>
            </div>
        </Banner>
    }
    .into_any()
}

/// Back to the product's own words, once one is sure.
#[component]
fn Reset(template: StoredValue<MailTemplate>, draft: Draft, changed: Callback<()>) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let reset = move |()| {
        let key = template.with_value(|template| MailTemplateKey {
            kind: template.kind,
            lang: template.lang,
        });
        busy.set(true);
        spawn_local(async move {
            match api.call(ResetMailTemplate, (), key).await {
                Ok(back) => {
                    draft.forget(&back.template);
                    open.set(false);
                    toasts.done(t.templates().reset_done.to_owned());
                    changed.run(());
                }
                Err(error) => toasts.failed(&error),
            }
            busy.try_set(false);
        });
    };
    view! {
        <Button on_click=move |()| open.set(true)>{t.templates().reset}</Button>
        <Confirm
            open=open
            title=t.templates().reset
            text=t.templates().reset_text
            action=t.templates().reset
            busy=busy
            on_confirm=Callback::new(reset)
        />
    }
    .into_any()
}
