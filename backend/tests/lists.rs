//! Lists of tickets: filters, order, pages, search, and what is unread.

use shared::{
    Priority, Status, TicketId,
    check::limit,
    messages::SenderType,
    tickets::{
        AssignTicket, AssigneeFilter, AssigneeRef, Assignment, Choice, CreateTicket, ListTickets, NewTicket,
        Sort, TicketPage, TicketQuery,
    },
};

use crate::support::{Client, new_ticket, spawn_app, spawn_app_with};

async fn list(who: &Client, query: TicketQuery) -> TicketPage {
    who.call(ListTickets, (), query).await.good()
}

async fn titles(who: &Client, query: TicketQuery) -> Vec<String> {
    list(who, query)
        .await
        .tickets
        .into_iter()
        .map(|ticket| ticket.title)
        .collect()
}

fn search(q: &str) -> TicketQuery {
    TicketQuery {
        q: Some(q.into()),
        ..TicketQuery::default()
    }
}

#[actix_web::test]
async fn a_list_filters_sorts_and_pages() {
    let app = spawn_app_with(&[("TICKET_TYPES", "技术支持,产品咨询")]).await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    for n in 1..=5 {
        let priority = [Priority::Low, Priority::High, Priority::Medium][n % 3];
        let kind = if n % 2 == 0 {
            "产品咨询"
        } else {
            "技术支持"
        };
        let input = NewTicket {
            priority: Some(priority),
            kind: Some(kind.into()),
            ..new_ticket(&format!("第{n}单"))
        };
        ann.call(CreateTicket, (), input).await.good();
        app.clock.advance(1);
    }
    bob.moves(TicketId(2), Status::Processing).await;
    let assignment = Assignment {
        assignee: Some(Some(AssigneeRef::Name("bob".into()))),
    };
    bob.call(AssignTicket, TicketId(3), assignment).await.good();

    let all = || TicketQuery::default();
    assert_eq!(
        titles(&bob, all()).await,
        ["第5单", "第4单", "第3单", "第2单", "第1单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                sort: Choice::Is(Sort::Oldest),
                ..all()
            }
        )
        .await[0],
        "第1单"
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                sort: Choice::Is(Sort::Priority),
                ..all()
            }
        )
        .await,
        ["第4单", "第1单", "第5单", "第2单", "第3单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                sort: Choice::Is(Sort::Updated),
                ..all()
            }
        )
        .await[..2],
        ["第3单", "第2单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                status: Choice::Is(Status::Processing),
                ..all()
            }
        )
        .await,
        ["第2单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                kind: Choice::Is("产品咨询".into()),
                ..all()
            }
        )
        .await,
        ["第4单", "第2单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                priority: Choice::Is(Priority::Low),
                ..all()
            }
        )
        .await,
        ["第3单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                assignee: AssigneeFilter::Me,
                ..all()
            }
        )
        .await,
        ["第3单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                assignee: AssigneeFilter::Named("bob".into()),
                ..all()
            }
        )
        .await,
        ["第3单"]
    );
    assert_eq!(
        titles(
            &bob,
            TicketQuery {
                assignee: AssigneeFilter::Nobody,
                ..all()
            }
        )
        .await
        .len(),
        4
    );
    assert!(
        titles(
            &bob,
            TicketQuery {
                assignee: AssigneeFilter::Named("没有".into()),
                ..all()
            }
        )
        .await
        .is_empty()
    );

    let page = list(
        &ann,
        TicketQuery {
            page: Some(2),
            per_page: Some(2),
            ..all()
        },
    )
    .await;
    assert_eq!((page.total, page.page, page.per_page), (5, 2, 2));
    assert_eq!(page.tickets.iter().map(|t| t.id.0).collect::<Vec<_>>(), [3, 2]);
    let beyond = list(
        &ann,
        TicketQuery {
            page: Some(u32::MAX),
            per_page: Some(100),
            ..all()
        },
    )
    .await;
    assert_eq!((beyond.total, beyond.tickets.len()), (5, 0));
    for any in [
        "status=全部&priority=all&type=&assignee=all&sort=all",
        "status=pending",
        "",
    ] {
        let reply = bob.get(&format!("/case/api/tickets?{any}")).await;
        assert_eq!(reply.status, 200, "{any}");
    }
    assert_eq!(
        bob.get("/case/api/tickets?status=processing&priority=high")
            .await
            .good()["total"],
        0
    );
    assert_eq!(
        bob.get("/case/api/tickets?status=处理中").await.good()["total"],
        1
    );
}

#[actix_web::test]
async fn a_list_refuses_what_it_does_not_know() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    for (query, field) in [
        ("status=done", "status"),
        ("priority=urgent", "priority"),
        ("sort=random", "sort"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=99999999999", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=0000-00-00", "from"),
        ("q=%00", "q"),
        ("type=%07", "type"),
    ] {
        bob.get(&format!("/case/api/tickets?{query}"))
            .await
            .refused_field(field);
    }
    let long = format!("q={}", "x".repeat(limit::SEARCH + 1));
    bob.get(&format!("/case/api/tickets?{long}"))
        .await
        .refused_field("q");
    assert_eq!(
        bob.get("/case/api/tickets?q=%ff%fe").await.status,
        200,
        "broken UTF-8 finds nothing"
    );
}

#[actix_web::test]
async fn a_range_of_days_is_meant_in_the_display_zone() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    ann.submits("今天").await;
    let today = app.app.config().zone.show(app.clock.now()).date().to_owned();
    let on = |from: &str, to: &str| TicketQuery {
        from: Some(from.into()),
        to: Some(to.into()),
        ..TicketQuery::default()
    };
    assert_eq!(list(&ann, on(&today, &today)).await.total, 1);
    assert_eq!(
        list(
            &ann,
            on(&format!("{today} 00:00:00"), &format!("{today} 23:59:59"))
        )
        .await
        .total,
        1
    );
    assert_eq!(list(&ann, on("2001-01-01", "2001-12-31")).await.total, 0);
    // Just before midnight in Shanghai it is still the day before in UTC: move to 23:59:59 local, then over it.
    let now = app.app.config().zone.local(app.clock.now());
    let midnight = now.date().succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap();
    app.clock.advance((midnight - now).num_seconds());
    ann.submits("明天").await;
    let tomorrow = app.app.config().zone.show(app.clock.now()).date().to_owned();
    assert_ne!(tomorrow, today);
    assert_eq!(titles(&ann, on(&today, &today)).await, ["今天"]);
    assert_eq!(titles(&ann, on(&tomorrow, &tomorrow)).await, ["明天"]);
    let ticket = list(&ann, on(&tomorrow, &tomorrow)).await.tickets.remove(0);
    assert_eq!(
        ticket.ticket_number,
        format!("TK{}0001", tomorrow.replace('-', "")),
        "numbers begin anew each day"
    );
}

#[actix_web::test]
async fn a_search_finds_texts_but_no_wildcards_and_no_notes_for_customers() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("折扣100%_是真的吗").await;
    ann.submits("别的").await;
    ann.says(ticket, "发票抬头写错了").await;
    bob.notes(ticket, "此人难缠").await;
    for q in ["折扣", "100%_", "发票抬头", "ZHANGSAN@", "张三"] {
        assert!(
            titles(&bob, search(q))
                .await
                .contains(&"折扣100%_是真的吗".to_owned()),
            "{q}"
        );
    }
    for q in ["1%0", "折_扣", "%%", "'; DROP TABLE tickets; --", "\\", "!"] {
        assert!(titles(&bob, search(q)).await.is_empty(), "{q}");
    }
    assert_eq!(list(&bob, search("难缠")).await.total, 1);
    assert_eq!(
        list(&ann, search("难缠")).await.total,
        0,
        "a customer's search must not prove a note"
    );
    assert_eq!(
        list(&ann, search("变为")).await.total,
        0,
        "system lines are no finds"
    );
}

#[actix_web::test]
async fn unread_counts_what_the_other_side_said() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("有人吗").await;
    ann.says(ticket, "在吗").await;
    ann.says(ticket, "喂").await;
    assert_eq!(list(&bob, TicketQuery::default()).await.tickets[0].unread, 2);
    assert_eq!(list(&ann, TicketQuery::default()).await.tickets[0].unread, 0);
    bob.notes(ticket, "等等").await;
    bob.says(ticket, "来了").await;
    let seen = list(&ann, TicketQuery::default()).await.tickets.remove(0);
    assert_eq!(seen.unread, 1);
    let last = seen.last_message.unwrap();
    assert_eq!(
        (last.sender_type, last.content.as_str()),
        (SenderType::Admin, "来了")
    );
    let mut live = bob.live().await;
    let read = shared::live::Read {
        ticket_id: ticket,
        seq: 1,
    };
    live.ask(&shared::live::ClientEvent::Read(read)).await;
    assert_eq!(list(&bob, TicketQuery::default()).await.tickets[0].unread, 1);
    live.ask(&shared::live::ClientEvent::Read(shared::live::Read {
        seq: 999,
        ..read
    }))
    .await;
    assert_eq!(bob.sees(ticket).await.unread, 0);
    live.ask(&shared::live::ClientEvent::Read(shared::live::Read {
        seq: -5,
        ..read
    }))
    .await;
    assert_eq!(bob.sees(ticket).await.unread, 0, "a mark never moves back");
}
