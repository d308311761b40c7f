//! What the runs work on: tickets and messages over two years, and a logged-in agent.

use anyhow::{Result, anyhow};
use casedesk::{
    actions::{self, Tx},
    app::App,
    db::{
        messages::{self, InsertMessage},
        ticket_changes::{self, Append, TicketChangeset},
        tickets::{self, InsertTicket},
    },
    error::{Error, Result as Outcome},
};
use chrono::TimeDelta;
use shared::{Priority, Status, TicketId, UserId, messages::SenderType, sessions::SESSION_COOKIE};

/// The agent's password.
pub const PASSWORD: &str = "bench-password";
/// A ticket as the old system's manual submits it.
pub const NEW_TICKET: &str = r#"{"customer_name":"张三","customer_email":"zhangsan@example.com","customer_phone":"13800138000","title":"系统无法登录","type":"技术支持","priority":"高","description":"无法登录系统，提示密码错误"}"#;

const MESSAGES: i64 = 5;
/// Tickets in one transaction.
const STEP: i32 = 500;

/// Fills an empty database; one that holds tickets already is left as it is.
pub async fn fill(app: &App, count: i32) -> Result<()> {
    let failed = |error: Error| anyhow!("filling the database: {error}");
    for start in (0..count).step_by(STEP as usize) {
        let end = (start + STEP).min(count);
        app.write(move |tx| (start..end).try_for_each(|n| ticket(tx, n, count)))
            .await
            .map_err(failed)?;
    }
    app.env.changes.note();
    Ok(())
}

fn ticket(tx: &mut Tx<'_>, n: i32, count: i32) -> Outcome<()> {
    let age = TimeDelta::minutes(i64::from(count - n) * 1_051_200 / i64::from(count));
    let at = tx.now - age;
    let status = match n % 20 {
        0 => Status::Pending,
        1 => Status::Processing,
        2..8 => Status::Resolved,
        _ => Status::Closed,
    };
    let number = format!("TK{}{n:05}", at.format("%Y%m%d"));
    let name = format!("客户{:04}", n % 2_000);
    let email = format!("customer{:04}@example.com", n % 2_000);
    let row = InsertTicket {
        ticket_number: &number,
        customer_name: &name,
        customer_email: &email,
        customer_phone: None,
        title: "报表模块导出失败",
        description: "今天早上开始出现这个问题，昨天还是正常的。我们已经尝试清除浏览器缓存并重新登录，但问题依旧存在。",
        kind: "技术支持",
        priority: if n % 5 == 0 {
            Priority::High
        } else {
            Priority::Medium
        },
        status,
        created_at: at,
        updated_at: at,
        customer_id: None,
        create_key: None,
        lang: None,
    };
    let id = tickets::insert(tx.conn, &row)?;
    for seq in 1..=MESSAGES {
        message(tx, id, seq, at + TimeDelta::minutes(7 * seq))?;
    }
    Ok(())
}

fn message(tx: &mut Tx<'_>, ticket: TicketId, seq: i64, at: chrono::NaiveDateTime) -> Outcome<()> {
    let by = if seq % 2 == 0 {
        SenderType::Admin
    } else {
        SenderType::Customer
    };
    let changes = TicketChangeset {
        updated_at: Some(at),
        first_reply_seconds: (seq == 2).then_some(Some(840)),
        last_message: Some(Some("收到，我马上处理".into())),
        last_message_from: Some(Some(by)),
        last_message_at: Some(Some(at)),
        ..Default::default()
    };
    ticket_changes::append(
        tx.conn,
        ticket,
        &Append {
            staff_only: false,
            said_by: Some(by),
            changes,
        },
    )?;
    let message = InsertMessage {
        ticket_id: ticket,
        sender_id: UserId(1),
        sender_name: "客服".into(),
        sender_type: by,
        content: "收到，我马上处理".into(),
        attachment_url: None,
        is_system: false,
        created_at: at,
        staff_seq: seq,
        customer_seq: Some(seq),
        internal: false,
        client_id: None,
    };
    messages::insert(tx.conn, &message)?;
    Ok(())
}

/// A session of the first agent, as a `Cookie` header.
pub async fn log_in(app: &App) -> Result<String> {
    let session = app
        .write(|tx| {
            let agent = actions::accounts::find(tx, "admin")?.ok_or(shared::ErrorCode::UserNotFound)?;
            actions::sessions::open(tx, &agent, "bench")
        })
        .await
        .map_err(|error| anyhow!("logging in: {error}"))?;
    Ok(format!("{SESSION_COOKIE}={}", session.token.expose()))
}
