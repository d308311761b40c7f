//! The message routes.

use shared::{
    messages::{ListMessages, MessageBody, MessageList, MessageQuery, NewMessage, PostMessage},
    tickets::TicketKey,
};

use super::endpoint::Routes;
use crate::{actions, error::Result, request::Cx};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.on(ListMessages, list).on(PostMessage, post)
}

async fn list(cx: Cx, ticket: TicketKey, query: MessageQuery) -> Result<MessageList> {
    cx.app
        .read(move |tx| actions::messages::list(tx, &cx.actor, &ticket, &query))
        .await
}

async fn post(cx: Cx, ticket: TicketKey, mut input: NewMessage) -> Result<MessageBody> {
    input.client_id = input.client_id.or(cx.client_key);
    let message = cx.app.post(cx.actor, ticket, input).await?;
    Ok(MessageBody { message })
}
