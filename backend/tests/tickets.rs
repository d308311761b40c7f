//! Submitting, finding and reading tickets: who may, what is refused, who hears of it.

use shared::{
    ErrorCode, Priority, Status,
    check::limit,
    endpoint::Nothing,
    live::ServerEvent,
    tickets::{CreateTicket, GetTicket, ListTickets, NewTicket, TicketKey, TicketPage, TicketQuery},
};

use crate::support::{ABSENT, Client, new_ticket, spawn_app};

async fn list(who: &Client, query: TicketQuery) -> TicketPage {
    who.call(ListTickets, (), query).await.good()
}

#[actix_web::test]
async fn a_customer_submits_a_ticket_and_reads_it_back() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let input = NewTicket {
        kind: Some("产品咨询".into()),
        priority: Some(Priority::High),
        ..new_ticket("系统无法登录")
    };
    let created = ann.call(CreateTicket, (), input).await.good();
    assert!(created.access_url.is_none(), "an account needs no link");
    let day = app
        .app
        .config()
        .zone
        .show(app.clock.now())
        .date()
        .replace('-', "");
    assert_eq!(created.ticket_number, format!("TK{day}0001"));

    let ticket = ann.sees(created.ticket_id).await;
    assert_eq!(ticket.ticket_number, created.ticket_number);
    assert_eq!(
        (ticket.customer_name.as_str(), ticket.customer_email.as_str()),
        ("张三", "zhangsan@example.com")
    );
    assert_eq!(
        (ticket.title.as_str(), ticket.kind.as_deref()),
        ("系统无法登录", Some("产品咨询"))
    );
    assert_eq!(
        (ticket.priority, ticket.status),
        (Priority::High, Status::Pending)
    );
    assert_eq!((ticket.seq, ticket.unread), (0, 0));
    assert!(ticket.assignee.is_none() && ticket.resolved_at.is_none() && ticket.closed_at.is_none());

    let by_number = ann
        .call(GetTicket, TicketKey::Number(created.ticket_number), Nothing {})
        .await
        .good()
        .ticket;
    assert_eq!(by_number, ticket);
}

#[actix_web::test]
async fn the_seeds_request_gets_the_seeds_answer() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let body = serde_json::json!({
        "customer_name": "张三", "customer_email": "zhangsan@example.com", "customer_phone": "13800138000",
        "title": "系统无法登录", "type": "技术支持", "priority": "高", "description": "无法登录系统，提示密码错误",
        "a_field_of_the_future": {"ignored": true},
    });
    let reply = ann.post("/case/api/tickets", &body).await;
    assert_eq!(reply.status, 201);
    let json = reply.good();
    assert_eq!(json["message"], "工单提交成功");
    assert_eq!(json["ticket_id"], 1);

    let json = ann
        .get("/case/api/tickets?status=待处理&type=技术支持&page=1&per_page=20")
        .await
        .good();
    assert_eq!(
        (&json["total"], &json["page"], &json["per_page"]),
        (&1.into(), &1.into(), &20.into())
    );
    let ticket = &json["tickets"][0];
    assert_eq!(
        (&ticket["id"], &ticket["status"], &ticket["priority"]),
        (&1.into(), &"待处理".into(), &"高".into())
    );
    assert_eq!(
        ticket["created_at"].as_str().unwrap().len(),
        "2026-02-06 10:00:00".len()
    );
    let json = ann.get("/case/api/tickets/1").await.good();
    assert_eq!(json["ticket"]["description"], "无法登录系统，提示密码错误");
    assert_eq!(json["ticket"]["assignee"], serde_json::Value::Null);
}

#[actix_web::test]
async fn a_signed_in_customer_may_leave_out_who_he_is() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let input = NewTicket {
        title: "打印机".into(),
        description: "坏了".into(),
        ..NewTicket::default()
    };
    let ticket = ann
        .sees(ann.call(CreateTicket, (), input).await.good().ticket_id)
        .await;
    assert_eq!(
        (ticket.customer_name.as_str(), ticket.customer_email.as_str()),
        ("ann", "ann@example.com")
    );
    assert_eq!(
        (ticket.kind.as_deref(), ticket.priority),
        (Some("技术支持"), Priority::Medium)
    );
}

#[actix_web::test]
async fn a_guest_gets_a_link_and_may_leave_out_nothing() {
    let app = spawn_app().await;
    let guest = app.nobody();
    let outcome = guest.call(CreateTicket, (), NewTicket::default()).await;
    let problem = outcome.refused(ErrorCode::ValidationFailed);
    let fields: Vec<&str> = problem.fields.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        ["customer_email", "customer_name", "description", "title"]
    );

    let created = guest
        .call(CreateTicket, (), new_ticket("访客的问题"))
        .await
        .good();
    let url = created.access_url.unwrap();
    assert!(
        url.starts_with(&format!(
            "http://{}/case/ticket/{}#access=",
            app.address, created.ticket_id
        )),
        "{url}"
    );
    assert_eq!(guest.sees(created.ticket_id).await.title, "访客的问题");
    assert_eq!(
        guest.call(ListTickets, (), TicketQuery::default()).await.code(),
        ErrorCode::Unauthenticated
    );
}

#[actix_web::test]
async fn somebody_elses_ticket_is_like_one_that_does_not_exist() {
    let app = spawn_app().await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    let ticket = ann.submits("秘密").await;
    let number = ann.sees(ticket).await.ticket_number;
    let strange = [
        eve.get(&format!("/case/api/tickets/{ticket}")).await,
        eve.get(&format!("/case/api/tickets/{number}")).await,
    ];
    let absent = eve.get(&format!("/case/api/tickets/{ABSENT}")).await;
    let shown = |reply: &crate::support::Reply| {
        let mut json = reply.json();
        json["request_id"] = "".into();
        (reply.status, json)
    };
    for reply in &strange {
        assert_eq!(shown(reply), shown(&absent));
    }
    for path in [
        "0",
        "-1",
        "99999999999999999999",
        "1.5",
        "abc",
        "TK",
        "TK'--",
        "%00",
        "%E4%B8%AD",
        "..%2f..%2fusers",
    ] {
        eve.get(&format!("/case/api/tickets/{path}"))
            .await
            .refused(ErrorCode::TicketNotFound);
    }
    assert_eq!(list(&eve, TicketQuery::default()).await.total, 0);
    assert_eq!(
        app.nobody()
            .get(&format!("/case/api/tickets/{ticket}"))
            .await
            .status,
        401
    );
}

#[actix_web::test]
async fn every_field_of_a_submission_has_its_limit_in_characters() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let too_long: [(&str, NewTicket); 6] = [
        (
            "title",
            NewTicket {
                title: "题".repeat(limit::TITLE + 1),
                ..new_ticket("")
            },
        ),
        (
            "customer_name",
            NewTicket {
                customer_name: Some("名".repeat(limit::NAME + 1)),
                ..new_ticket("t")
            },
        ),
        (
            "customer_phone",
            NewTicket {
                customer_phone: Some("1".repeat(limit::PHONE + 1)),
                ..new_ticket("t")
            },
        ),
        (
            "customer_email",
            NewTicket {
                customer_email: Some(format!("{}@b.cn", "a".repeat(99))),
                ..new_ticket("t")
            },
        ),
        (
            "description",
            NewTicket {
                description: "述".repeat(limit::DESCRIPTION + 1),
                ..new_ticket("t")
            },
        ),
        (
            "type",
            NewTicket {
                kind: Some("没有这种".into()),
                ..new_ticket("t")
            },
        ),
    ];
    for (field, input) in too_long {
        ann.call(CreateTicket, (), input).await.refused_field(field);
    }
    assert_eq!(app.database.count("tickets"), 0, "nothing half-written");

    let longest = NewTicket {
        title: "题".repeat(limit::TITLE),
        customer_name: Some("😀".repeat(limit::NAME)),
        description: "😀".repeat(limit::DESCRIPTION),
        ..new_ticket("")
    };
    let ticket = ann
        .sees(ann.call(CreateTicket, (), longest.clone()).await.good().ticket_id)
        .await;
    assert_eq!(ticket.title, longest.title);
    assert_eq!(
        ticket.description, longest.description,
        "the same bytes come back"
    );
    assert_eq!(Some(ticket.customer_name), longest.customer_name);
}

#[actix_web::test]
async fn agents_and_the_owner_hear_of_a_new_ticket_and_nobody_else() {
    let app = spawn_app().await;
    let (ann, eve, bob) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
    );
    let (mut ann_live, mut eve_live, mut bob_live) = (ann.live().await, eve.live().await, bob.live().await);
    let ticket = ann.submits("新的").await;
    for live in [&mut ann_live, &mut bob_live] {
        let ServerEvent::TicketCreated(news) = live.next().await else {
            panic!("not told")
        };
        assert_eq!((news.ticket.id, news.ticket.title.as_str()), (ticket, "新的"));
    }
    ann_live.hears_nothing().await;
    bob_live.hears_nothing().await;
    eve_live.hears_nothing().await;
}

#[actix_web::test]
async fn an_agent_submits_for_a_customer_whose_address_is_proven() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    app.database
        .execute("UPDATE users SET email_verified_at = created_at WHERE username = 'ann'");
    let for_address = |email: &str| NewTicket {
        customer_email: Some(email.into()),
        ..new_ticket("电话里说的")
    };
    let anns = bob
        .call(CreateTicket, (), for_address("ANN@example.com"))
        .await
        .good();
    assert!(anns.access_url.is_none());
    let eves = bob
        .call(CreateTicket, (), for_address("eve@example.com"))
        .await
        .good();
    assert!(ann.may_see(anns.ticket_id).await);
    assert!(
        !eve.may_see(eves.ticket_id).await,
        "an address that nobody proved opens nothing"
    );
    assert!(
        !bob.call(ListTickets, (), TicketQuery::default())
            .await
            .good()
            .tickets
            .is_empty()
    );
}
