//! The binary itself: what it says when it cannot start, and what a kill leaves behind.

use std::{
    io::{BufRead, BufReader},
    process::Command,
    sync::Arc,
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::support::{
    PATIENCE, Smtp,
    database::Database,
    eventually,
    process::{Process, command, first_log_in, post, run, start},
    smtp::{Act, Protection},
};

#[actix_web::test]
async fn what_cannot_start_says_which_variable_in_one_line_and_exits_with_two() {
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    std::fs::write(folder.path().join("a-file"), "x").unwrap();
    let under_a_file = folder.path().join("a-file/x.db");
    let under_a_file = format!("sqlite://{}", under_a_file.display());
    for (name, value) in [
        ("DATABASE_URL", "postgres://localhost/casedb"),
        ("DATABASE_URL", "casedb"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "mysql://root@127.0.0.1:1/casedb"),
        ("DATABASE_URL", under_a_file.as_str()),
        ("PORT", "many"),
        ("PORT", port.as_str()),
        ("HOST", "no such host"),
        ("TIMEZONE", "Mars/Base"),
        ("MAX_CONTENT_LENGTH", "0"),
        ("PASSWORD_UPGRADE", "maybe"),
        ("ADMIN_PASSWORD", "short"),
        ("PUBLIC_URL", "desk.example.com"),
        ("DKIM_KEY_FILE", "dkim.pem"),
        ("DKIM_SELECTOR", "desk"),
        ("DKIM_DOMAIN", "example.com"),
    ] {
        let output = run(command(&database, &folder).env(name, value));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}={value}: {said}");
        let line = said.lines().last().unwrap_or_default();
        assert!(
            line.starts_with("casedesk: ") && line.contains(name),
            "{name}={value}: {said}"
        );
        assert!(!said.contains("panicked"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[actix_web::test]
async fn migrate_brings_the_database_up_to_date_and_stops() {
    let (database, folder) = (Database::of_the_old_system(), tempfile::tempdir().unwrap());
    for said in ["an existing casedb adopted", "0 migrations run"] {
        let output = run(command(&database, &folder).arg("migrate"));
        assert!(output.status.success());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(said), "{text}");
    }
    assert_eq!((database.count("ticket_events"), database.count("users")), (0, 0));
}

#[actix_web::test]
async fn a_stop_tells_the_sockets_and_ends_well() {
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let mut server = start(&database, &folder);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let cookie = first_log_in(&http, &server.url).await;
    use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
    let mut request = format!("{}/case/ws", server.url.replace("http://", "ws://"))
        .into_client_request()
        .unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let stopped = Command::new("kill")
        .args(["-TERM", &server.child.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    let end = tokio::time::timeout(PATIENCE, socket.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let Message::Close(Some(close)) = end else {
        panic!("{end:?}")
    };
    assert_eq!(u16::from(close.code), 1012, "come back in a moment");
    drop(socket);
    let mut status = None;
    eventually("the process ends", async || {
        status = server.child.try_wait().unwrap();
        status.is_some()
    })
    .await;
    assert!(status.unwrap().success());
}

#[actix_web::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let (database, folder) = (Arc::new(Database::empty()), tempfile::tempdir().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut server = start(&database, &folder);
    let cookie = first_log_in(&http, &server.url).await;
    let ticket = json!({"customer_name": "a", "customer_email": "a@b.cn", "title": "t", "description": "d"});
    post(&http, format!("{}/case/api/tickets", server.url), ticket, &cookie)
        .await
        .unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..3 {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (http, cookie, url) = (
                    http.clone(),
                    cookie.clone(),
                    format!("{}/case/api/tickets/1/messages", server.url),
                );
                actix_web::rt::spawn(async move {
                    let mut done = Vec::new();
                    for n in 0..100_000 {
                        let key = format!("{round}-{writer}-{n}");
                        match post(
                            &http,
                            url.clone(),
                            json!({"content": key, "client_id": key}),
                            &cookie,
                        )
                        .await
                        {
                            Some((201, ..)) => done.push(key),
                            _ => break,
                        }
                    }
                    done
                })
            })
            .collect();
        let before = acknowledged.len() as i64;
        eventually("some writes", async || database.count("messages") > before + 20).await;
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        server = start(&database, &folder);
        let stored: std::collections::HashSet<Option<String>> = database
            .texts("SELECT client_id AS t FROM messages WHERE client_id IS NOT NULL")
            .into_iter()
            .collect();
        let lost: Vec<&String> = acknowledged
            .iter()
            .filter(|key| !stored.contains(&Some((*key).clone())))
            .collect();
        assert!(
            lost.is_empty(),
            "round {round}: {} of {} lost: {lost:?}",
            lost.len(),
            acknowledged.len()
        );
        // What was on its way is there whole or not at all, and the numbers have no hole.
        let numbers = "SELECT COUNT(*) - (SELECT staff_seq FROM tickets WHERE id = 1) FROM messages";
        assert_eq!(database.number(numbers), 0);
        assert_eq!(
            database.number("SELECT COUNT(DISTINCT staff_seq) - MAX(staff_seq) FROM messages"),
            0
        );
    }
    // Sent again with its key, a write whose fate was unknown is stored once.
    let again = json!({"content": acknowledged[0], "client_id": acknowledged[0]});
    let before = database.count("messages");
    let (status, ..) = post(
        &http,
        format!("{}/case/api/tickets/1/messages", server.url),
        again,
        &cookie,
    )
    .await
    .unwrap();
    assert_eq!((status, database.count("messages")), (201, before));
}

#[actix_web::test]
async fn the_log_holds_no_secret_and_no_word_of_a_user() {
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let smtp = Smtp::with(Protection::Implicit, "127.0.0.1", 0).await;
    let mut child = command(&database, &folder)
        .envs(smtp.settings())
        .env("SMTP_USERNAME", "KANARI-desk@example.com")
        .env("SMTP_PASSWORD", "KANARI-授权码")
        .env("RUST_LOG", "trace")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let stderr = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || std::io::read_to_string(stderr).unwrap());
    let mut said = String::new();
    let url = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(url) = line.strip_prefix("CaseDesk is ready: ") {
            break url.trim_end_matches("/case/").to_owned();
        }
        said.push_str(&line);
        said.push('\n');
    };
    let rest = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
    let server = Process::of(child, url);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let cookie = first_log_in(&http, &server.url).await;
    let ticket = json!({"customer_name": "KANARI-name", "customer_email": "kanari-mail@example.com", "customer_phone": "KANARI-phone",
        "title": "KANARI-title", "description": "KANARI-text"});
    post(&http, format!("{}/case/api/tickets", server.url), ticket, &cookie)
        .await
        .unwrap();
    post(
        &http,
        format!("{}/case/api/tickets/1/messages", server.url),
        json!({"content": "KANARI-said"}),
        &cookie,
    )
    .await
    .unwrap();
    post(
        &http,
        format!("{}/case/api/admin/login", server.url),
        json!({"username": "KANARI-user", "password": "KANARI-secret"}),
        "",
    )
    .await
    .unwrap();
    http.get(format!("{}/case/api/tickets?q=KANARI-search", server.url))
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    let told = smtp.has_taken(1).await;
    assert!(
        told[0]
            .account
            .as_deref()
            .is_some_and(|account| account.starts_with("AUTH PLAIN "))
    );
    let token = cookie.split_once('=').unwrap().1.to_owned();
    let account = told[0].account.clone().unwrap().replace("AUTH PLAIN ", "");
    drop(server);
    said.push_str(&rest.join().unwrap());
    said.push('\n');
    said.push_str(&log.join().unwrap());
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| {
            line.to_lowercase().contains("kanari")
                || line.contains(&token)
                || line.contains("admin123")
                || line.contains("a better one")
                || line.contains(&account)
        })
        .collect();
    assert!(
        ours.iter().all(|line| line.contains("First log-in: ")),
        "{ours:#?}"
    );
}

#[actix_web::test]
async fn a_flood_is_cut_before_it_costs_anything() {
    const FLOODS: u32 = 5;
    /// A fifth of one processor for the second that a flood lasts at most, where a thousand frames cost less than that.
    const MOST: Duration = Duration::from_millis(200);
    /// So many frames are no flood yet.
    const ORDINARY: u32 = 500;
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let server = start(&database, &folder);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let cookie = first_log_in(&http, &server.url).await;
    let dial = async || {
        let url = server.url.replacen("http", "ws", 1);
        let mut request = format!("{url}/case/ws").into_client_request().unwrap();
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        tokio_tungstenite::connect_async(request).await.unwrap().0
    };
    let ping = || Message::text(r#"{"event":"ping","data":{}}"#);
    let before = server.processor_time();
    let mut socket = dial().await;
    for _ in 0..ORDINARY {
        socket.send(ping()).await.unwrap();
        // The welcome is one answer more.
        socket.next().await.unwrap().unwrap();
    }
    let ordinary = server.processor_time() - before;
    let before = server.processor_time();
    for _ in 0..FLOODS {
        let mut socket = dial().await;
        let flooding = async { while socket.send(ping()).await.is_ok() {} };
        tokio::time::timeout(PATIENCE, flooding).await.expect("it is cut");
    }
    let each = (server.processor_time() - before) / FLOODS;
    assert!(
        each < MOST.max(ordinary * 4),
        "{each:?}, {ORDINARY} frames cost {ordinary:?}"
    );
    // The old connection may have been idle for too long.
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let metrics = http.get(format!("{}/metrics", server.url)).send().await.unwrap();
    let cut = format!(r#"casedesk_live_cut_total{{reason="flood"}} {FLOODS}"#);
    assert!(metrics.text().await.unwrap().contains(&cut));
}

#[actix_web::test]
async fn mail_test_needs_no_database_and_shows_every_step() {
    let smtp = Smtp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let run = async |settings: Vec<(&'static str, String)>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casedesk"));
        command
            .args(["mail", "test", "me@example.com"])
            .env_clear()
            .envs(settings)
            .env("DATABASE_URL", "mysql://root@127.0.0.1:1/nowhere")
            .env("LANG", "en_US.UTF-8")
            .current_dir(folder.path());
        actix_web::web::block(move || command.output().unwrap())
            .await
            .unwrap()
    };
    let output = run(smtp.settings()).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    for line in [
        "< 220 mail.test ESMTP",
        "> RCPT TO:<me@example.com>",
        "< 250 2.0.0 queued",
    ] {
        assert!(said.lines().any(|told| told == line), "{line}\n{said}");
    }
    assert_eq!(smtp.taken()[0].subject(), "CaseDesk test mail");
    smtp.script(|moment| match moment.step {
        "rcpt" => Act::Say("550 5.1.1 unknown"),
        _ => Act::Usual,
    });
    let output = run(smtp.settings()).await;
    assert_eq!(output.status.code(), Some(2));
    let fault = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(fault.contains("casedesk: RCPT TO: 550 5.1.1 unknown"), "{fault}");
}
