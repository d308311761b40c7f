//! Logging in and out: cookies, portals, ends of sessions, and sockets that end with them.

use serde_json::json;
use shared::{
    ErrorCode, Role, Secret, UserId,
    endpoint::Nothing,
    sessions::{
        AdminLogin, ChangePassword, Credentials, GUEST_COOKIE, Login, Logout, Me, NewPassword, SESSION_COOKIE,
    },
    tickets::{CreateTicket, ListTickets, TicketQuery},
    users::{UpdateUser, UserChanges},
};

use crate::support::{
    Client, SocketIo, Transport, app::PASSWORD, eventually, new_ticket, spawn_app, spawn_app_with,
};

fn credentials(username: &str, password: &str) -> Credentials {
    Credentials {
        username: username.into(),
        password: Secret::from(password),
    }
}

async fn who(client: &Client) -> Option<UserId> {
    let outcome = client.call(Me, (), Nothing {}).await;
    match outcome.status() {
        401 => None,
        _ => outcome.good().user.map(|user| user.id),
    }
}

#[actix_web::test]
async fn a_customer_logs_in_by_name_or_address_and_gets_the_seeds_answer() {
    let app = spawn_app().await;
    let id = app.account("ann", Role::Customer).await;
    for login in ["ann", "ANN", "ann@example.com", " Ann@Example.COM "] {
        let ann = app.nobody();
        let user = ann
            .call(Login, (), credentials(login, PASSWORD))
            .await
            .good()
            .user;
        assert_eq!((user.id, user.role), (id, Role::Customer), "{login}");
        assert_eq!(who(&ann).await, Some(id), "{login}");
    }
    let body = serde_json::json!({"username": "ann", "password": PASSWORD});
    let reply = app.nobody().post("/case/api/login", &body).await;
    let json = reply.good();
    assert_eq!(json["message"], "登录成功");
    for (field, value) in [
        ("username", "ann"),
        ("email", "ann@example.com"),
        ("role", "customer"),
    ] {
        assert_eq!(json["user"][field], value);
    }
    assert!(!reply.text().contains("argon2"), "no hash leaves the server");
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with(&format!("{SESSION_COOKIE}=")), "{cookie}");
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain HTTP: {cookie}");
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[actix_web::test]
async fn behind_tls_the_cookie_is_secure_and_pinned_to_the_host() {
    let app = spawn_app_with(&[("PUBLIC_URL", "https://desk.example.com")]).await;
    app.account("ann", Role::Customer).await;
    let ann = app.nobody();
    let outcome = ann.call(Login, (), credentials("ann", PASSWORD)).await;
    let cookie = outcome.reply.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-casedesk_session=") && cookie.contains("Secure"),
        "{cookie}"
    );
    assert!(
        outcome
            .reply
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
    assert!(who(&ann).await.is_some());
    let plain = app.nobody();
    plain.set_cookie(SESSION_COOKIE, &ann.cookie("__Host-casedesk_session").unwrap());
    assert_eq!(who(&plain).await, None, "a cookie without the prefix is none");
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_account_are_one_answer() {
    let app = spawn_app().await;
    app.account("ann", Role::Customer).await;
    let off = app.account("off", Role::Customer).await;
    app.database
        .execute(&format!("UPDATE users SET is_active = FALSE WHERE id = {off}"));
    let nobody = app.nobody();
    let mut bodies = Vec::new();
    for (name, password) in [
        ("ann", "wrong"),
        ("nobody", PASSWORD),
        ("off", PASSWORD),
        ("ann' OR '1'='1", "x"),
        ("ann\0", PASSWORD),
    ] {
        for path in ["/case/api/login", "/case/api/admin/login"] {
            let reply = nobody
                .post(path, &serde_json::json!({"username": name, "password": password}))
                .await;
            reply.refused(ErrorCode::WrongCredentials);
            let mut json = reply.json();
            json["request_id"] = "".into();
            bodies.push(json);
        }
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    assert!(nobody.cookie(SESSION_COOKIE).is_none());
    assert_eq!(app.database.count("sessions"), 0);
    for (name, password, field) in [
        ("", "x", "username"),
        ("ann", "", "password"),
        (&"x".repeat(300), "x", "username"),
        ("ann", &"x".repeat(300), "password"),
    ] {
        nobody
            .call(Login, (), credentials(name, password))
            .await
            .refused_field(field);
    }
}

#[actix_web::test]
async fn each_role_has_its_own_entrance() {
    let app = spawn_app().await;
    app.account("ann", Role::Customer).await;
    app.account("bob", Role::Admin).await;
    let nobody = app.nobody();
    assert_eq!(
        nobody.call(Login, (), credentials("bob", PASSWORD)).await.code(),
        ErrorCode::WrongPortal
    );
    assert_eq!(
        nobody
            .call(AdminLogin, (), credentials("ann", PASSWORD))
            .await
            .code(),
        ErrorCode::WrongPortal
    );
    // Who does not know the password does not learn which entrance an account has.
    assert_eq!(
        nobody.call(Login, (), credentials("bob", "wrong")).await.code(),
        ErrorCode::WrongCredentials
    );
    assert_eq!(app.database.count("sessions"), 0);
    nobody
        .call(AdminLogin, (), credentials("bob", PASSWORD))
        .await
        .good();
}

#[actix_web::test]
async fn a_log_in_makes_a_new_token_and_the_database_knows_only_its_hash() {
    let app = spawn_app().await;
    app.account("ann", Role::Customer).await;
    let ann = app.nobody();
    let planted = "0".repeat(64);
    ann.set_cookie(SESSION_COOKIE, &planted);
    ann.call(Login, (), credentials("ann", PASSWORD)).await.good();
    let token = ann.cookie(SESSION_COOKIE).unwrap();
    assert_ne!(token, planted);
    assert_eq!(token.len(), 64);
    assert_eq!(
        app.database.number(&format!(
            "SELECT COUNT(*) FROM sessions WHERE token_hash = '{token}'"
        )),
        0
    );
    let hash = casedesk::domain::tokens::hash(&token);
    assert_eq!(
        app.database.number(&format!(
            "SELECT COUNT(*) FROM sessions WHERE token_hash = '{hash}'"
        )),
        1
    );
    let thief = app.nobody();
    thief.set_cookie(SESSION_COOKIE, &hash);
    assert_eq!(who(&thief).await, None, "the stored hash is no token");
}

#[actix_web::test]
async fn logging_out_ends_the_session_everywhere_and_its_socket() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let copy = ann.copy();
    let mut live = copy.live().await;
    let other = app.as_user(ann.id).await;
    let mut other_live = other.live().await;
    ann.call(Logout, (), Nothing {}).await.good();
    assert!(ann.cookie(SESSION_COOKIE).is_none());
    assert_eq!(who(&copy).await, None);
    assert_eq!(live.ended().await.code, Some(1008));
    assert_eq!(who(&other).await, Some(ann.id), "the other session goes on");
    other_live.hears_nothing().await;
    ann.call(Logout, (), Nothing {}).await.good();
    assert_eq!(
        app.metric(r#"casedesk_live_cut_total{reason="revoked"}"#).await,
        1
    );
}

#[actix_web::test]
async fn whoever_is_logged_out_at_the_door_is_not_let_in() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    for transport in Transport::ALL {
        let guest = app.as_user(ann.id).await;
        let mut door = SocketIo::open(&guest, transport).await;
        guest.call(Logout, (), Nothing {}).await.good();
        door.say("40").await;
        let heard = door.ended().await;
        assert!(!heard.iter().any(|packet| packet.starts_with("42")), "{heard:?}");
        assert_eq!(heard.last().map(String::as_str), Some("41"), "{transport:?}");
    }
}

#[actix_web::test]
async fn whoever_logs_out_and_does_not_wait_for_the_answer_is_logged_out() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let mut live = ann.live().await;
    let hash = casedesk::domain::tokens::hash(&ann.cookie(SESSION_COOKIE).unwrap());
    let asked = app
        .app
        .write(move |tx| casedesk::actions::sessions::close(tx, &hash));
    let mut asked = Box::pin(asked);
    assert!(futures_util::poll!(&mut asked).is_pending());
    drop(asked);
    assert_eq!(live.ended().await.code, Some(1008));
}

#[actix_web::test]
async fn what_cuts_an_accounts_rights_ends_its_sessions_and_sockets_at_once() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let cuts: [(&str, Role, UserChanges); 3] = [
        (
            "ann",
            Role::Customer,
            UserChanges {
                is_active: Some(false),
                ..UserChanges::default()
            },
        ),
        (
            "cid",
            Role::Admin,
            UserChanges {
                role: Some(Role::Customer),
                ..UserChanges::default()
            },
        ),
        (
            "dan",
            Role::Customer,
            UserChanges {
                password: Some("a new password".into()),
                ..UserChanges::default()
            },
        ),
    ];
    let ticket = bob.submits("房间").await;
    for (name, role, changes) in cuts {
        let id = app.account(name, role).await;
        let victim = app.as_user(id).await;
        let mut live = victim.live().await;
        let ticket = match role {
            Role::Admin => ticket,
            Role::Customer => victim.submits("自己的").await,
        };
        live.join(ticket).await;
        live.heard_of_all().await;
        assert_eq!(who(&victim).await, Some(id));
        let started = std::time::Instant::now();
        bob.call(UpdateUser, id, changes).await.good();
        assert_eq!(who(&victim).await, None, "{name}");
        bob.says(ticket, "只给在职的人").await;
        let ended = live.ended().await;
        assert!(started.elapsed() < std::time::Duration::from_secs(5), "{name}");
        assert_eq!(ended.code, Some(1008), "{name}");
        assert!(ended.events.is_empty(), "{name} heard {:?}", ended.events);
        assert_eq!(
            app.database
                .number(&format!("SELECT COUNT(*) FROM sessions WHERE user_id = {id}")),
            0
        );
    }
    assert_eq!(who(&bob).await, Some(bob.id));
}

#[actix_web::test]
async fn whatever_is_said_over_a_connection_is_authorised_anew() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let (ticket, other) = (ann.submits("一").await, ann.submits("二").await);
    let (mut speaks, mut joins) = (ann.live().await, ann.live().await);
    let mut door = SocketIo::enter(&ann, Transport::WebSocket).await;
    speaks.join(ticket).await;
    door.join(ticket, None).await;
    // Nobody is told: what a connection says must be what finds it out, once nobody remembers the session.
    app.database.execute("DELETE FROM sessions");
    eventually("the session is forgotten", async || who(&ann).await.is_none()).await;
    let send =
        |content: &str| json!({"event": "send_message", "data": {"ticket_id": ticket, "content": content}});
    speaks.shout(&send("还在吗").to_string()).await;
    assert_eq!(speaks.ended().await.code, Some(1008));
    joins
        .shout(&json!({"event": "join", "data": {"ticket_id": other}}).to_string())
        .await;
    assert_eq!(joins.ended().await.code, Some(1008));
    door.emit("send_message", &json!({"ticket_id": ticket, "content": "还在吗"}))
        .await;
    assert_eq!(door.ended().await.last().map(String::as_str), Some("41"));
    assert_eq!(app.database.count("messages"), 0);
}

#[actix_web::test]
async fn changing_ones_password_ends_the_other_sessions_and_renews_this_one() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let elsewhere = app.as_user(ann.id).await;
    let mut live = elsewhere.live().await;
    let old = ann.copy();
    let change = |current: &str, new: &str| NewPassword {
        current_password: current.into(),
        new_password: new.into(),
    };
    ann.call(ChangePassword, (), change("wrong", "another password"))
        .await
        .refused_field("current_password");
    ann.call(ChangePassword, (), change(PASSWORD, "short"))
        .await
        .refused_field("new_password");
    ann.call(ChangePassword, (), change(PASSWORD, &"x".repeat(129)))
        .await
        .refused_field("new_password");
    ann.call(ChangePassword, (), change(PASSWORD, PASSWORD))
        .await
        .refused_field("new_password");
    assert_eq!(who(&elsewhere).await, Some(ann.id), "nothing changed yet");
    ann.call(ChangePassword, (), change(PASSWORD, "新密码 emoji 😀 任意字符"))
        .await
        .good();
    assert_eq!(who(&ann).await, Some(ann.id));
    assert_eq!((who(&elsewhere).await, who(&old).await), (None, None));
    assert_eq!(live.ended().await.code, Some(1008));
    let again = app.nobody();
    assert_eq!(
        again.call(Login, (), credentials("ann", PASSWORD)).await.code(),
        ErrorCode::WrongCredentials
    );
    again
        .call(Login, (), credentials("ann", "新密码 emoji 😀 任意字符"))
        .await
        .good();
    let nobody = app.nobody();
    assert_eq!(
        nobody.call(ChangePassword, (), change("a", "b")).await.code(),
        ErrorCode::Unauthenticated
    );
}

#[actix_web::test]
async fn sessions_run_out_by_idleness_and_by_age() {
    const HOUR: i64 = 3600;
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let later = async |seconds: i64| {
        app.clock.advance(seconds);
        app.app.ask_everybody_again();
        (who(&ann).await.is_some(), who(&bob).await.is_some())
    };
    assert_eq!(later(2 * HOUR - 60).await, (true, true));
    assert_eq!(later(2 * HOUR - 60).await, (true, true), "each use counts anew");
    assert_eq!(
        later(2 * HOUR).await,
        (true, false),
        "an agent's ends after two idle hours"
    );
    assert_eq!(later(7 * 24 * HOUR - 60).await, (true, false));
    assert_eq!(
        later(7 * 24 * HOUR).await,
        (false, false),
        "a customer's ends after seven idle days"
    );
    let ann = app.as_user(ann.id).await;
    for day in 1..30 {
        app.clock.advance(24 * HOUR);
        app.app.ask_everybody_again();
        assert!(who(&ann).await.is_some(), "day {day}");
    }
    app.clock.advance(24 * HOUR);
    app.app.ask_everybody_again();
    assert_eq!(who(&ann).await, None, "thirty days are the end, used or not");
}

#[actix_web::test]
async fn a_token_that_never_was_is_nobody() {
    let app = spawn_app().await;
    let long = "f".repeat(4000);
    for token in ["", "x", "0000", "'; --", long.as_str()] {
        let client = app.nobody();
        client.set_cookie(SESSION_COOKIE, token);
        client.set_cookie(GUEST_COOKIE, token);
        assert_eq!(who(&client).await, None);
        assert_eq!(
            client.call(ListTickets, (), TicketQuery::default()).await.code(),
            ErrorCode::Unauthenticated
        );
    }
}

#[actix_web::test]
async fn a_guest_with_an_old_session_cookie_stays_connected() {
    let app = spawn_app().await;
    let guest = app.nobody();
    let ticket = guest
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .ticket_id;
    guest.set_cookie(SESSION_COOKIE, "a-session-that-ran-out");
    let mut live = guest.live().await;
    live.join(ticket).await;
    assert_eq!(live.says(ticket, "还在").await.seq, 1);
}

#[actix_web::test]
async fn a_guests_socket_ends_with_his_session() {
    let app = spawn_app().await;
    let guest = app.nobody();
    let ticket = guest
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .ticket_id;
    let mut live = guest.live().await;
    live.join(ticket).await;
    app.database.execute("DELETE FROM sessions");
    app.app.ask_everybody_again();
    assert_eq!(live.ended().await.code, Some(1008));
}

#[actix_web::test]
async fn a_crowd_of_log_ins_is_answered_busy_and_harms_nobody_else() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let tries = (0..120).map(|_| {
        let nobody = app.nobody();
        async move { nobody.call(Login, (), credentials("ann", "wrong")).await.reply }
    });
    let (replies, seen) = tokio::join!(
        futures_util::future::join_all(tries),
        ann.call(Me, (), Nothing {})
    );
    assert_eq!(seen.status(), 200);
    let busy: Vec<_> = replies.iter().filter(|reply| reply.status == 503).collect();
    assert!(!busy.is_empty(), "a queue without an end");
    for reply in &busy {
        reply.refused(ErrorCode::Busy);
        assert_eq!(reply.header("retry-after"), "1");
    }
    let guessed = replies.iter().filter(|reply| reply.status == 401).count();
    assert_eq!(guessed + busy.len(), 120);
    assert!(guessed >= 32, "{guessed}");
    ann.call(Me, (), Nothing {}).await.good();
}
