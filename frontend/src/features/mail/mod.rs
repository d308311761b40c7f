//! The outbox: which mails wait, which were sent, which failed and why; and trying the mail server.

mod actions;
mod status;
mod table;
mod templates;
mod test;

use leptos::prelude::*;
use shared::{
    endpoint::Nothing,
    mails::{GetMailStatus, ListMails, MailPage, MailQuery},
    notifications::{MailState, NotificationKind},
    tickets::Choice,
};

use crate::{
    components::{
        button::{Button, IconButton, LinkButton, Look},
        dialog::Confirm,
        empty::{Art, Empty, ErrorState},
        icon::Icon,
        pager::ListFoot,
        segmented::SegmentedLinks,
        skeleton::SkeletonRows,
    },
    dom,
    fetch::load,
    layout::mail_trouble::use_mail_trouble,
    paths,
    query::{self, use_query},
    reactive::{RwSignal, derived, optional},
    text::use_text,
};
use actions::Actions;
use status::StatusBanner;
use table::MailTable;
pub(crate) use templates::TemplatesPage;
use test::TestDialog;

/// The page; state and page are part of its address.
#[component]
pub(crate) fn MailPage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.mail().title.to_owned());
    let query = use_query::<MailQuery>();
    let loaded = load(ListMails, move || ((), query.get()));
    let status = load(GetMailStatus, || ((), Nothing {}));
    let testing = RwSignal::new(false);
    let trouble = use_mail_trouble();
    let reload = Callback::new(move |()| {
        loaded.reload();
        status.reload();
        trouble.ask();
    });
    let actions = Actions::new(reload);
    let giving_up = RwSignal::new(false);
    let failed = optional(move || {
        let here = query.with(|query| query.state.value()) == Some(MailState::Failed);
        let any = loaded
            .data()
            .with(|page| page.as_ref().is_some_and(|page| page.total > 0));
        (here && any).then(|| {
            view! {
                <Button look=Look::Ghost on_click=move |()| giving_up.set(true)>
                    {t.mail().give_up_all}
                </Button>
                <Button on_click=move |()| actions.retry_failed()>{t.mail().send_all}</Button>
            }
        })
    });

    let count = move || {
        loaded
            .data()
            .with(|page| page.as_ref().map(|page| t.mail().count.of(page.total)))
    };
    let banner = optional(move || {
        status
            .data()
            .get()
            .map(|body| view! { <StatusBanner status=body.status/> })
    });
    let body = loaded.view(
        || view! { <SkeletonRows rows=8/> }.into_any(),
        move |error, retry| {
            view! { <ErrorState title=t.mail().failed_to_load error=error on_retry=retry/> }.into_any()
        },
        move |page: MailPage| match page.mails.is_empty() {
            true => nothing(&query.get_untracked()),
            false => view! { <MailTable mails=page.mails actions=actions/> }.into_any(),
        },
    );
    let foot = optional(move || {
        let asked = query.get();
        loaded
            .data()
            .get()
            .filter(|page| page.total > 0)
            .map(|page| view! { <Foot page=page asked=asked/> })
    });
    view! {
        <section class="listpage mails" aria-labelledby="mail-title">
            <header class="pane-head">
                <h1 id="mail-title">{t.mail().title} <span class="count">{move || count()}</span></h1>
                <span class="push"></span>
                <IconButton glyph=Icon::Refresh label=t.mail().reload on_click=reload/>
                <Button look=Look::Primary glyph=Icon::Mail on_click=move |()| testing.set(true)>
                    {t.mail().test}
                </Button>
            </header>
            <div class="toolbar">
                <SegmentedLinks
                    label=t.mail().state
                    links=states()
                    current=derived(move || address(query.with(|query| query.state.value()), None))
                />
                <span class="push"></span>
                {failed}
                <LinkButton href=paths::ADMIN_MAIL_TEMPLATES look=Look::Ghost glyph=Icon::Edit>
                    {t.templates_place}
                </LinkButton>
            </div>
            <div class="scroll" aria-busy=move || loaded.is_busy().to_string()>
                {banner}
                {body}
            </div>
            {foot}
        </section>
        <TestDialog open=testing/>
        <Confirm
            open=giving_up
            title=t.mail().give_up_all
            text=t.mail().give_up_all_text
            action=t.mail().give_up_all
            on_confirm=move |()| {
                giving_up.set(false);
                actions.cancel_failed();
            }
        />
    }
    .into_any()
}

/// The states one can look at: address and word.
fn states() -> Vec<(String, String)> {
    let t = use_text();
    [
        (None, t.all),
        (Some(MailState::Waiting), t.mail().waiting),
        (Some(MailState::Sent), t.mail().sent),
        (Some(MailState::Failed), t.mail().failed),
        (Some(MailState::Cancelled), t.mail().cancelled),
    ]
    .into_iter()
    .map(|(state, word)| (address(state, None), word.to_owned()))
    .collect()
}

/// What a kind of notification is about.
fn kind_word(kind: NotificationKind) -> &'static str {
    let t = use_text().mail();
    match kind {
        NotificationKind::Created => t.created,
        NotificationKind::Message => t.message,
        NotificationKind::Status => t.moved,
        NotificationKind::Assigned => t.assigned,
    }
}

fn address(state: Option<MailState>, page: Option<u32>) -> String {
    query::href(
        paths::ADMIN_MAIL,
        &MailQuery {
            state: state.map_or(Choice::Any, Choice::Is),
            page,
            per_page: None,
        },
    )
}

/// No mail yet, or none in this state.
fn nothing(query: &MailQuery) -> AnyView {
    let t = use_text();
    if query.state.is_any() && query.page.is_none() {
        return view! { <Empty art=Art::Paper title=t.mail().empty text=t.mail().empty_text><LinkButton href=paths::ADMIN_TICKETS>{t.all_tickets}</LinkButton></Empty> }
            .into_any();
    }
    view! {
        <Empty art=Art::Search title=t.mail().no_match text=t.mail().no_match_text>
            <LinkButton href=paths::ADMIN_MAIL>{t.clear_filters}</LinkButton>
        </Empty>
    }
    .into_any()
}

#[component]
fn Foot(page: MailPage, asked: MailQuery) -> impl IntoView {
    let href = move |n: u32| address(asked.state.value(), (n > 1).then_some(n));
    view! {
        <ListFoot
            page=page.page
            per_page=page.per_page
            total=page.total
            shown=page.mails.len()
            href=href
        />
    }
}
