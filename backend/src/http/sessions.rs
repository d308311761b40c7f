//! The routes for logging in and out, one's own account, and links.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use shared::{
    ErrorCode, Role,
    endpoint::{Done, Nothing},
    sessions::{
        AdminLogin, ChangePassword, Credentials, GUEST_COOKIE, GuestTicket, GuestToken, Identity, LoggedIn,
        Login, Logout, Me, NewPassword, OpenGuestLink, RevokeGuestLinks, SESSION_COOKIE, SetUp,
        SetUpPassword,
    },
    tickets::TicketKey,
};

use super::endpoint::{Reply, Routes};
use crate::{
    actions::{self, sessions::NewSession},
    app::App,
    domain::{actor::Actor, tokens},
    error::Result,
    request::{Cx, cookie_name},
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .on(Login, |cx, (), input| log_in(cx, Role::Customer, input))
        .on(AdminLogin, |cx, (), input| log_in(cx, Role::Admin, input))
        .on(Logout, log_out)
        .on(Me, me)
        .on(ChangePassword, change_password)
        .on(OpenGuestLink, open_guest_link)
        .on(RevokeGuestLinks, revoke_guest_links)
        .on(SetUp, set_up)
}

/// The cookie of a session: not for scripts, not for other sites, over TLS only where there is TLS.
pub(super) fn session_cookie(app: &App, name: &str, session: &NewSession) -> Cookie<'static> {
    Cookie::build(cookie_name(app, name), session.token.expose().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config().http.is_tls())
        .max_age(Duration::seconds(session.max_age))
        .finish()
}

fn no_cookie(app: &App, name: &str) -> Cookie<'static> {
    let mut cookie = Cookie::build(cookie_name(app, name), "")
        .path("/")
        .http_only(true)
        .finish();
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(app.config().http.is_tls());
    cookie.make_removal();
    cookie
}

async fn log_in(cx: Cx, door: Role, input: Credentials) -> Result<Reply<LoggedIn>> {
    let (user, session) = cx.app.log_in(door, input, &cx.client).await?;
    let message = cx.lang.pick("登录成功", "Logged in").into();
    let cookie = session_cookie(&cx.app, SESSION_COOKIE, &session);
    // Nobody goes on as a guest once this session ends.
    Ok(Reply::from(LoggedIn { message, user })
        .with_cookie(Some(cookie))
        .with_cookie(Some(no_cookie(&cx.app, GUEST_COOKIE))))
}

async fn log_out(cx: Cx, (): (), _: Nothing) -> Result<Reply<Done>> {
    if let Some(token) = &cx.token {
        let hash = tokens::hash(token.expose());
        cx.app
            .write(move |tx| actions::sessions::close(tx, &hash))
            .await?;
    }
    let message = cx.lang.pick("已退出登录", "Logged out").into();
    let gone = |name| Some(no_cookie(&cx.app, name));
    Ok(Reply::from(Done { message })
        .with_cookie(gone(SESSION_COOKIE))
        .with_cookie(gone(GUEST_COOKIE)))
}

async fn me(cx: Cx, (): (), _: Nothing) -> Result<Identity> {
    match cx.actor {
        Actor::Nobody => Err(ErrorCode::Unauthenticated.into()),
        Actor::Guest(ticket) => Ok(Identity {
            user: None,
            guest_ticket_id: Some(ticket),
        }),
        Actor::Account(account) => {
            let user = cx.app.read(move |tx| actions::users::get(tx, account.id)).await?;
            Ok(Identity {
                user: Some(user),
                guest_ticket_id: None,
            })
        }
    }
}

async fn change_password(cx: Cx, (): (), input: NewPassword) -> Result<Reply<LoggedIn>> {
    let account = cx.actor.signed_in()?;
    let (user, session) = cx.app.change_password(account, input, &cx.client).await?;
    let message = cx.lang.pick("密码已更新", "Password changed").into();
    let cookie = session_cookie(&cx.app, SESSION_COOKIE, &session);
    Ok(Reply::from(LoggedIn { message, user }).with_cookie(Some(cookie)))
}

async fn open_guest_link(cx: Cx, (): (), input: GuestToken) -> Result<Reply<GuestTicket>> {
    let (app, agent) = (cx.app, cx.client.user_agent);
    let (ticket_id, session) = app
        .write(move |tx| actions::sessions::open_guest_link(tx, &cx.actor, &input.token, &agent))
        .await?;
    let cookie = session.map(|session| session_cookie(&app, GUEST_COOKIE, &session));
    Ok(Reply::from(GuestTicket { ticket_id }).with_cookie(cookie))
}

async fn revoke_guest_links(cx: Cx, key: TicketKey, _: Nothing) -> Result<Done> {
    cx.app
        .write(move |tx| actions::sessions::revoke_guests(tx, &cx.actor, &key))
        .await?;
    let message = cx.lang.pick("访客链接已作废", "Guest links revoked");
    Ok(Done {
        message: message.into(),
    })
}

async fn set_up(cx: Cx, (): (), input: SetUpPassword) -> Result<Done> {
    cx.app.set_up(input).await?;
    Ok(Done {
        message: cx
            .lang
            .pick("密码已设置，现在可以登录", "Password set; you can log in now")
            .into(),
    })
}
