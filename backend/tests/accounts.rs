//! The documented default accounts: made once, must change, and useless from anywhere but the machine itself.

use shared::{
    ErrorCode, Role, Secret,
    endpoint::Nothing,
    sessions::{AdminLogin, ChangePassword, Credentials, Login, Me, NewPassword, SetUp, SetUpPassword},
    statistics::{GetStatistics, StatisticsQuery},
    tickets::{CreateTicket, ListTickets, TicketQuery},
};

use crate::support::{Client, TestApp, new_ticket, spawn_app, spawn_app_with};

fn admin() -> Credentials {
    Credentials {
        username: "admin".into(),
        password: Secret::from("admin123"),
    }
}

fn customer() -> Credentials {
    Credentials {
        username: "customer".into(),
        password: Secret::from("customer123"),
    }
}

async fn log_in_with(client: &Client, headers: &[(&str, &str)]) -> u16 {
    let request = client.request_of(AdminLogin, (), &admin());
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    let reply = client.send(request).await;
    if reply.status != 200 {
        reply.refused(ErrorCode::DefaultPasswordRefused);
    }
    reply.status
}

#[actix_web::test]
async fn an_empty_database_gets_both_accounts_and_both_must_change_their_password() {
    let app = spawn_app().await;
    let (boss, guest) = (app.nobody(), app.nobody());
    let user = boss.call(AdminLogin, (), admin()).await.good().user;
    assert!(user.must_change_password && user.role == Role::Admin);
    let user = guest.call(Login, (), customer()).await.good().user;
    assert!(user.must_change_password && user.role == Role::Customer);
    assert!(app.set_up_link.is_none());

    let required = ErrorCode::PasswordChangeRequired;
    assert_eq!(
        boss.call(ListTickets, (), TicketQuery::default()).await.code(),
        required
    );
    assert_eq!(
        boss.call(GetStatistics, (), StatisticsQuery::default())
            .await
            .code(),
        required
    );
    assert_eq!(
        guest.call(CreateTicket, (), new_ticket("x")).await.code(),
        required
    );
    assert_eq!(guest.try_live(&[]).await.err().unwrap().code, required);
    guest.get("/case/uploads/x.png").await.refused(required);
    guest.get("/case/api/tickets/1/messages").await.refused(required);
    assert_eq!(app.database.count("tickets"), 0);
    boss.call(Me, (), Nothing {}).await.good();

    for bad in ["admin123", "short", ""] {
        let change = NewPassword {
            current_password: "admin123".into(),
            new_password: bad.into(),
        };
        boss.call(ChangePassword, (), change)
            .await
            .refused_field("new_password");
    }
    let change = NewPassword {
        current_password: "admin123".into(),
        new_password: "a better one".into(),
    };
    let user = boss.call(ChangePassword, (), change).await.good().user;
    assert!(!user.must_change_password);
    boss.call(ListTickets, (), TicketQuery::default()).await.good();
    assert_eq!(
        app.nobody().call(AdminLogin, (), admin()).await.code(),
        ErrorCode::WrongCredentials
    );
}

#[actix_web::test]
async fn a_second_start_makes_no_second_accounts_and_keeps_the_new_password() {
    let app = spawn_app().await;
    let boss = app.nobody();
    boss.call(AdminLogin, (), admin()).await.good();
    let change = NewPassword {
        current_password: "admin123".into(),
        new_password: "a better one".into(),
    };
    boss.call(ChangePassword, (), change).await.good();
    let app = app.restart().await;
    assert_eq!(app.database.count("users"), 2);
    assert_eq!(
        app.nobody().call(AdminLogin, (), admin()).await.code(),
        ErrorCode::WrongCredentials
    );
}

#[actix_web::test]
async fn a_default_password_works_for_this_machine_only() {
    let app = spawn_app().await;
    let nobody = app.nobody();
    assert_eq!(log_in_with(&nobody, &[]).await, 200);
    for host in ["localhost", "localhost:5000", "127.0.0.1:99", "[::1]:5000"] {
        assert_eq!(log_in_with(&nobody, &[("host", host)]).await, 200, "{host}");
    }
    for host in [
        "desk.example.com",
        "192.168.1.7:5000",
        "127.0.0.1.evil.cn",
        "localhost.evil.cn:5000",
        "evil.cn",
    ] {
        assert_eq!(log_in_with(&nobody, &[("host", host)]).await, 403, "{host}");
    }
    for proxy in ["x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip"] {
        assert_eq!(
            log_in_with(&nobody, &[(proxy, "127.0.0.1")]).await,
            403,
            "{proxy}"
        );
    }
    let request = nobody
        .request_of(Login, (), &customer())
        .header("x-forwarded-for", "10.0.0.1");
    nobody
        .send(request)
        .await
        .refused(ErrorCode::DefaultPasswordRefused);
    // The wrong password of a default account is just wrong.
    let request = nobody
        .request("POST", "/case/api/admin/login")
        .header("host", "evil.cn");
    let wrong = request.json(&serde_json::json!({"username": "admin", "password": "admin124"}));
    nobody.send(wrong).await.refused(ErrorCode::WrongCredentials);
}

async fn reachable_from_elsewhere(settings: &[(&str, &str)]) -> TestApp {
    let app = spawn_app_with(settings).await;
    let nobody = app.nobody();
    assert_eq!(
        nobody.call(AdminLogin, (), admin()).await.code(),
        ErrorCode::DefaultPasswordRefused
    );
    assert_eq!(
        nobody.call(Login, (), customer()).await.code(),
        ErrorCode::DefaultPasswordRefused
    );
    app
}

#[actix_web::test]
async fn a_server_that_others_can_reach_prints_a_link_that_works_once() {
    for settings in [[("HOST", "0.0.0.0")], [("PUBLIC_URL", "http://desk.example.com")]] {
        let app = reachable_from_elsewhere(&settings).await;
        let link = app.set_up_link.clone().expect("a set-up link");
        let (url, token) = link
            .split_once("/case/setup#token=")
            .expect("the token is in the fragment");
        assert_eq!(url, app.app.config().http.public_url());
        let nobody = app.nobody();
        let set_up = |token: &str, password: &str| SetUpPassword {
            token: token.into(),
            new_password: password.into(),
        };
        for bad in ["admin123", "customer123", "short", ""] {
            nobody
                .call(SetUp, (), set_up(token, bad))
                .await
                .refused_field("new_password");
        }
        for wrong in ["", "x", &"0".repeat(64)] {
            assert_eq!(
                nobody.call(SetUp, (), set_up(wrong, "a better one")).await.code(),
                ErrorCode::LinkInvalid
            );
        }
        let race = (0..8).map(|_| nobody.call(SetUp, (), set_up(token, "a better one")));
        let done = futures_util::future::join_all(race).await;
        assert_eq!(
            done.iter().filter(|outcome| outcome.status() == 200).count(),
            1,
            "exactly one of a race"
        );
        assert_eq!(
            nobody.call(SetUp, (), set_up(token, "another one")).await.code(),
            ErrorCode::LinkInvalid
        );
        let login = Credentials {
            username: "admin".into(),
            password: "a better one".into(),
        };
        let user = nobody.call(AdminLogin, (), login).await.good().user;
        assert!(!user.must_change_password);
        let app = app.restart().await;
        assert!(app.set_up_link.is_none(), "nothing to set up any more");
    }
}

#[actix_web::test]
async fn a_set_up_link_runs_out_and_a_newer_one_ends_it() {
    let app = reachable_from_elsewhere(&[("HOST", "0.0.0.0")]).await;
    let old = app.set_up_link.clone().unwrap();
    let app = app.restart().await;
    let new = app.set_up_link.clone().unwrap();
    let token = |link: &str| Secret::new(link.split_once("#token=").unwrap().1);
    let nobody = app.nobody();
    let used = SetUpPassword {
        token: token(&old),
        new_password: "a better one".into(),
    };
    assert_eq!(nobody.call(SetUp, (), used).await.code(), ErrorCode::LinkInvalid);
    app.clock.advance(24 * 3600);
    let late = SetUpPassword {
        token: token(&new),
        new_password: "a better one".into(),
    };
    assert_eq!(nobody.call(SetUp, (), late).await.code(), ErrorCode::LinkInvalid);
}

#[actix_web::test]
async fn an_operator_may_choose_the_first_agents_password() {
    let app = spawn_app_with(&[("HOST", "0.0.0.0"), ("ADMIN_PASSWORD", "chosen by the operator")]).await;
    assert!(app.set_up_link.is_none());
    let boss = app.nobody();
    let login = Credentials {
        username: "admin".into(),
        password: "chosen by the operator".into(),
    };
    let user = boss.call(AdminLogin, (), login).await.good().user;
    assert!(!user.must_change_password);
    assert_eq!(
        boss.call(AdminLogin, (), admin()).await.code(),
        ErrorCode::WrongCredentials
    );
}

#[actix_web::test]
async fn an_adopted_default_password_is_refused_from_elsewhere_too() {
    let database = crate::support::database::Database::of_the_old_system();
    database.execute(
        "INSERT INTO users (username, password, email, full_name, role) VALUES \
         ('admin', '0192023a7bbd73250516f069df18b500', 'admin@example.com', '系统管理员', 'admin')",
    );
    let app = TestApp::on(database, &[("HOST", "0.0.0.0")]).await;
    assert_eq!(
        app.nobody().call(AdminLogin, (), admin()).await.code(),
        ErrorCode::DefaultPasswordRefused
    );
    assert!(app.set_up_link.is_some(), "the operator gets a way in");
}
