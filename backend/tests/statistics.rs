//! The statistics page's numbers, counted by hand.

use shared::{
    ErrorCode, Priority, Status,
    statistics::{DayCount, GetStatistics, NamedCount, Statistics, StatisticsQuery},
    tickets::{AssignTicket, AssigneeRef, Assignment, CloseTicket, Closing, CreateTicket, NewTicket},
};

use crate::support::{Client, TestApp, new_ticket, spawn_app};

const HOUR: i64 = 3600;

async fn numbers(agent: &Client) -> Statistics {
    agent
        .call(GetStatistics, (), StatisticsQuery::default())
        .await
        .good()
}

/// That many hours, and the few seconds that the test itself takes.
#[track_caller]
fn assert_hours(seconds: Option<f64>, hours: f64) {
    let over = seconds.unwrap() - hours * HOUR as f64;
    assert!((0.0..20.0).contains(&over), "{seconds:?} is not {hours} hours");
}

fn today(app: &TestApp) -> String {
    app.app.config().zone.show(app.clock.now()).date().to_owned()
}

#[actix_web::test]
async fn nothing_yet_is_all_zeros() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let json = bob.get("/case/api/statistics").await.good();
    for field in ["total_tickets", "pending", "processing", "resolved", "closed"] {
        assert_eq!(json[field], 0, "{field}");
    }
    assert_eq!(json["avg_response_time"], "0 hours");
    assert_eq!(json["avg_response_seconds"], serde_json::Value::Null);
    assert_eq!(json["by_day"], serde_json::json!([]));
}

#[actix_web::test]
async fn the_numbers_are_exact() {
    let app = spawn_app().await;
    let (ann, bob, cai) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("cai").await,
    );
    let submit = async |title: &str, kind: &str, priority: Priority| {
        let input = NewTicket {
            kind: Some(kind.into()),
            priority: Some(priority),
            ..new_ticket(title)
        };
        ann.call(CreateTicket, (), input).await.good().ticket_id
    };
    let give = async |ticket, to: &str| {
        let assignment = Assignment {
            assignee: Some(Some(AssigneeRef::Name(to.into()))),
        };
        bob.call(AssignTicket, ticket, assignment).await.good();
    };
    let one = submit("一", "技术支持", Priority::High).await;
    let two = submit("二", "技术支持", Priority::Medium).await;
    let three = submit("三", "产品咨询", Priority::Medium).await;
    let four = submit("四", "售后服务", Priority::Low).await;
    let five = submit("五", "技术支持", Priority::Medium).await;
    give(one, "bob").await;
    give(two, "cai").await;
    give(three, "cai").await;
    // Answers: a note and a system line are none, only the first counts, a customer's word is none.
    bob.notes(one, "记").await;
    ann.says(one, "在吗").await;
    app.clock.advance(HOUR);
    bob.says(one, "在").await;
    app.clock.advance(3 * HOUR);
    let (bob, cai) = (app.as_user(bob.id).await, app.as_user(cai.id).await);
    cai.says(two, "您好").await;
    bob.says(one, "还在").await;
    bob.moves(three, Status::Processing).await;
    bob.moves(two, Status::Resolved).await;
    bob.call(
        CloseTicket,
        four,
        Closing {
            resolution: Some("重复".into()),
        },
    )
    .await
    .good();

    let seen = numbers(&bob).await;
    assert_eq!(
        (
            seen.total_tickets,
            seen.pending,
            seen.processing,
            seen.resolved,
            seen.closed
        ),
        (5, 1, 2, 1, 1)
    );
    assert_hours(seen.avg_response_seconds, 2.5);
    assert_eq!(seen.avg_response_time, "2.5 hours");
    let count = |name: &str, count: i64| NamedCount {
        name: name.into(),
        count,
    };
    assert_eq!(seen.by_priority, [count("高", 1), count("中", 3), count("低", 1)]);
    let mut kinds = seen.by_type.clone();
    kinds.sort_by(|a, b| b.count.cmp(&a.count).then(a.name.cmp(&b.name)));
    assert_eq!(
        kinds,
        [count("技术支持", 3), count("产品咨询", 1), count("售后服务", 1)]
    );
    let agents: Vec<_> = seen
        .by_agent
        .iter()
        .map(|a| (a.name.as_str(), a.id, a.total, a.open, a.done))
        .collect();
    assert_eq!(
        agents,
        [("cai", Some(cai.id), 2, 1, 1), ("bob", Some(bob.id), 1, 1, 0)]
    );
    assert_hours(seen.by_agent[0].avg_response_seconds, 4.0);
    assert_hours(seen.by_agent[1].avg_response_seconds, 1.0);
    assert_eq!(
        seen.by_day,
        [DayCount {
            date: today(&app),
            created: 5,
            resolved: 1
        }]
    );
    bob.says(five, "您好").await;
    assert_hours(numbers(&bob).await.avg_response_seconds, 3.0);
}

#[actix_web::test]
async fn a_range_counts_the_tickets_created_in_it() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let first_day = today(&app);
    bob.submits("一").await;
    app.clock.advance(24 * HOUR);
    bob.submits("二").await;
    bob.submits("三").await;
    app.clock.advance(24 * HOUR);
    let bob = app.as_user(bob.id).await;
    let second_day = casedesk_day_before(&today(&app));
    let range = async |from: Option<&str>, to: Option<&str>| -> Statistics {
        let query = StatisticsQuery {
            from: from.map(Into::into),
            to: to.map(Into::into),
        };
        bob.call(GetStatistics, (), query).await.good()
    };
    assert_eq!(range(None, None).await.total_tickets, 3);
    assert_eq!(range(Some(&first_day), Some(&first_day)).await.total_tickets, 1);
    let two = range(Some(&second_day), None).await;
    assert_eq!(two.total_tickets, 2);
    assert_eq!(two.from.as_deref(), Some(second_day.as_str()));
    let days: Vec<(String, i64)> = range(Some(&first_day), None)
        .await
        .by_day
        .into_iter()
        .map(|d| (d.date, d.created))
        .collect();
    assert_eq!(
        days,
        [(first_day.clone(), 1), (second_day.clone(), 2), (today(&app), 0)],
        "days without tickets are there"
    );
    assert_eq!(
        range(Some(&second_day), Some(&first_day)).await.total_tickets,
        0,
        "a range that ends before it begins"
    );
    assert_eq!(
        range(Some("2000-01-01"), Some("9990-01-01")).await.by_day.len(),
        366
    );
    for (query, field) in [
        ("from=x", "from"),
        ("to=2026-13-01", "to"),
        ("from=%00", "from"),
        ("to=99999-01-01", "to"),
    ] {
        bob.get(&format!("/case/api/statistics?{query}"))
            .await
            .refused_field(field);
    }
}

fn casedesk_day_before(day: &str) -> String {
    day.parse::<chrono::NaiveDate>()
        .unwrap()
        .pred_opt()
        .unwrap()
        .to_string()
}

#[actix_web::test]
async fn only_agents_see_the_numbers() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    assert_eq!(
        ann.call(GetStatistics, (), StatisticsQuery::default())
            .await
            .code(),
        ErrorCode::Forbidden
    );
    assert_eq!(
        app.nobody()
            .call(GetStatistics, (), StatisticsQuery::default())
            .await
            .code(),
        ErrorCode::Unauthenticated
    );
}
