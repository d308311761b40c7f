//! Taking over a `casedb` of the old system: every row stays, everybody gets in, the strange rows too.

use shared::{
    ErrorCode, Priority, Secret, Status, TicketId, UserId,
    endpoint::Nothing,
    messages::SenderType,
    sessions::{AdminLogin, Credentials, Login, Me},
    tickets::{AssigneeFilter, Choice, ListTickets, TicketQuery},
};

use crate::support::{
    Client, TestApp,
    database::{Database, is_mysql},
};

/// As the old system hashed.
fn md5(text: &str) -> String {
    use md5::Digest;
    casedesk::domain::tokens::hex(&md5::Md5::digest(text.as_bytes()))
}

/// The longest text that the old `TEXT` column holds: 65,535 bytes.
fn longest() -> String {
    format!("{}ab", "长".repeat(21_844)) + "c"
}

/// A casedb as years leave it behind.
pub fn old_casedb() -> Database {
    let database = Database::of_the_old_system();
    let long = longest();
    let hash = md5("geheim42");
    let upper = hash.to_uppercase();
    database.execute(&format!(
        "INSERT INTO users (id, username, password, email, phone, full_name, role, last_login, is_active) VALUES \
         (1, 'admin', '{admin}', 'admin@example.com', NULL, '系统管理员', 'admin', NULL, TRUE), \
         (2, 'zhang', '{hash}', 'ZhangSan@Example.com', '13800138000', '张三', 'customer', '2026-01-02 03:04:05', TRUE), \
         (3, 'li', '{upper}', NULL, NULL, NULL, 'customer', NULL, TRUE), \
         (4, 'wang', '{hash}', NULL, NULL, '', 'customer', NULL, NULL), \
         (5, 'off', '{hash}', 'off@example.com', NULL, '停用', 'customer', NULL, FALSE), \
         (6, 'kf_a', '{hash}', 'a@example.com', NULL, '客服A', 'admin', NULL, TRUE), \
         (7, 'kf_b1', '{hash}', 'b1@example.com', NULL, '客服B', 'admin', NULL, TRUE), \
         (8, 'kf_b2', '{hash}', 'b2@example.com', NULL, '客服B', 'admin', NULL, TRUE), \
         (9, 'norole', '{hash}', 'norole@example.com', NULL, NULL, NULL, NULL, TRUE), \
         (10, '老用户 😀', '{hash}', '', NULL, '表情', 'customer', NULL, TRUE)",
        admin = md5("admin123"),
    ));
    database.execute(&format!(
        "INSERT INTO tickets (id, ticket_number, customer_name, customer_email, customer_phone, title, description, type, priority, status, assignee, created_at, updated_at, resolved_at, closed_at, resolution) VALUES \
         (1, 'TK202602060001', '张三', 'zhangsan@example.com', '13800138000', '系统无法登录', '无法登录', '技术支持', '普通', '待处理', '客服A', '2026-02-06 02:00:00', '2026-02-06 02:00:00', NULL, NULL, NULL), \
         (2, 'TK202602060002', '张三', 'ZHANGSAN@EXAMPLE.COM', NULL, '😀 表情', '{long}', '旧类型', NULL, NULL, '已离职的小王', '2026-02-06 02:00:01', '2026-02-06 02:00:01', NULL, NULL, NULL), \
         (3, 'TK202602069999', '李四', 'li@nowhere.cn', NULL, '已解决的', 'x', NULL, '高', '已解决', '客服B', '2026-02-06 03:00:00', '2026-02-06 04:00:00', '2026-02-06 04:00:00', NULL, '重启'), \
         (4, 'CASE-7', '没有邮箱', '', '', '怪编号', 'y', '', 'low', 'closed', '', '2026-02-06 03:00:00', '2026-02-06 03:00:00', NULL, '2026-02-06 05:00:00', NULL), \
         (5, 'TK202602060005', '谁', 'a@b', NULL, '怪状态', 'z', '技术支持', '紧急', '处理', NULL, '2026-02-06 03:00:00', '2026-02-06 03:00:00', NULL, NULL, NULL)"
    ));
    database.execute(&format!(
        "INSERT INTO messages (id, ticket_id, sender_id, sender_name, sender_type, content, attachment_url, is_system, created_at) VALUES \
         (1, 1, 2, '张三', 'customer', '请帮我看一下这个问题', NULL, FALSE, '2026-02-06 02:05:00'), \
         (2, 1, 6, '客服A', 'admin', '收到', '/uploads/123456.pdf', FALSE, '2026-02-06 02:06:00'), \
         (3, 1, 0, '系统', 'admin', '状态变更', NULL, TRUE, '2026-02-06 02:06:00'), \
         (4, 2, 2, '张三', 'customer', '{long}', NULL, NULL, '2026-02-06 02:05:00'), \
         (5, 1, 6, '客服A', 'admin', '时间倒流', NULL, FALSE, '2026-02-06 02:04:00'), \
         (6, 777, 2, '张三', 'customer', '孤儿', NULL, FALSE, '2026-02-06 02:05:00')"
    ));
    database
}

pub async fn log_in(app: &TestApp, name: &str, password: &str) -> Result<Client, ErrorCode> {
    let client = app.nobody();
    let credentials = || Credentials {
        username: name.into(),
        password: Secret::from(password),
    };
    let outcome = client.call(Login, (), credentials()).await;
    if outcome.status() == 200 {
        return Ok(client);
    }
    if outcome.code() != ErrorCode::WrongPortal {
        return Err(outcome.code());
    }
    let outcome = client.call(AdminLogin, (), credentials()).await;
    if outcome.status() == 200 {
        Ok(client)
    } else {
        Err(outcome.code())
    }
}

pub fn counts(database: &Database) -> Vec<i64> {
    ["users", "tickets", "messages"]
        .map(|table| database.count(table))
        .to_vec()
}

#[actix_web::test]
async fn every_row_stays_and_reads_as_it_was_meant() {
    let database = old_casedb();
    let before = counts(&database);
    let app = TestApp::on(database, &[]).await;
    assert_eq!(counts(&app.database), before);
    let agent = log_in(&app, "kf_a", "geheim42").await.unwrap();
    let page = agent.call(ListTickets, (), TicketQuery::default()).await.good();
    assert_eq!(page.total, 5);
    let one = agent.sees(TicketId(1)).await;
    assert_eq!(
        (one.priority, one.status, one.assignee.as_deref(), one.assignee_id),
        (Priority::Medium, Status::Pending, Some("客服A"), Some(UserId(6)))
    );
    assert_eq!(
        one.created_at.as_str(),
        "2026-02-06 10:00:00",
        "stored in UTC, shown in the display zone"
    );
    assert_eq!(
        one.updated_at.as_str(),
        "2026-02-06 10:00:00",
        "taking over changes no time"
    );
    let two = agent.sees(TicketId(2)).await;
    assert_eq!(
        (two.priority, two.status, two.kind.as_deref()),
        (Priority::Medium, Status::Pending, Some("旧类型"))
    );
    assert_eq!(
        (two.assignee.as_deref(), two.assignee_id),
        (Some("已离职的小王"), None),
        "a free text stays a text"
    );
    assert_eq!(
        (two.title.as_str(), two.description == longest()),
        ("😀 表情", true)
    );
    let three = agent.sees(TicketId(3)).await;
    assert_eq!(
        (three.status, three.resolution.as_deref(), three.assignee_id),
        (Status::Resolved, Some("重启"), None),
        "two are called that"
    );
    assert_eq!(three.resolved_at.unwrap().as_str(), "2026-02-06 12:00:00");
    let four = agent.sees(TicketId(4)).await;
    assert_eq!(
        (
            four.priority,
            four.status,
            four.assignee,
            four.ticket_number.as_str()
        ),
        (Priority::Low, Status::Closed, None, "CASE-7")
    );
    let five = agent.sees(TicketId(5)).await;
    assert_eq!(
        (five.priority, five.status),
        (Priority::Medium, Status::Pending),
        "unknown words read as the beginning"
    );
    assert_eq!(
        agent
            .call(
                ListTickets,
                (),
                TicketQuery {
                    status: Choice::Is(Status::Pending),
                    ..TicketQuery::default()
                }
            )
            .await
            .good()
            .total,
        3
    );
    assert_eq!(
        agent
            .call(
                ListTickets,
                (),
                TicketQuery {
                    priority: Choice::Is(Priority::Medium),
                    ..TicketQuery::default()
                }
            )
            .await
            .good()
            .total,
        3
    );
    let kept = "SELECT CONCAT(kind, ' ', from_value, ' ', to_value) AS t FROM ticket_events WHERE ticket_id = 5 ORDER BY id";
    assert_eq!(
        app.database.texts(kept),
        [
            Some("status 处理 待处理".to_owned()),
            Some("priority 紧急 中".to_owned())
        ]
    );
    let named = TicketQuery {
        assignee: AssigneeFilter::Named("已离职的小王".into()),
        ..TicketQuery::default()
    };
    assert_eq!(agent.call(ListTickets, (), named).await.good().total, 1);
}

#[actix_web::test]
async fn old_messages_are_numbered_and_the_conversation_goes_on() {
    let app = TestApp::on(old_casedb(), &[]).await;
    let zhang = log_in(&app, "zhangsan@example.com", "geheim42").await.unwrap();
    let list = zhang.reads(TicketId(1)).await;
    let told: Vec<(i64, &str)> = list
        .messages
        .iter()
        .map(|m| (m.seq, m.content.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "时间倒流"),
            (2, "请帮我看一下这个问题"),
            (3, "收到"),
            (4, "状态变更")
        ]
    );
    assert_eq!(
        list.messages[2].attachment_url.as_deref(),
        Some("/uploads/123456.pdf")
    );
    assert_eq!(zhang.sees(TicketId(1)).await.seq, 4);
    let long = zhang.reads(TicketId(2)).await.messages.remove(0);
    assert_eq!(
        (long.content == longest(), long.is_system, long.sender_type),
        (true, false, SenderType::Customer)
    );
    let mut live = zhang.live().await;
    live.join(TicketId(1)).await;
    assert_eq!(live.says(TicketId(1), "还在吗").await.seq, 5);
    let kf = log_in(&app, "kf_a", "geheim42").await.unwrap();
    kf.says(TicketId(1), "在").await;
    assert_eq!(kf.sees(TicketId(1)).await.status, Status::Processing);
    let stats = kf
        .get("/case/api/statistics?from=2026-02-06&to=2026-02-06")
        .await
        .good();
    assert_eq!(
        (&stats["total_tickets"], &stats["avg_response_seconds"]),
        (&5.into(), &240.0.into()),
        "first answer after four minutes"
    );
}

#[actix_web::test]
async fn a_customer_sees_the_tickets_of_his_address_and_no_others() {
    let app = TestApp::on(old_casedb(), &[]).await;
    let zhang = log_in(&app, "zhang", "geheim42").await.unwrap();
    let mine: Vec<i32> = zhang
        .call(ListTickets, (), TicketQuery::default())
        .await
        .good()
        .tickets
        .iter()
        .map(|t| t.id.0)
        .collect();
    assert_eq!(mine, [2, 1], "whatever the case of the address");
    assert!(!zhang.may_see(TicketId(3)).await);
    let li = log_in(&app, "li", "geheim42").await.unwrap();
    assert_eq!(
        li.call(ListTickets, (), TicketQuery::default())
            .await
            .good()
            .total,
        0,
        "no address, no tickets"
    );
    let empty = log_in(&app, "老用户 😀", "geheim42").await.unwrap();
    assert_eq!(
        empty
            .call(ListTickets, (), TicketQuery::default())
            .await
            .good()
            .total,
        0,
        "an empty address is nobody's"
    );
}

#[actix_web::test]
async fn an_old_password_becomes_argon2id_at_its_log_in() {
    let app = TestApp::on(old_casedb(), &[]).await;
    let stored = |id: i32| {
        (
            app.database
                .text(&format!("SELECT password_scheme FROM users WHERE id = {id}"))
                .unwrap(),
            app.database
                .text(&format!("SELECT password FROM users WHERE id = {id}"))
                .unwrap(),
        )
    };
    for wrong in ["geheim43", "", " geheim42", md5("geheim42").as_str()] {
        assert!(log_in(&app, "zhang", wrong).await.is_err(), "{wrong}");
    }
    assert_eq!(
        stored(2),
        ("md5".into(), md5("geheim42")),
        "nothing changes before it fits"
    );
    for (id, name) in [
        (2, "zhang"),
        (3, "li"),
        (4, "wang"),
        (9, "norole"),
        (10, "老用户 😀"),
    ] {
        let client = log_in(&app, name, "geheim42").await.unwrap();
        assert_eq!(
            client.call(Me, (), Nothing {}).await.good().user.unwrap().id,
            UserId(id)
        );
        let (scheme, hash) = stored(id);
        assert!(
            scheme == "argon2id" && hash.starts_with("$argon2id$"),
            "{name}: {scheme} {hash}"
        );
        log_in(&app, name, "geheim42").await.unwrap();
        assert!(log_in(&app, name, &hash).await.is_err(), "a hash is no password");
        assert!(log_in(&app, name, &md5("geheim42")).await.is_err());
    }
    assert_eq!(
        log_in(&app, "off", "geheim42").await.err(),
        Some(ErrorCode::WrongCredentials)
    );
    assert_eq!(stored(5).0, "md5");
}

#[actix_web::test]
async fn with_the_upgrade_off_the_old_hash_stays() {
    let app = TestApp::on(old_casedb(), &[("PASSWORD_UPGRADE", "off")]).await;
    log_in(&app, "zhang", "geheim42").await.unwrap();
    let row = app
        .database
        .texts("SELECT password AS t FROM users WHERE id = 2 AND password_scheme = 'md5'");
    assert_eq!(
        row,
        [Some(md5("geheim42"))],
        "the other systems that read this table still work"
    );
}

#[actix_web::test]
async fn hardening_wraps_every_old_password_and_everybody_still_gets_in() {
    let app = TestApp::on(old_casedb(), &[]).await;
    assert_eq!(app.app.harden_passwords().await.unwrap(), 10);
    assert_eq!(app.app.harden_passwords().await.unwrap(), 0, "once is enough");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM users WHERE password_scheme = 'md5+argon2id' AND password LIKE '$argon2id$%'"), 10);
    for name in ["zhang", "li"] {
        assert!(
            log_in(&app, name, &md5("geheim42")).await.is_err(),
            "the old hash is no password"
        );
        log_in(&app, name, "geheim42").await.unwrap();
    }
    assert_eq!(
        app.database
            .number("SELECT COUNT(*) FROM users WHERE password_scheme = 'argon2id'"),
        2
    );
}

#[actix_web::test]
async fn the_old_files_are_served_to_those_who_may_see_their_ticket() {
    let app = TestApp::on(old_casedb(), &[]).await;
    std::fs::write(app.uploads().join("123456.pdf"), b"%PDF-1.4 alt").unwrap();
    std::fs::write(app.uploads().join("nobodys.pdf"), b"%PDF-1.4 fremd").unwrap();
    let zhang = log_in(&app, "zhang", "geheim42").await.unwrap();
    for path in ["/uploads/123456.pdf", "/case/uploads/123456.pdf"] {
        let reply = zhang.get(path).await;
        assert_eq!(
            (reply.status, reply.body.as_slice()),
            (200, b"%PDF-1.4 alt".as_slice())
        );
    }
    app.database
        .execute("UPDATE messages SET attachment_url = '/uploads/合同 1.txt' WHERE id = 3");
    std::fs::write(app.uploads().join("合同 1.txt"), "你好").unwrap();
    assert_eq!(
        zhang.get("/uploads/%E5%90%88%E5%90%8C%201.txt").await.status,
        200,
        "old names may be Chinese"
    );
    zhang
        .get("/uploads/%E6%B2%A1%E6%9C%89.txt")
        .await
        .refused(ErrorCode::FileNotFound);
    zhang
        .get("/uploads/nobodys.pdf")
        .await
        .refused(ErrorCode::FileNotFound);
    let li = log_in(&app, "li", "geheim42").await.unwrap();
    li.get("/uploads/123456.pdf")
        .await
        .refused(ErrorCode::FileNotFound);
}

#[actix_web::test]
async fn new_ticket_numbers_go_on_after_the_old_ones() {
    let database = Database::of_the_old_system();
    let clock = crate::support::app::noon();
    let day = (clock.now() + chrono::TimeDelta::hours(8))
        .format("%Y%m%d")
        .to_string();
    for number in [
        format!("TK{day}9999"),
        format!("TK{day}0007"),
        format!("TK{day}ABCD"),
        format!("TK{day}-12"),
    ] {
        database.execute(&format!(
            "INSERT INTO tickets (ticket_number, customer_name, customer_email, title, description) VALUES ('{number}', 'a', 'a@b.cn', 't', 'd')"
        ));
    }
    let app = TestApp::on(database, &[]).await;
    let ann = app.customer("ann").await;
    for n in 10_000..10_003 {
        let ticket = ann.submits("数字变长").await;
        assert_eq!(ann.sees(ticket).await.ticket_number, format!("TK{day}{n}"));
    }
}

#[actix_web::test]
async fn zero_dates_of_a_lenient_server_are_survived() {
    if !is_mysql() {
        return; // SQLite never had them.
    }
    let database = old_casedb();
    database.execute(
        "SET SESSION sql_mode = ''; \
         UPDATE tickets SET created_at = '0000-00-00 00:00:00', updated_at = '0000-00-00 00:00:00', resolved_at = '0000-00-00 00:00:00' WHERE id = 5; \
         UPDATE messages SET created_at = '0000-00-00 00:00:00' WHERE id = 4; \
         UPDATE users SET created_at = '0000-00-00 00:00:00', last_login = '0000-00-00 00:00:00' WHERE id = 2",
    );
    let app = TestApp::on(database, &[]).await;
    let agent = log_in(&app, "kf_a", "geheim42").await.unwrap();
    assert_eq!(
        agent
            .call(ListTickets, (), TicketQuery::default())
            .await
            .good()
            .total,
        5
    );
    assert!(agent.sees(TicketId(5)).await.resolved_at.is_none());
    assert_eq!(agent.reads(TicketId(2)).await.messages.len(), 1);
    log_in(&app, "zhang", "geheim42").await.unwrap();
}
