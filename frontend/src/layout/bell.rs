//! The bell: how many notifications are unread, and the latest ones in a panel.

use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*, task::spawn_local};
use shared::{
    live::ServerEvent,
    notifications::{
        ListNotifications, MAX_COUNTED, Notification, NotificationList, NotificationQuery, ReadNotifications,
        ReadRequest,
    },
};

use crate::{
    alerts::{self, Alerts, use_alerts},
    api::{Api, use_api},
    components::{
        button::{Button, Look, Size},
        empty::ErrorState,
        icon::{Icon, icon},
        popover::{Popover, use_popover},
        skeleton::SkeletonRows,
        time::Moment,
        toast::use_toasts,
    },
    fetch::load,
    live::use_live,
    paths,
    reactive::{RwSignal, StoredValue, handler, optional},
    text::{fill, use_text},
    time::Style,
};

/// How many are unread, shared by bell and panel.
#[derive(Clone, Copy)]
struct Unread {
    count: RwSignal<i64>,
    api: Api,
    alerts: Alerts,
}

impl Unread {
    /// Asks for the number, and tells what is new. Without an answer the old one stays.
    fn ask(self) {
        spawn_local(async move {
            if let Some(unread) = self.alerts.ask().await {
                self.count.try_set(unread);
            }
        });
    }
}

/// The number, kept fresh by what the lists hear and by coming back to the tab.
fn use_unread() -> Unread {
    let unread = Unread {
        count: RwSignal::new(0),
        api: use_api(),
        alerts: use_alerts(),
    };
    unread.ask();
    let gathering = StoredValue::new(None::<Timeout>);
    use_live().listen(move |event| {
        // At once: what arrives right after it must have its whole moment to be seen.
        if matches!(event, ServerEvent::NotificationsRead(_)) {
            unread.ask();
        }
        let may_be_news = matches!(
            event,
            ServerEvent::Welcome(_)
                | ServerEvent::TicketCreated(_)
                | ServerEvent::TicketUpdated(_)
                | ServerEvent::Unread(_)
        );
        if may_be_news && gathering.with_value(Option::is_none) {
            gathering.set_value(Some(Timeout::new(alerts::GATHER_MS, move || {
                gathering.set_value(None);
                unread.ask();
            })));
        }
    });
    let focus = window_event_listener(ev::focus, move |_| unread.ask());
    on_cleanup(move || {
        focus.remove();
        gathering.set_value(None);
    });
    unread
}

/// The bell with its panel.
#[component]
pub(crate) fn Bell(class: &'static str) -> impl IntoView {
    let t = use_text();
    let unread = use_unread();
    let trigger = move || {
        view! {
            {icon(Icon::Bell)}
            {optional(move || {
                let count = unread.count.get();
                (count > 0)
                    .then(|| {
                        let shown = if count >= MAX_COUNTED {
                            format!("{}+", MAX_COUNTED - 1)
                        } else {
                            count.to_string()
                        };
                        let said = fill(t.bell.unread, &[("n", &shown)]);
                        view! {
                            <span class="bell-count" aria-hidden="true">{shown}</span>
                            <span class="sr-only">{said}</span>
                        }
                    })
            })}
        }
    };
    view! {
        <Popover label=Some(t.bell.title.to_owned()) class=class role="dialog" panel="menu bell-panel" trigger=trigger>
            <Panel unread=unread/>
        </Popover>
    }
}

#[component]
fn Panel(unread: Unread) -> impl IntoView {
    let t = use_text();
    let toasts = use_toasts();
    let loaded = load(ListNotifications, || ((), NotificationQuery::default()));
    let read_all = move || {
        spawn_local(async move {
            let all = ReadRequest {
                all: true,
                ..ReadRequest::default()
            };
            match unread.api.call(ReadNotifications, (), all).await {
                Ok(left) => {
                    unread.count.try_set(left.unread);
                    loaded.reload();
                }
                Err(error) => toasts.failed(&error),
            }
        });
    };
    let body = loaded.view(
        || view! { <SkeletonRows rows=4/> }.into_any(),
        move |error, retry| view! { <ErrorState title=t.bell.failed error=error on_retry=retry/> }.into_any(),
        move |list: NotificationList| {
            if list.notifications.is_empty() {
                return view! { <p class="bell-empty muted">{t.bell.empty}</p> }.into_any();
            }
            list.notifications
                .into_iter()
                .map(|one| view! { <Line one=one unread=unread/> }.into_any())
                .collect::<Vec<_>>()
                .into_any()
        },
    );
    view! {
        <header class="bell-head">
            <strong>{t.bell.title}</strong>
            {optional(move || {
                (unread.count.get() > 0)
                    .then(|| {
                        view! {
                            <Button look=Look::Link size=Size::Small on_click=move |()| read_all()>
                                {t.bell.read_all}
                            </Button>
                        }
                    })
            })}
        </header>
        <div class="bell-list">{body}</div>
        <footer class="bell-foot">
            <a href=paths::MAIL_CHOICES>{t.bell.settings}</a>
        </footer>
    }
    .into_any()
}

#[component]
fn Line(one: Notification, unread: Unread) -> impl IntoView {
    let t = use_text();
    let around = use_popover();
    let (id, ticket, is_unread) = (one.id, one.ticket_id, one.unread);
    let open = move |_: web_sys::MouseEvent| {
        around.close();
        if is_unread {
            read_one(unread, id);
        }
    };
    view! {
        <a class="bell-line" href=paths::ticket(ticket) data-unread=is_unread.then_some("") on:click=handler(open)>
            <span class="bell-words">
                <span>{alerts::headline(&one)}</span>
                <span class="truncate bell-title">{one.title}</span>
                {(!one.text.is_empty()).then(|| view! { <small class="truncate">{one.text}</small> })}
            </span>
            <span class="bell-when muted">
                <Moment at=one.created_at style=Style::Short/>
            </span>
            {is_unread.then(|| view! { <span class="sr-only">{t.bell.is_unread}</span> })}
        </a>
    }
    .into_any()
}

/// The ticket opens at once; whether the mark is stored may be seen later.
fn read_one(unread: Unread, id: shared::NotificationId) {
    spawn_local(async move {
        let one = ReadRequest {
            ids: vec![id],
            all: false,
        };
        if let Ok(left) = unread.api.call(ReadNotifications, (), one).await {
            unread.count.try_set(left.unread);
        }
    });
}
