//! People who are not here any more: they are told nothing, and what is said is not left without an ear.

use shared::{
    live::{ClientEvent, Read},
    notifications::{MailState, NotificationKind},
    tickets::{CreateTicket, NewTicket},
};

use crate::{
    mail::{assign, settled, to},
    support::{
        Smtp, new_ticket,
        outbox::{CUSTOMER, put_off, rows},
        smtp::{desk, desk_with},
    },
};

#[actix_web::test]
async fn nobody_is_written_to_who_is_gone_and_nothing_said_is_left_without_an_ear() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (bob, eve) = (app.agent("bob").await, app.agent("eve").await);
    let ann = app.customer("ann").await;
    let ticket = ann.submits("交接").await;
    assign(&bob, ticket, "eve").await;
    settled(&app).await;
    let before = smtp.taken().len();
    let said = ["有人吗", "很急", "打不开了"];
    for words in said {
        ann.says(ticket, words).await;
    }
    let gone = shared::users::UserChanges {
        is_active: Some(false),
        ..Default::default()
    };
    bob.call(shared::users::UpdateUser, eve.id, gone).await.good();
    app.clock.advance(61);
    settled(&app).await;
    let told = smtp.taken().split_off(before);
    assert!(to(&told, "eve@example.com").is_empty());
    let bobs = to(&told, "bob@example.com");
    assert_eq!(bobs.len(), 1, "the others hear of it instead");
    for words in said {
        assert!(bobs[0].text().contains(words), "{words}: {}", bobs[0].text());
    }
}

#[actix_web::test]
async fn what_is_no_address_gets_no_mail_and_stops_nobodys() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = app.agent("bob").await;
    // As an old system may have stored it, which checked nothing.
    for address in [
        "a@b.cn\r\nRCPT TO:<evil@evil.cn>",
        "a@b.cn>,<evil@evil.cn",
        "a,evil@evil.cn",
        "evil@evil.cn SIZE=1",
        "no-address",
        "",
    ] {
        let ticket = app.nobody().submits("坏地址").await;
        app.database.execute(&format!(
            "UPDATE tickets SET customer_email = '{address}' WHERE id = {ticket}"
        ));
        bob.says(ticket, "收得到吗").await;
        settled(&app).await;
        let rows = rows(&app).await;
        let told = rows
            .iter()
            .rev()
            .find(|row| row.user_id.0 == 0 && row.kind == NotificationKind::Message);
        assert_eq!(told.unwrap().mail, MailState::Cancelled, "{address}");
    }
    let ticket = app.nobody().submits("好地址").await;
    bob.says(ticket, "收到了").await;
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 1);
    for mail in smtp.taken() {
        assert!(!mail.to.iter().any(|to| to.contains("evil")), "{:?}", mail.to);
    }
}

#[actix_web::test]
async fn an_agent_who_became_a_customer_is_told_nothing_of_others_tickets() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (bob, eve) = (app.agent("bob").await, app.agent("eve").await);
    let ann = app.customer("ann").await;
    let ticket = ann.submits("转岗").await;
    assign(&bob, ticket, "eve").await;
    settled(&app).await;
    let before = smtp.taken().len();
    let customer = shared::users::UserChanges {
        role: Some(shared::Role::Customer),
        ..Default::default()
    };
    bob.call(shared::users::UpdateUser, eve.id, customer).await.good();
    ann.says(ticket, "有人吗").await;
    app.clock.advance(61);
    settled(&app).await;
    let told = smtp.taken().split_off(before);
    assert!(to(&told, "eve@example.com").is_empty());
    assert!(to(&told, CUSTOMER).is_empty(), "his own words");
    assert_eq!(
        to(&told, "bob@example.com").len(),
        1,
        "the others hear of it instead"
    );
}

#[actix_web::test]
async fn an_answer_to_a_customer_who_is_gone_is_told_to_nobody_else() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, _eve) = (app.agent("bob").await, app.agent("eve").await);
    let ann = app.customer("ann").await;
    let ticket = ann.submits("已停用").await;
    settled(&app).await;
    let gone = shared::users::UserChanges {
        is_active: Some(false),
        ..Default::default()
    };
    bob.call(shared::users::UpdateUser, ann.id, gone).await.good();
    let before = smtp.taken().len();
    bob.says(ticket, "还在吗").await;
    app.clock.advance(61);
    settled(&app).await;
    assert_eq!(smtp.taken().len(), before);
}

#[actix_web::test]
async fn an_agent_who_became_a_customer_again_hears_of_his_own_tickets() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, eve) = (app.agent("bob").await, app.customer("eve").await);
    let ticket = eve.submits("我自己的").await;
    let becomes = async |role| {
        let changes = shared::users::UserChanges {
            role: Some(role),
            ..Default::default()
        };
        bob.call(shared::users::UpdateUser, eve.id, changes).await.good();
    };
    becomes(shared::Role::Admin).await;
    for _ in 0..3 {
        bob.notes(ticket, "内部").await;
    }
    let agent = app.as_user(eve.id).await;
    let mut live = agent.live().await;
    live.join(ticket).await;
    let seq = agent.sees(ticket).await.seq;
    live.ask(&ClientEvent::Read(Read {
        ticket_id: ticket,
        seq,
    }))
    .await;
    drop(live);
    settled(&app).await;
    becomes(shared::Role::Customer).await;
    let before = smtp.taken().len();
    bob.says(ticket, "修好了").await;
    settled(&app).await;
    let told = smtp.taken().split_off(before);
    assert_eq!(
        to(&told, CUSTOMER).len(),
        1,
        "what an agent had read hides none of it"
    );
}

#[actix_web::test]
async fn a_guest_with_the_address_of_an_account_that_is_gone_is_answered() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, ann) = (app.agent("bob").await, app.customer("ann").await);
    app.database
        .execute("UPDATE users SET email_verified_at = created_at WHERE username = 'ann'");
    let gone = shared::users::UserChanges {
        is_active: Some(false),
        ..Default::default()
    };
    bob.call(shared::users::UpdateUser, ann.id, gone).await.good();
    let hers = NewTicket {
        customer_email: Some("ann@example.com".into()),
        ..new_ticket("又来了")
    };
    let ticket = app.nobody().call(CreateTicket, (), hers).await.good().ticket_id;
    bob.says(ticket, "您好").await;
    settled(&app).await;
    let [mail] = to(&smtp.taken(), "ann@example.com").try_into().unwrap();
    assert!(mail.text().contains("您好"));
}

#[actix_web::test]
async fn a_line_that_was_cut_just_before_costs_nobody_his_mail() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (bob, guest) = (app.agent("bob").await, app.nobody());
    let ticket = guest.submits("断线").await;
    let mut live = guest.live().await;
    live.join(ticket).await;
    bob.says(ticket, "断线时说的").await;
    // That a line is dead is known after 45 seconds only.
    put_off(&app).await;
    assert!(to(&smtp.taken(), CUSTOMER).is_empty());
    live.leave(ticket).await;
    app.clock.advance(48);
    settled(&app).await;
    assert_eq!(to(&smtp.taken(), CUSTOMER).len(), 1);
    live.join(ticket).await;
    bob.says(ticket, "一直看着").await;
    app.clock.advance(48);
    settled(&app).await;
    assert_eq!(
        to(&smtp.taken(), CUSTOMER).len(),
        1,
        "he has had it in front of him all the time"
    );
}

#[actix_web::test]
async fn what_was_said_after_a_line_was_cut_is_told_with_what_was_said_before() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (bob, guest) = (app.agent("bob").await, app.nobody());
    let ticket = guest.submits("断线").await;
    let mut live = guest.live().await;
    live.join(ticket).await;
    bob.says(ticket, "断线前说的").await;
    app.clock.advance(50);
    // Now the line is cut, and nobody knows.
    bob.says(ticket, "断线后说的").await;
    app.clock.advance(11);
    put_off(&app).await;
    live.leave(ticket).await;
    app.clock.advance(48);
    settled(&app).await;
    let [mail] = to(&smtp.taken(), CUSTOMER).try_into().unwrap();
    assert!(mail.text().contains("断线后说的"));
}
