//! The outbox routes.

use actix_web::{
    HttpRequest, HttpResponse, guard,
    web::{self, ServiceConfig},
};
use shared::{
    NotificationId,
    endpoint::Nothing,
    mails::{
        CancelMail, GetMailChoices, GetMailStatus, ListMails, MailBody, MailChoices, MailPage, MailQuery,
        MailStatusBody, RetryMail, STOP_PATH, SetMailChoices, StopMails, StopRequest, Stopped, TestMail,
        TestReport, TestRequest,
    },
};

use super::endpoint::Routes;
use crate::{
    actions::{mail_choices, mails},
    app::App,
    error::Result,
    request::{Cx, respond},
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListMails, list)
        .on(GetMailStatus, status)
        .on(TestMail, test)
        .on(RetryMail, retry)
        .on(CancelMail, cancel)
        .on(GetMailChoices, choices)
        .on(SetMailChoices, choose)
        .on(StopMails, stop)
}

async fn list(cx: Cx, (): (), query: MailQuery) -> Result<MailPage> {
    cx.app.catch_up(&cx.actor).await?;
    cx.app.read(move |tx| mails::list(tx, &cx.actor, &query)).await
}

async fn status(cx: Cx, (): (), _: Nothing) -> Result<MailStatusBody> {
    Ok(MailStatusBody {
        status: cx.app.mail_status(&cx.actor).await?,
    })
}

async fn test(cx: Cx, (): (), input: TestRequest) -> Result<TestReport> {
    cx.app.test_mail(&cx.actor, &input.to, cx.lang).await
}

async fn retry(cx: Cx, id: NotificationId, _: Nothing) -> Result<MailBody> {
    let mail = cx.app.write(move |tx| mails::retry(tx, &cx.actor, id)).await?;
    Ok(MailBody { mail })
}

async fn cancel(cx: Cx, id: NotificationId, _: Nothing) -> Result<MailBody> {
    let mail = cx.app.write(move |tx| mails::cancel(tx, &cx.actor, id)).await?;
    Ok(MailBody { mail })
}

async fn choices(cx: Cx, (): (), _: Nothing) -> Result<MailChoices> {
    cx.app.read(move |tx| mail_choices::get(tx, &cx.actor)).await
}

async fn choose(cx: Cx, (): (), input: MailChoices) -> Result<MailChoices> {
    cx.app
        .write(move |tx| mail_choices::set(tx, &cx.actor, &input))
        .await
}

async fn stop(cx: Cx, (): (), input: StopRequest) -> Result<Stopped> {
    cx.app.write(move |tx| mail_choices::stop(tx, &input)).await
}

/// Mounts what mail programs post to for somebody who presses their own button. They bring no cookie and read no answer.
pub(super) fn mount(config: &mut ServiceConfig) {
    // With any other method it is a page.
    let button = web::resource(STOP_PATH).guard(guard::Post()).to(one_click);
    config.service(button);
}

#[derive(serde::Deserialize)]
struct Link {
    #[serde(default)]
    token: String,
}

async fn one_click(req: HttpRequest, app: web::Data<App>, link: web::Query<Link>) -> HttpResponse {
    let request = StopRequest {
        token: link.into_inner().token,
        on: false,
    };
    let outcome = app.write(move |tx| mail_choices::stop(tx, &request)).await;
    respond(&req, outcome.map(|_| HttpResponse::Ok().finish()))
}
