//! What a list of tickets shows below its filters: the rows, or why there are none. For agents and customers alike.

use leptos::prelude::*;
use shared::{
    TicketId,
    live::ServerEvent,
    tickets::{ListTickets, TicketPage, TicketQuery, TicketSummary},
};

use super::news::News;
use crate::{
    api::ApiError,
    components::{
        banner::{Banner, Tone},
        button::{Button, LinkButton, Size},
        empty::{Art, Empty, ErrorState},
        pager::Pager,
        skeleton::SkeletonRows,
    },
    fetch::{Loaded, load_amended},
    live::use_live,
    query::{href, use_query},
    reactive::{Memo, dynamic, effect, memo, optional},
    text::{fill, use_text},
};

/// A question to the list, and what came of it.
#[derive(Clone, Copy)]
pub(crate) struct Search {
    pub(crate) query: Memo<TicketQuery>,
    pub(crate) loaded: Loaded<TicketPage>,
    /// The list's address.
    pub(crate) path: &'static str,
    news: News,
}

impl Search {
    /// Asks for the list at an address, whose query is the question.
    pub(crate) fn new(path: &'static str) -> Self {
        let query = use_query::<TicketQuery>();
        let news = News::new();
        let loaded = load_amended(
            ListTickets,
            move || ((), query.get()),
            move |page| news.tell_again(page),
        );
        effect(move || {
            if loaded.is_busy() {
                news.forget();
            }
        });
        Self {
            query,
            loaded,
            path,
            news,
        }
    }

    /// Keeps the page up to date until the calling component is gone: `fold` takes each event into the page that is
    /// shown, and what came while an answer was on its way into that answer too, after `anew` was called.
    pub(crate) fn follow(
        self,
        anew: impl Fn() + 'static,
        fold: impl Fn(&mut TicketPage, &ServerEvent) -> bool + 'static,
    ) {
        self.news.read_by(anew, fold);
        use_live().listen(move |event| match event {
            // What happened while there was no connection is asked for as soon as there is one: also at first, since
            // the page may be older than it.
            ServerEvent::Welcome(_) => self.loaded.renew(),
            ServerEvent::TicketCreated(_) | ServerEvent::TicketUpdated(_) | ServerEvent::Unread(_) => {
                if untrack(|| self.loaded.is_busy()) {
                    self.news.keep(event);
                }
                let tell = |page: &mut Option<TicketPage>| {
                    page.as_mut().is_some_and(|page| self.news.tell(page, event))
                };
                self.loaded.data().maybe_update(tell);
            }
            _ => {}
        });
    }

    /// The tickets of the page, by id.
    pub(crate) fn keys(self) -> Memo<Vec<String>> {
        memo(move || {
            self.loaded.data().with(|page| {
                let tickets = page.as_ref().map_or(&[][..], |page| &page.tickets);
                tickets.iter().map(|ticket| ticket.id.to_string()).collect()
            })
        })
    }

    /// One ticket of the page, by its key.
    pub(crate) fn ticket(self, key: &str) -> (TicketId, Memo<Option<TicketSummary>>) {
        let id = key.parse().unwrap_or(TicketId(0));
        let ticket = memo(move || {
            self.loaded.data().with(|page| {
                page.as_ref()?
                    .tickets
                    .iter()
                    .find(|ticket| ticket.id == id)
                    .cloned()
            })
        });
        (id, ticket)
    }

    /// Is a ticket on the page?
    pub(crate) fn shows(self, id: TicketId) -> bool {
        self.loaded.data().with_untracked(|page| {
            page.as_ref()
                .is_some_and(|page| page.tickets.iter().any(|ticket| ticket.id == id))
        })
    }

    /// How many tickets there are beyond the page, once known.
    pub(crate) fn total(self) -> Memo<Option<i64>> {
        memo(move || {
            self.loaded
                .data()
                .with(|page| page.as_ref().map(|page| page.total))
        })
    }

    /// Does anything narrow the list down?
    pub(crate) fn is_filtered(self) -> bool {
        self.query.with(|query| {
            let TicketQuery {
                sort, page, per_page, ..
            } = *query;
            *query
                != TicketQuery {
                    sort,
                    page,
                    per_page,
                    ..TicketQuery::default()
                }
        })
    }
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Waiting,
    Failed,
    Empty,
    NoMatch,
    Rows,
}

impl Body {
    fn of(search: Search) -> Self {
        let failed = search.loaded.failure().with(Option::is_some);
        search.loaded.data().with(|page| match page {
            None if failed => Self::Failed,
            None => Self::Waiting,
            Some(page) if !page.tickets.is_empty() => Self::Rows,
            Some(_) if search.is_filtered() => Self::NoMatch,
            Some(_) => Self::Empty,
        })
    }
}

/// The rows, or why there are none. Old rows stay while a newer answer fails to come, and say so.
#[component]
pub(crate) fn Found(
    search: Search,
    #[prop(into)] rows: ViewFn,
    /// Nobody has submitted anything yet.
    #[prop(into)]
    empty: ViewFn,
    /// Nothing fits, and that is good news.
    #[prop(optional)]
    good_news: Option<fn(&TicketQuery) -> Option<AnyView>>,
) -> impl IntoView {
    let t = use_text();
    let body = memo(move || Body::of(search));
    let retry = Callback::new(move |()| search.loaded.reload());
    let failure = search.loaded.failure();
    let outdated = optional(move || {
        let error = failure.get().filter(|_| body.get() != Body::Failed)?;
        Some(view! {
            <Banner tone=Tone::Warn>
                <span>{t.tickets.list.outdated} " " {error.message(t)}</span>
                <Button size=Size::Small on_click=move |()| retry.run(())>{t.retry}</Button>
            </Banner>
        })
    });
    view! {
        {outdated}
        {dynamic(move || match body.get() {
            Body::Waiting => view! { <SkeletonRows rows=8/> }.into_any(),
            Body::Failed => {
                let error = failure.get_untracked().unwrap_or(ApiError::Network);
                view! { <ErrorState title=t.tickets.list.failed error=error on_retry=retry/> }.into_any()
            }
            Body::Empty => empty.run(),
            Body::NoMatch => {
                let query = search.query.get();
                good_news.and_then(|news| news(&query)).unwrap_or_else(|| no_match(&query, search.path))
            }
            Body::Rows => rows.run(),
        })}
    }
    .into_any()
}

fn no_match(query: &TicketQuery, path: &'static str) -> AnyView {
    let t = use_text();
    let title = match &query.q {
        Some(q) => fill(t.tickets.list.no_match_named, &[("q", q)]),
        None => t.tickets.list.no_match.to_owned(),
    };
    view! {
        <Empty art=Art::Search title=title text=t.tickets.list.no_match_text>
            <LinkButton href=path>{t.clear_filters}</LinkButton>
        </Empty>
    }
    .into_any()
}

/// The pages of the list, as links.
pub(crate) fn pages(search: Search) -> AnyView {
    let spread = memo(move || {
        search
            .loaded
            .data()
            .with(|page| page.as_ref().map(|page| (page.page, page.per_page, page.total)))
    });
    (move || {
        let (page, per_page, total) = spread.get()?;
        let asked = search.query.get();
        let to = move |n: u32| {
            let page = Some(n).filter(|n| *n > 1);
            href(
                search.path,
                &TicketQuery {
                    page,
                    ..asked.clone()
                },
            )
        };
        Some(view! { <Pager page=page per_page=per_page total=total href=to/> })
    })
    .into_any()
}
