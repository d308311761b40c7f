//! The words of the mails: one template per kind and language, to be changed, tried and taken back.

mod draft;
mod editor;
mod preview;
mod snippets;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::{
    Lang,
    endpoint::Nothing,
    mail_templates::{ListMailTemplates, MailTemplate, MailTemplateList},
    notifications::NotificationKind,
    tickets::Choice,
};

use super::kind_word;
use crate::{
    components::{
        button::{LinkButton, Look},
        empty::ErrorState,
        icon::Icon,
        segmented::SegmentedLinks,
        skeleton::bar,
    },
    dom,
    fetch::load,
    paths,
    query::{self, use_query},
    reactive::{derived, memo},
    text::{current_lang, use_text},
};
use editor::Editor;

/// Which template is looked at; part of the address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(skip_serializing_if = "Choice::is_any")]
    kind: Choice<NotificationKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<Lang>,
}

impl Asked {
    /// The first kind, and the page's language, where nothing is asked.
    fn key(&self) -> (NotificationKind, Lang) {
        let kind = self.kind.value().unwrap_or(NotificationKind::Created);
        (kind, self.lang.unwrap_or_else(current_lang))
    }

    fn address((kind, lang): (NotificationKind, Lang)) -> String {
        let asked = Self {
            kind: Choice::Is(kind),
            lang: Some(lang),
        };
        query::href(paths::ADMIN_MAIL_TEMPLATES, &asked)
    }
}

/// The page.
#[component]
pub(crate) fn TemplatesPage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.templates_place.to_owned());
    let query = use_query::<Asked>();
    let key = memo(move || query.with(Asked::key));
    let loaded = load(ListMailTemplates, || ((), Nothing {}));
    let reload = Callback::new(move |()| loaded.reload());
    let body = loaded.view(
        || view! { <Waiting/> }.into_any(),
        move |error, retry| {
            view! { <ErrorState title=t.templates().failed error=error on_retry=retry/> }.into_any()
        },
        move |list: MailTemplateList| match chosen(&list, key.get()) {
            Some(template) => {
                view! { <Editor template=template snippets=list.snippets changed=reload/> }.into_any()
            }
            None => ().into_any(),
        },
    );
    view! {
        <section class="listpage templates" aria-labelledby="templates-title">
            <header class="pane-head">
                <LinkButton href=paths::ADMIN_MAIL look=Look::Ghost glyph=Icon::Left>{t.mail().title}</LinkButton>
                <h1 id="templates-title">{t.templates_place}</h1>
            </header>
            <div class="toolbar">
                <SegmentedLinks
                    label=t.mail().about
                    links=kinds(key.get_untracked().1)
                    current=derived(move || Asked::address((key.get().0, key.get_untracked().1)))
                />
                <SegmentedLinks
                    label=t.templates().lang
                    links=langs(key.get_untracked().0)
                    current=derived(move || Asked::address(key.get()))
                />
            </div>
            <div class="scroll" aria-busy=move || loaded.is_busy().to_string()>{body}</div>
        </section>
    }
    .into_any()
}

/// The fields, and the mail beside them.
#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="template skels" role="status" aria-busy="true" aria-label=use_text().loading>
            <form>{bar("22%", "20px")} {bar("100%", "32px")} {bar("100%", "220px")} {bar("100%", "220px")}</form>
            <div class="template-preview">{bar("40%", "20px")} {bar("100%", "440px")}</div>
        </div>
    }
    .into_any()
}

fn chosen(list: &MailTemplateList, key: (NotificationKind, Lang)) -> Option<MailTemplate> {
    let of_key = |template: &&MailTemplate| (template.kind, template.lang) == key;
    list.templates.iter().find(of_key).cloned()
}

fn kinds(lang: Lang) -> Vec<(String, String)> {
    NotificationKind::ALL
        .iter()
        .map(|&kind| (Asked::address((kind, lang)), kind_word(kind).to_owned()))
        .collect()
}

fn langs(kind: NotificationKind) -> Vec<(String, String)> {
    [(Lang::Zh, "中文"), (Lang::En, "English")]
        .map(|(lang, word)| (Asked::address((kind, lang)), word.to_owned()))
        .into()
}
