//! The ticket routes.

use shared::{
    endpoint::Nothing,
    sessions::GUEST_COOKIE,
    tickets::{
        AssignTicket, Assignment, Batch, BatchDone, BatchResult, BatchTickets, CloseTicket, Closing,
        CreateTicket, GetTicket, ListTickets, NewTicket, SetStatus, StatusChange, TicketBody, TicketChanged,
        TicketCreated, TicketKey, TicketPage, TicketQuery,
    },
};

use super::{
    endpoint::{Reply, Routes},
    sessions::session_cookie,
};
use crate::{
    actions::{self, batch, tickets},
    error::Result,
    request::Cx,
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .on(CreateTicket, create)
        .on(ListTickets, list)
        .on(GetTicket, get)
        .on(SetStatus, set_status)
        .on(AssignTicket, assign)
        .on(CloseTicket, close)
        .on(BatchTickets, run_batch)
}

async fn create(cx: Cx, (): (), input: NewTicket) -> Result<Reply<TicketCreated>> {
    let Cx {
        app,
        actor,
        client,
        client_key,
        lang,
        ..
    } = cx;
    let (created, guest) = app
        .write(move |tx| {
            let created = tickets::create(tx, &actor, &input, client_key.as_deref(), lang)?;
            let guest = match &created.guest_token {
                Some(_) => Some(actions::sessions::open_guest(
                    tx,
                    created.ticket.id,
                    &client.user_agent,
                )?),
                None => None,
            };
            Ok((created, guest))
        })
        .await?;
    let id = created.ticket.id;
    let link = |token: shared::Secret| {
        format!(
            "{}/case/ticket/{id}#access={}",
            app.config().http.public_url(),
            token.expose()
        )
    };
    let answer = TicketCreated {
        message: lang.pick("工单提交成功", "Ticket submitted").into(),
        ticket_id: id,
        ticket_number: created.ticket.ticket_number,
        access_url: created.guest_token.map(link),
    };
    let cookie = guest.map(|session| session_cookie(&app, GUEST_COOKIE, &session));
    Ok(Reply::from(answer).with_cookie(cookie))
}

async fn list(cx: Cx, (): (), query: TicketQuery) -> Result<TicketPage> {
    cx.app.read(move |tx| tickets::list(tx, &cx.actor, &query)).await
}

async fn get(cx: Cx, key: TicketKey, _: Nothing) -> Result<TicketBody> {
    let ticket = cx.app.read(move |tx| tickets::get(tx, &cx.actor, &key)).await?;
    Ok(TicketBody { ticket })
}

async fn set_status(cx: Cx, key: TicketKey, input: StatusChange) -> Result<TicketChanged> {
    let message = cx.lang.pick("状态已更新", "Status updated").into();
    let ticket = cx
        .app
        .write(move |tx| tickets::set_status(tx, &cx.actor, &key, &input))
        .await?;
    Ok(TicketChanged { message, ticket })
}

async fn assign(cx: Cx, key: TicketKey, input: Assignment) -> Result<TicketChanged> {
    let message = cx.lang.pick("指派已更新", "Assignment updated").into();
    let ticket = cx
        .app
        .write(move |tx| tickets::assign(tx, &cx.actor, &key, &input))
        .await?;
    Ok(TicketChanged { message, ticket })
}

async fn close(cx: Cx, key: TicketKey, input: Closing) -> Result<TicketChanged> {
    let message = cx.lang.pick("工单已关闭", "Ticket closed").into();
    let ticket = cx
        .app
        .write(move |tx| tickets::close(tx, &cx.actor, &key, &input))
        .await?;
    Ok(TicketChanged { message, ticket })
}

async fn run_batch(cx: Cx, (): (), input: Batch) -> Result<BatchDone> {
    let mut results = Vec::new();
    for id in batch::plan(&cx.actor, &input)? {
        let (actor, action) = (cx.actor.clone(), input.action.clone());
        let outcome = cx
            .app
            .write(move |tx| batch::apply(tx, &actor, id, &action))
            .await;
        let code = outcome.err().map(|error| {
            error.log();
            error.code()
        });
        let message = code.map(|code| code.text(cx.lang).to_owned());
        results.push(BatchResult {
            id,
            success: code.is_none(),
            code,
            message,
        });
    }
    let succeeded = results.iter().filter(|result| result.success).count();
    let message = cx.lang.pick("批量操作完成", "Batch done").into();
    Ok(BatchDone {
        message,
        succeeded,
        failed: results.len() - succeeded,
        results,
    })
}
