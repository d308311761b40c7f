//! Mails about tickets: who gets which, and with which words.

use shared::{
    ErrorCode, Role, Status, TicketId,
    endpoint::Nothing,
    live::{Attention, ClientEvent, Read, ServerEvent},
    sessions::{GuestToken, OpenGuestLink, RevokeGuestLinks},
    tickets::{AssignTicket, AssigneeRef, Assignment, CloseTicket, Closing, CreateTicket, NewTicket},
};

use crate::support::{
    Client, Smtp, TestApp, eventually, new_ticket,
    outbox::{CUSTOMER, is_empty},
    smtp::{Taken, desk, desk_with},
    spawn_app,
};

/// The mails to this address, in order.
pub fn to(mails: &[Taken], address: &str) -> Vec<Taken> {
    mails
        .iter()
        .filter(|mail| mail.to == [address])
        .cloned()
        .collect()
}

pub async fn assign(agent: &Client, ticket: TicketId, name: &str) {
    let assignment = Assignment {
        assignee: Some(Some(AssigneeRef::Name(name.into()))),
    };
    agent.call(AssignTicket, ticket, assignment).await.good();
}

/// Waits until nothing is left to send.
pub async fn settled(app: &TestApp) {
    eventually("the outbox is empty", async || is_empty(app).await).await;
}

#[actix_web::test]
async fn a_new_ticket_is_told_to_the_agents() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    app.account("bob", Role::Admin).await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("打印机坏了 😀").await;
    settled(&app).await;
    let mails = smtp.taken();
    let [mail] = to(&mails, "bob@example.com").try_into().unwrap();
    assert!(to(&mails, CUSTOMER).is_empty());
    let number = ann.sees(ticket).await.ticket_number;
    assert_eq!(mail.subject(), format!("[{number}] 新工单：打印机坏了 😀"));
    assert_eq!(mail.from, "desk@example.com");
    let link = format!("http://{}/case/ticket/{ticket}", app.address);
    for word in [
        number.as_str(),
        "张三",
        CUSTOMER,
        "13800138000",
        "无法登录系统，提示密码错误",
        &link,
    ] {
        assert!(mail.text().contains(word), "{word}: {}", mail.text());
        assert!(mail.html().contains(word), "{word}");
    }
}

/// The link in a guest's mail.
fn link(mail: &Taken) -> GuestToken {
    let text = mail.text();
    let (_, rest) = text.split_once("#access=").unwrap();
    GuestToken {
        token: rest.split_whitespace().next().unwrap().into(),
    }
}

#[actix_web::test]
async fn an_answer_is_told_to_a_guest_with_a_link_that_lets_him_in() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = app.agent("bob").await;
    let ticket = app.nobody().submits("登录不了").await;
    bob.says(ticket, "请把页面截图发给我，\n谢谢。").await;
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    let number = bob.sees(ticket).await.ticket_number;
    assert_eq!(mail.subject(), format!("[{number}] bob 有新回复：登录不了"));
    assert!(
        mail.text().contains("请把页面截图发给我，\n谢谢。"),
        "{}",
        mail.text()
    );
    // The answer took the ticket up: both are one mail.
    assert!(mail.text().contains("状态由「待处理」变为「处理中」，处理人 bob"));
    let guest = app.nobody();
    let opened = guest.call(OpenGuestLink, (), link(&mail)).await.good();
    assert_eq!(opened.ticket_id, ticket);
    guest.says(ticket, "好的").await;
    bob.says(ticket, "收到").await;
    settled(&app).await;
    let mails = to(&smtp.taken(), CUSTOMER);
    let [first, second] = mails.as_slice() else {
        panic!("{mails:#?}")
    };
    assert_eq!(link(first).token, link(second).token, "always the same link");
    let (first, second) = (first.parsed(), second.parsed());
    let ids = |value: &mail_parser::HeaderValue<'_>| -> Vec<String> {
        value
            .as_text_list()
            .unwrap()
            .iter()
            .map(|id| id.to_string())
            .collect()
    };
    let root = ids(first.references());
    assert_eq!(ids(first.in_reply_to()), root);
    assert_eq!(ids(second.in_reply_to()), [first.message_id().unwrap()]);
    assert_eq!(
        ids(second.references()),
        [root[0].as_str(), first.message_id().unwrap()]
    );
}

#[actix_web::test]
async fn after_a_guests_links_were_taken_back_the_next_mail_brings_another() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = app.agent("bob").await;
    let ticket = app.nobody().submits("转发错了人").await;
    for answer in ["一", "二", "三"] {
        bob.says(ticket, answer).await;
        settled(&app).await;
        bob.call(RevokeGuestLinks, ticket, Nothing {}).await.good();
    }
    bob.says(ticket, "四").await;
    settled(&app).await;
    let mails = to(&smtp.taken(), CUSTOMER);
    let [taken_back @ .., last] = mails.as_slice() else {
        panic!("no mail")
    };
    assert_eq!(taken_back.len(), 3);
    for mail in taken_back {
        let outcome = app.nobody().call(OpenGuestLink, (), link(mail)).await;
        assert_eq!(outcome.code(), ErrorCode::LinkInvalid);
    }
    let opened = app.nobody().call(OpenGuestLink, (), link(last)).await.good();
    assert_eq!(opened.ticket_id, ticket);
}

#[actix_web::test]
async fn an_agents_mail_and_a_customers_share_no_id_but_the_tickets() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = app.agent("bob").await;
    let ticket = app.nobody().submits("编号").await;
    bob.says(ticket, "你好").await;
    settled(&app).await;
    let mails = smtp.taken();
    let mut ids: Vec<String> = mails.iter().map(Taken::id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), mails.len());
    for mail in &mails {
        assert!(mail.id().ends_with("@example.com"), "{}", mail.id());
        assert_eq!(
            mail.header("References").unwrap().split(' ').next(),
            mails[0].header("References").unwrap().split(' ').next()
        );
    }
}

#[actix_web::test]
async fn what_a_customer_says_is_told_to_his_agent_or_to_all() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, _eve) = (app.agent("bob").await, app.agent("eve").await);
    let ann = app.customer("ann").await;
    let ticket = ann.submits("谁管").await;
    settled(&app).await;
    let before = smtp.taken().len();
    ann.says(ticket, "还没人管").await;
    settled(&app).await;
    let told = smtp.taken().split_off(before);
    assert_eq!(
        (
            to(&told, "bob@example.com").len(),
            to(&told, "eve@example.com").len()
        ),
        (1, 1)
    );
    assign(&bob, ticket, "eve").await;
    settled(&app).await;
    let before = smtp.taken().len();
    ann.says(ticket, "现在有人管").await;
    settled(&app).await;
    let told = smtp.taken().split_off(before);
    let [mail] = told.try_into().unwrap();
    assert_eq!(mail.to, ["eve@example.com"]);
    assert!(mail.subject().contains("ann 有新回复"), "{}", mail.subject());
    // A colleague's answer is told to the customer and to the agent in charge, not to its author.
    let before = smtp.taken().len();
    bob.says(ticket, "我来帮忙").await;
    settled(&app).await;
    let mut told: Vec<_> = smtp
        .taken()
        .split_off(before)
        .into_iter()
        .flat_map(|mail| mail.to)
        .collect();
    told.sort();
    assert_eq!(told, ["eve@example.com", CUSTOMER]);
}

#[actix_web::test]
async fn an_assignment_is_told_to_the_agent_unless_it_is_his_own_doing() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, eve) = (app.agent("bob").await, app.agent("eve").await);
    let ticket = app.nobody().submits("指派").await;
    settled(&app).await;
    let before = smtp.taken().len();
    assign(&bob, ticket, "eve").await;
    assign(&bob, ticket, "bob").await;
    assign(&eve, ticket, "eve").await;
    settled(&app).await;
    let told = smtp.taken().split_off(before);
    let [mail] = told.try_into().unwrap();
    assert_eq!(mail.to, ["eve@example.com"]);
    assert!(mail.subject().contains("指派给你"), "{}", mail.subject());
    assert!(mail.text().starts_with("bob 把工单"), "{}", mail.text());
}

#[actix_web::test]
async fn a_status_is_told_to_the_customer_with_old_new_and_who() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = app.agent("bob").await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("状态").await;
    let closing = Closing {
        resolution: Some("换了网线".into()),
    };
    bob.call(CloseTicket, ticket, closing).await.good();
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    assert!(mail.subject().contains("工单已关闭：状态"), "{}", mail.subject());
    for words in [
        "原状态：待处理",
        "新状态：已关闭",
        "处理人：bob",
        "处理结果：换了网线",
    ] {
        assert!(mail.text().contains(words), "{words}: {}", mail.text());
    }
    // What he did himself he knows.
    bob.moves(ticket, Status::Processing).await;
    settled(&app).await;
    let before = smtp.taken().len();
    ann.call(CloseTicket, ticket, Closing::default()).await.good();
    settled(&app).await;
    assert!(to(&smtp.taken().split_off(before), CUSTOMER).is_empty());
}

#[actix_web::test]
async fn a_note_is_told_to_nobody() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, eve) = (app.agent("bob").await, app.agent("eve").await);
    let ticket = app.nobody().submits("备注").await;
    assign(&bob, ticket, "bob").await;
    settled(&app).await;
    let before = smtp.taken().len();
    eve.notes(ticket, "客户很着急").await;
    bob.says(ticket, "马上处理").await;
    settled(&app).await;
    let mails = smtp.taken().split_off(before);
    let told: Vec<&str> = mails.iter().map(|mail| mail.to[0].as_str()).collect();
    assert_eq!(told, [CUSTOMER], "of the answer and nothing else");
    for mail in mails {
        assert!(!String::from_utf8_lossy(&mail.raw).contains("着急") && !mail.text().contains("着急"));
    }
}

#[actix_web::test]
async fn whoever_writes_english_is_written_to_in_english() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = app.agent("bob").await;
    let guest = app.nobody();
    let request = guest
        .request_of(CreateTicket, (), &new_ticket("No log-in"))
        .header("accept-language", "en-GB,en");
    let ticket = guest.send_as(CreateTicket, request).await.good().ticket_id;
    bob.says(ticket, "Which browser is it?").await;
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    assert!(
        mail.subject().ends_with("bob replied: No log-in"),
        "{}",
        mail.subject()
    );
    for words in [
        "There is news on ticket",
        "Status changed from Pending to In progress by bob",
        "Read and reply: http",
    ] {
        assert!(mail.text().contains(words), "{words}: {}", mail.text());
    }
    assert!(mail.html().contains("lang=\"en\""));
}

#[actix_web::test]
async fn several_messages_within_the_hold_are_one_mail() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let bob = app.agent("bob").await;
    let ticket = app.nobody().submits("合并").await;
    for n in 1..=3 {
        bob.says(ticket, &format!("第 {n} 条")).await;
    }
    bob.moves(ticket, Status::Resolved).await;
    assert!(to(&smtp.taken(), CUSTOMER).is_empty(), "too early");
    app.clock.advance(61);
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    let text = mail.text();
    let places: Vec<usize> = ["第 1 条", "第 2 条", "第 3 条"]
        .map(|words| text.find(words).unwrap())
        .to_vec();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("变为「已解决」"), "{text}");
    // The next one is a mail of its own.
    bob.moves(ticket, Status::Closed).await;
    app.clock.advance(61);
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 2);
}

#[actix_web::test]
async fn a_storm_on_one_ticket_is_one_short_mail() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let bob = app.agent("bob").await;
    let ticket = app.nobody().submits("风暴").await;
    let long = "长".repeat(9_000);
    for n in 1..=100 {
        bob.says(ticket, &format!("{n} {long}")).await;
    }
    app.clock.advance(61);
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    assert!(
        mail.text().contains("更早的 71 条请到工单中查看"),
        "the change counts too"
    );
    assert!(mail.text().contains("100 长长"));
    assert!(mail.raw.len() < 1_500_000, "{}", mail.raw.len());
}

#[actix_web::test]
async fn what_a_guest_has_seen_or_has_open_needs_no_mail_either() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (bob, guest) = (app.agent("bob").await, app.nobody());
    let ticket = guest.submits("访客看过了").await;
    let mut bobs = bob.live().await;
    bobs.join(ticket).await;
    bob.says(ticket, "看到了吗").await;
    let mut live = guest.live().await;
    live.join(ticket).await;
    let read = Read {
        ticket_id: ticket,
        seq: guest.sees(ticket).await.seq,
    };
    live.ask(&ClientEvent::Read(read)).await;
    // The agent sees that too, now and when he comes back.
    while !matches!(bobs.next().await, ServerEvent::Read(news) if news.seq == 2) {}
    assert_eq!(bob.live().await.join(ticket).await.read_seq, 2);
    live.leave(ticket).await;
    app.clock.advance(61);
    settled(&app).await;
    assert!(to(&smtp.taken(), CUSTOMER).is_empty(), "seen");
    bob.says(ticket, "这条没看").await;
    app.clock.advance(61);
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    assert!(mail.text().contains("这条没看") && !mail.text().contains("看到了吗"));
    live.join(ticket).await;
    bob.says(ticket, "正看着").await;
    app.clock.advance(61);
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 1, "open");
}

#[actix_web::test]
async fn what_was_seen_or_is_open_needs_no_mail() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let bob = app.agent("bob").await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("看过了").await;
    let first = bob.says(ticket, "看到了吗").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    let seen = ann.sees(ticket).await.seq;
    live.ask(&ClientEvent::Read(Read {
        ticket_id: ticket,
        seq: seen,
    }))
    .await;
    live.leave(ticket).await;
    let second = bob.says(ticket, "这条没看").await;
    app.clock.advance(61);
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    assert!(!mail.text().contains(&first.content) && mail.text().contains(&second.content));
    // All of it seen: no mail at all.
    bob.says(ticket, "也看到了").await;
    live.join(ticket).await;
    let seen = ann.sees(ticket).await.seq;
    live.ask(&ClientEvent::Read(Read {
        ticket_id: ticket,
        seq: seen,
    }))
    .await;
    live.leave(ticket).await;
    app.clock.advance(61);
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 1);
    // A guest leaves no marks: there the open page counts, unless it is behind something else.
    let guest = app.nobody();
    let ticket = guest.submits("开着").await;
    let mut live = guest.live().await;
    live.join(ticket).await;
    bob.says(ticket, "开着的时候").await;
    app.clock.advance(61);
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 1);
    let away = Attention {
        ticket_id: ticket,
        hidden: true,
    };
    live.ask(&ClientEvent::Presence(away)).await;
    bob.says(ticket, "挡着的时候").await;
    app.clock.advance(61);
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 2);
}

#[actix_web::test]
async fn without_a_mail_server_mails_are_files_that_people_can_read() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ticket = app.nobody().submits("没有服务器").await;
    bob.says(ticket, "请查看“网络状态”").await;
    app.clock.advance(61);
    settled(&app).await;
    let mut names: Vec<_> = std::fs::read_dir(app.folder().join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name.ends_with("-new_message-zhangsan@example.com.eml"));
    let [name] = names.as_slice() else {
        panic!("{names:?}")
    };
    let bytes = std::fs::read(app.folder().join("mail").join(name)).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("请查看“网络状态”"), "{text}");
    let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    assert!(parsed.subject().unwrap().ends_with("bob 有新回复：没有服务器"));
    assert!(parsed.body_text(0).unwrap().contains("请查看“网络状态”"));
}

#[actix_web::test]
async fn an_address_that_is_no_file_name_stops_nobodys_mail() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    for address in ["a/b@example.com", "lisi@example.com"] {
        let ticket = NewTicket {
            customer_email: Some(address.into()),
            ..new_ticket("文件名")
        };
        let ticket = app.nobody().call(CreateTicket, (), ticket).await.good().ticket_id;
        bob.says(ticket, "您好").await;
    }
    app.clock.advance(61);
    settled(&app).await;
    let names: Vec<_> = std::fs::read_dir(app.folder().join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for address in ["a_b@example.com", "lisi@example.com"] {
        let end = format!("-new_message-{address}.eml");
        assert!(names.iter().any(|name| name.ends_with(&end)), "{names:?}");
    }
}
