//! The account routes.

use shared::{
    UserId,
    users::{CreateUser, ListUsers, NewUser, UpdateUser, UserBody, UserChanges, UserPage, UserQuery},
};

use super::endpoint::Routes;
use crate::{actions, error::Result, request::Cx};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListUsers, list)
        .on(CreateUser, create)
        .on(UpdateUser, update)
}

async fn list(cx: Cx, (): (), query: UserQuery) -> Result<UserPage> {
    cx.app
        .read(move |tx| actions::users::list(tx, &cx.actor, &query))
        .await
}

async fn create(cx: Cx, (): (), input: NewUser) -> Result<UserBody> {
    Ok(UserBody {
        user: cx.app.create_user(cx.actor, input).await?,
    })
}

async fn update(cx: Cx, id: UserId, input: UserChanges) -> Result<UserBody> {
    Ok(UserBody {
        user: cx.app.update_user(cx.actor, id, input).await?,
    })
}
