//! Guests: a link instead of an account, good for one ticket.

use shared::{
    ErrorCode,
    endpoint::Nothing,
    messages::{NewMessage, PostMessage},
    sessions::{Credentials, GUEST_COOKIE, GuestToken, Login, Logout, Me, OpenGuestLink, RevokeGuestLinks},
    statistics::{GetStatistics, StatisticsQuery},
    tickets::{AssignTicket, Assignment, CloseTicket, Closing, CreateTicket, SetStatus, StatusChange},
};

use crate::support::{ABSENT, app::PASSWORD, client::saying, new_ticket, spawn_app};

fn token_of(url: &str) -> GuestToken {
    GuestToken {
        token: url.split_once("#access=").unwrap().1.into(),
    }
}

#[actix_web::test]
async fn a_guest_link_opens_its_ticket_on_any_machine() {
    let app = spawn_app().await;
    let guest = app.nobody();
    let created = guest.call(CreateTicket, (), new_ticket("访客")).await.good();
    let url = created.access_url.unwrap();
    assert_eq!(
        guest.call(Me, (), Nothing {}).await.good().guest_ticket_id,
        Some(created.ticket_id)
    );
    for _ in 0..2 {
        let elsewhere = app.nobody();
        assert!(!elsewhere.may_see(created.ticket_id).await);
        let outcome = elsewhere.call(OpenGuestLink, (), token_of(&url)).await;
        let cookie = outcome.reply.header("set-cookie").to_owned();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        assert_eq!(outcome.good().ticket_id, created.ticket_id);
        assert!(elsewhere.may_see(created.ticket_id).await);
        elsewhere.call(Logout, (), Nothing {}).await.good();
        assert!(elsewhere.cookie(GUEST_COOKIE).is_none());
        assert!(!elsewhere.may_see(created.ticket_id).await);
    }
    let token = url.split_once("#access=").unwrap().1;
    assert_eq!(
        app.database.number(&format!(
            "SELECT COUNT(*) FROM link_tokens WHERE token_hash = '{token}'"
        )),
        0
    );
}

#[actix_web::test]
async fn a_guest_may_read_write_and_close_and_nothing_else() {
    let app = spawn_app().await;
    let guest = app.nobody();
    let ticket = guest
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .ticket_id;
    guest.says(ticket, "你好").await;
    let note = NewMessage {
        internal: true,
        ..saying("x")
    };
    let status = StatusChange {
        status: Some(shared::Status::Processing),
        resolution: None,
    };
    for refused in [
        guest.call(PostMessage, ticket, note).await.reply,
        guest.call(SetStatus, ticket, status).await.reply,
        guest
            .call(AssignTicket, ticket, Assignment { assignee: Some(None) })
            .await
            .reply,
        guest
            .call(GetStatistics, (), StatisticsQuery::default())
            .await
            .reply,
        guest.get("/case/api/tickets").await,
        guest.get("/case/api/users").await,
    ] {
        assert!(matches!(refused.status, 401 | 403), "{}", refused.text());
    }
    guest.call(CloseTicket, ticket, Closing::default()).await.good();
}

#[actix_web::test]
async fn a_guest_link_lives_thirty_days_from_its_last_use() {
    const DAY: i64 = 24 * 3600;
    let app = spawn_app().await;
    let url = app
        .nobody()
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .access_url
        .unwrap();
    for _ in 0..3 {
        app.clock.advance(29 * DAY);
        app.nobody().call(OpenGuestLink, (), token_of(&url)).await.good();
    }
    app.clock.advance(30 * DAY);
    assert_eq!(
        app.nobody().call(OpenGuestLink, (), token_of(&url)).await.code(),
        ErrorCode::LinkInvalid
    );
}

#[actix_web::test]
async fn links_that_never_were_open_nothing() {
    let app = spawn_app().await;
    let long = "f".repeat(5000);
    for token in ["", "x", "0", "' OR 1=1 --", long.as_str(), "\0"] {
        let outcome = app
            .nobody()
            .call(OpenGuestLink, (), GuestToken { token: token.into() })
            .await;
        assert_eq!(outcome.code(), ErrorCode::LinkInvalid);
    }
}

#[actix_web::test]
async fn two_guests_of_one_address_do_not_see_each_other() {
    let app = spawn_app().await;
    let (one, two) = (app.nobody(), app.nobody());
    let first = one
        .call(CreateTicket, (), new_ticket("一"))
        .await
        .good()
        .ticket_id;
    let second = two
        .call(CreateTicket, (), new_ticket("二"))
        .await
        .good()
        .ticket_id;
    assert!(one.may_see(first).await && two.may_see(second).await);
    assert!(!one.may_see(second).await && !two.may_see(first).await);
}

#[actix_web::test]
async fn an_agent_takes_the_links_to_a_ticket_back_and_whoever_came_by_one_is_out() {
    let app = spawn_app().await;
    let (bob, ann) = (app.agent("bob").await, app.customer("ann").await);
    let (guest, other, friend) = (app.nobody(), app.nobody(), app.nobody());
    let created = guest.call(CreateTicket, (), new_ticket("转发")).await.good();
    let (ticket, url) = (created.ticket_id, created.access_url.unwrap());
    let others = other.submits("别的").await;
    friend.call(OpenGuestLink, (), token_of(&url)).await.good();
    for may_not in [&guest, &ann, &app.nobody()] {
        let outcome = may_not.call(RevokeGuestLinks, ticket, Nothing {}).await;
        assert!(matches!(outcome.status(), 401 | 403), "{}", outcome.reply.text());
    }
    assert!(guest.may_see(ticket).await && friend.may_see(ticket).await);
    let (mut live, mut others_live) = (friend.live().await, other.live().await);
    live.join(ticket).await;
    others_live.join(others).await;
    for _ in 0..2 {
        bob.call(RevokeGuestLinks, ticket, Nothing {}).await.good();
    }
    assert_eq!(live.ended().await.code, Some(1008));
    assert!(!guest.may_see(ticket).await && !friend.may_see(ticket).await);
    assert_eq!(
        app.nobody().call(OpenGuestLink, (), token_of(&url)).await.code(),
        ErrorCode::LinkInvalid
    );
    assert!(other.may_see(others).await, "another ticket's guest stays");
    others_live.says(others, "还在").await;
    let absent = bob.call(RevokeGuestLinks, ABSENT, Nothing {}).await;
    assert_eq!(absent.code(), ErrorCode::TicketNotFound);
}

#[actix_web::test]
async fn whose_session_has_ended_does_not_go_on_as_a_guest() {
    let app = spawn_app().await;
    let guest = app.nobody();
    let created = guest.call(CreateTicket, (), new_ticket("访客")).await.good();
    let link = token_of(&created.access_url.unwrap());
    let bob = app.agent("bob").await;
    // He opens the link while he is logged in, and logs in where he came by it.
    bob.call(OpenGuestLink, (), link.clone()).await.good();
    bob.says(created.ticket_id, "我是客服").await;
    let ann = app.customer("ann").await;
    let elsewhere = app.nobody();
    elsewhere.call(OpenGuestLink, (), link.clone()).await.good();
    let credentials = Credentials {
        username: ann.username.clone(),
        password: PASSWORD.into(),
    };
    elsewhere.call(Login, (), credentials).await.good();
    app.database
        .execute("DELETE FROM sessions WHERE user_id IS NOT NULL");
    app.app.ask_everybody_again();
    for who in [&bob, &elsewhere] {
        let late = who.call(PostMessage, created.ticket_id, saying("还是我")).await;
        assert_eq!(late.code(), ErrorCode::Unauthenticated);
        // On purpose he may.
        who.call(OpenGuestLink, (), link.clone()).await.good();
        assert_eq!(
            who.call(Me, (), Nothing {}).await.good().guest_ticket_id,
            Some(created.ticket_id)
        );
    }
}
