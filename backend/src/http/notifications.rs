//! The bell's routes.

use shared::notifications::{
    ListNotifications, NotificationList, NotificationQuery, ReadNotifications, ReadRequest, Unread,
};

use super::endpoint::Routes;
use crate::{actions::notifications, error::Result, request::Cx};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.on(ListNotifications, list).on(ReadNotifications, read)
}

async fn list(cx: Cx, (): (), query: NotificationQuery) -> Result<NotificationList> {
    cx.app.catch_up(&cx.actor).await;
    cx.app
        .read(move |tx| notifications::list(tx, &cx.actor, &query))
        .await
}

async fn read(cx: Cx, (): (), input: ReadRequest) -> Result<Unread> {
    cx.app.catch_up(&cx.actor).await;
    cx.app
        .write(move |tx| notifications::read(tx, &cx.actor, &input))
        .await
}
