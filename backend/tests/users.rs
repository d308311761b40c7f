//! Agents look after accounts: lists, new ones, changes, and what nobody may do to himself.

use shared::{
    ErrorCode, Role, UserId,
    check::limit,
    sessions::{AdminLogin, Credentials, Login},
    tickets::Choice,
    users::{CreateUser, ListUsers, NewUser, UpdateUser, UserChanges, UserQuery},
};

use crate::support::spawn_app;

fn new_user(username: &str) -> NewUser {
    NewUser {
        username: username.into(),
        password: "first password".into(),
        ..NewUser::default()
    }
}

#[actix_web::test]
async fn an_agent_creates_an_account_that_must_change_its_password() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let input = NewUser {
        email: Some("Cai@Example.com".into()),
        phone: Some("13900139000".into()),
        full_name: Some("客服小蔡".into()),
        role: Some(Role::Admin),
        ..new_user("cai")
    };
    let user = bob.call(CreateUser, (), input).await.good().user;
    assert_eq!(user.email.as_deref(), Some("cai@example.com"));
    assert_eq!(
        (user.full_name.as_deref(), user.role, user.is_active),
        (Some("客服小蔡"), Role::Admin, true)
    );
    assert!(user.must_change_password && user.last_login.is_none());
    let login = Credentials {
        username: "cai@example.com".into(),
        password: "first password".into(),
    };
    assert!(
        app.nobody()
            .call(AdminLogin, (), login)
            .await
            .good()
            .user
            .must_change_password
    );
    assert_eq!(
        bob.call(CreateUser, (), new_user("plain")).await.good().user.role,
        Role::Customer
    );
    let stored = app
        .database
        .text("SELECT password FROM users WHERE username = 'cai'")
        .unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
}

#[actix_web::test]
async fn only_agents_see_and_change_accounts() {
    let app = spawn_app().await;
    let (ann, nobody) = (app.customer("ann").await, app.nobody());
    for (who, code) in [
        (&ann, ErrorCode::Forbidden),
        (&nobody, ErrorCode::Unauthenticated),
    ] {
        assert_eq!(who.call(ListUsers, (), UserQuery::default()).await.code(), code);
        assert_eq!(who.call(CreateUser, (), new_user("x")).await.code(), code);
        let promote = UserChanges {
            role: Some(Role::Admin),
            ..UserChanges::default()
        };
        assert_eq!(who.call(UpdateUser, ann.id, promote).await.code(), code);
        assert_eq!(
            who.call(UpdateUser, UserId(9999), UserChanges::default())
                .await
                .code(),
            code
        );
    }
    assert_eq!(
        app.database
            .number("SELECT COUNT(*) FROM users WHERE role = 'admin'"),
        1,
        "the default one"
    );
}

#[actix_web::test]
async fn names_and_addresses_belong_to_one_account_each() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ann = app.customer("ann").await;
    for name in ["ann", "ANN", "Ann"] {
        bob.call(CreateUser, (), new_user(name))
            .await
            .refused_field("username");
    }
    for email in ["ann@example.com", "ANN@EXAMPLE.COM"] {
        bob.call(
            CreateUser,
            (),
            NewUser {
                email: Some(email.into()),
                ..new_user("other")
            },
        )
        .await
        .refused_field("email");
        let change = UserChanges {
            email: Some(email.into()),
            ..UserChanges::default()
        };
        bob.call(UpdateUser, bob.id, change).await.refused_field("email");
    }
    let same = UserChanges {
        email: Some("ann@example.com".into()),
        ..UserChanges::default()
    };
    bob.call(UpdateUser, ann.id, same).await.good();
    let race = (0..10).map(|_| bob.call(CreateUser, (), new_user("twin")));
    let outcomes = futures_util::future::join_all(race).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.status() == 201).count(),
        1
    );
    for lost in outcomes.iter().filter(|outcome| outcome.status() != 201) {
        lost.refused_field("username");
    }
}

#[actix_web::test]
async fn an_account_that_cannot_be_is_refused() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let before = app.database.count("users");
    let bad: Vec<(&str, NewUser)> = vec![
        ("username", new_user("")),
        ("username", new_user("a b")),
        ("username", new_user("a@b.cn")),
        ("username", new_user("a\0b")),
        ("username", new_user(&"n".repeat(limit::USERNAME + 1))),
        (
            "password",
            NewUser {
                password: "short".into(),
                ..new_user("x")
            },
        ),
        (
            "password",
            NewUser {
                password: "p".repeat(limit::PASSWORD_MAX + 1).as_str().into(),
                ..new_user("x")
            },
        ),
        (
            "email",
            NewUser {
                email: Some("a@b.cn\r\nRCPT TO:<x@y.z>".into()),
                ..new_user("x")
            },
        ),
        (
            "email",
            NewUser {
                email: Some("没有".into()),
                ..new_user("x")
            },
        ),
        (
            "phone",
            NewUser {
                phone: Some("1".repeat(limit::PHONE + 1)),
                ..new_user("x")
            },
        ),
        (
            "full_name",
            NewUser {
                full_name: Some("\u{7}".into()),
                ..new_user("x")
            },
        ),
    ];
    for (field, input) in bad {
        bob.call(CreateUser, (), input).await.refused_field(field);
    }
    for body in [
        serde_json::json!({"username": "x", "password": "long enough", "role": "root"}),
        serde_json::json!({"username": 5, "password": "long enough"}),
        serde_json::json!({"username": "x", "password": ["long enough"]}),
    ] {
        bob.post("/case/api/users", &body)
            .await
            .refused(ErrorCode::ValidationFailed);
    }
    assert_eq!(app.database.count("users"), before);
}

#[actix_web::test]
async fn accounts_are_found_by_role_state_and_text() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    for name in ["ann", "eve", "100%"] {
        app.account(name, Role::Customer).await;
    }
    let found = async |query: UserQuery| {
        let page = bob.call(ListUsers, (), query).await.good();
        (
            page.users
                .into_iter()
                .map(|user| user.username)
                .collect::<Vec<_>>(),
            page.total,
        )
    };
    let search = |q: &str| UserQuery {
        q: Some(q.into()),
        ..UserQuery::default()
    };
    assert_eq!(found(UserQuery::default()).await.1, 6);
    assert_eq!(
        found(UserQuery {
            role: Choice::Is(Role::Admin),
            ..UserQuery::default()
        })
        .await
        .0,
        ["bob", "admin"]
    );
    assert_eq!(found(search("eve@")).await.0, ["eve"]);
    assert_eq!(found(search("%")).await.0, ["100%"]);
    let page = UserQuery {
        page: Some(2),
        per_page: Some(2),
        ..UserQuery::default()
    };
    assert_eq!(found(page).await, (vec!["ann".to_owned(), "bob".to_owned()], 6));
    let eve = bob
        .call(ListUsers, (), search("eve"))
        .await
        .good()
        .users
        .remove(0);
    bob.call(
        UpdateUser,
        eve.id,
        UserChanges {
            is_active: Some(false),
            ..UserChanges::default()
        },
    )
    .await
    .good();
    assert_eq!(
        found(UserQuery {
            active: Some(false),
            ..UserQuery::default()
        })
        .await
        .0,
        ["eve"]
    );
    for (query, field) in [
        ("page=0", "page"),
        ("per_page=101", "per_page"),
        ("role=root", "role"),
        ("active=maybe", "active"),
        ("q=%00", "q"),
    ] {
        bob.get(&format!("/case/api/users?{query}"))
            .await
            .refused_field(field);
    }
}

#[actix_web::test]
async fn what_is_left_out_stays_and_an_empty_text_clears() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ann = app.customer("ann").await;
    let rename = UserChanges {
        full_name: Some(" 安 ".into()),
        phone: Some("123".into()),
        ..UserChanges::default()
    };
    let user = bob.call(UpdateUser, ann.id, rename).await.good().user;
    assert_eq!(
        (
            user.full_name.as_deref(),
            user.phone.as_deref(),
            user.email.as_deref()
        ),
        (Some("安"), Some("123"), Some("ann@example.com"))
    );
    let clear = UserChanges {
        phone: Some(String::new()),
        email: Some(" ".into()),
        ..UserChanges::default()
    };
    let user = bob.call(UpdateUser, ann.id, clear).await.good().user;
    assert_eq!(
        (user.full_name.as_deref(), user.phone, user.email),
        (Some("安"), None, None)
    );
    bob.call(UpdateUser, ann.id, UserChanges::default()).await.good();
    assert_eq!(
        bob.call(UpdateUser, UserId(9999), UserChanges::default())
            .await
            .code(),
        ErrorCode::UserNotFound
    );
    for path in ["0", "x", "99999999999", "1.5", "%00"] {
        let reply = bob
            .send(
                bob.request("PATCH", &format!("/case/api/users/{path}"))
                    .body("{}")
                    .header("content-type", "application/json"),
            )
            .await;
        reply.refused(ErrorCode::UserNotFound);
    }
}

#[actix_web::test]
async fn nobody_can_deactivate_or_demote_himself() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let off = UserChanges {
        is_active: Some(false),
        ..UserChanges::default()
    };
    bob.call(UpdateUser, bob.id, off).await.refused_field("is_active");
    let down = UserChanges {
        role: Some(Role::Customer),
        ..UserChanges::default()
    };
    bob.call(UpdateUser, bob.id, down).await.refused_field("role");
    bob.call(ListUsers, (), UserQuery::default()).await.good();
}

#[actix_web::test]
async fn a_reset_password_must_be_changed_and_the_old_one_is_dead() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ann = app.customer("ann").await;
    let reset = UserChanges {
        password: Some("reset by bob".into()),
        ..UserChanges::default()
    };
    assert!(
        bob.call(UpdateUser, ann.id, reset)
            .await
            .good()
            .user
            .must_change_password
    );
    let old = Credentials {
        username: "ann".into(),
        password: crate::support::app::PASSWORD.into(),
    };
    assert_eq!(
        app.nobody().call(Login, (), old).await.code(),
        ErrorCode::WrongCredentials
    );
    let new = Credentials {
        username: "ann".into(),
        password: "reset by bob".into(),
    };
    assert!(
        app.nobody()
            .call(Login, (), new)
            .await
            .good()
            .user
            .must_change_password
    );
}
