//! The outbox routes.

use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::header,
    web::{self, ServiceConfig},
};
use shared::{
    NotificationId,
    endpoint::Nothing,
    mail_templates::{
        ListMailTemplates, MailPreview, MailTemplateBody, MailTemplateDraft, MailTemplateKey,
        MailTemplateList, PREVIEW_PATH, PreviewMailTemplate, ResetMailTemplate, SaveMailTemplate,
    },
    mails::{
        CancelFailedMails, CancelMail, ChangedMails, GetMailChoices, GetMailStatus, ListMails, MailBody,
        MailChoices, MailPage, MailQuery, MailStatusBody, RetryFailedMails, RetryMail, STOP_PATH,
        SetMailChoices, StopMails, StopRequest, Stopped, TestMail, TestReport, TestRequest,
    },
};

use super::{endpoint::Routes, spa::source_of};
use crate::{
    actions::{mail_choices, mail_templates, mails},
    app::App,
    error::{Error, Result},
    request::{Cx, respond},
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListMails, list)
        .on(GetMailStatus, status)
        .on(TestMail, test)
        .on(RetryMail, retry)
        .on(CancelMail, cancel)
        .on(RetryFailedMails, retry_failed)
        .on(CancelFailedMails, cancel_failed)
        .on(GetMailChoices, choices)
        .on(SetMailChoices, choose)
        .on(StopMails, stop)
        .on(ListMailTemplates, templates)
        .on(SaveMailTemplate, save_template)
        .on(PreviewMailTemplate, preview_template)
        .on(ResetMailTemplate, reset_template)
}

async fn list(cx: Cx, (): (), query: MailQuery) -> Result<MailPage> {
    cx.app.catch_up(&cx.actor).await;
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

async fn retry_failed(cx: Cx, (): (), _: Nothing) -> Result<ChangedMails> {
    cx.app.retry_failed_mails(&cx.actor).await
}

async fn cancel_failed(cx: Cx, (): (), _: Nothing) -> Result<ChangedMails> {
    cx.app.cancel_failed_mails(&cx.actor).await
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

async fn templates(cx: Cx, (): (), _: Nothing) -> Result<MailTemplateList> {
    cx.app.read(move |tx| mail_templates::list(tx, &cx.actor)).await
}

async fn save_template(cx: Cx, (): (), draft: MailTemplateDraft) -> Result<MailTemplateBody> {
    let template = cx
        .app
        .write(move |tx| mail_templates::save(tx, &cx.actor, &draft))
        .await?;
    Ok(MailTemplateBody { template })
}

async fn preview_template(cx: Cx, (): (), draft: MailTemplateDraft) -> Result<MailPreview> {
    // On a thread that may be kept busy: a template may take as many steps as it is allowed.
    let made = web::block(move || mail_templates::preview(&cx.actor, &draft)).await;
    made.map_err(|error| Error::internal(error.into()))?
}

async fn reset_template(cx: Cx, (): (), key: MailTemplateKey) -> Result<MailTemplateBody> {
    let template = cx
        .app
        .write(move |tx| mail_templates::reset(tx, &cx.actor, key))
        .await?;
    Ok(MailTemplateBody { template })
}

/// Mounts what mail programs post to for somebody who presses their own button. They bring no cookie and read no answer.
pub(super) fn mount(config: &mut ServiceConfig) {
    // With any other method it is a page.
    let button = web::resource(STOP_PATH).guard(guard::Post()).to(one_click);
    config.service(button);
    config.route(PREVIEW_PATH, web::get().to(preview_frame));
}

/// Shows the HTML that the page around it sends, styles and all, and lets nothing else in it happen.
const FRAME_SCRIPT: &str = "onmessage=(event)=>{document.documentElement.innerHTML=event.data};\
                            onclick=(event)=>event.preventDefault()";

/// Where a mail is shown as mail programs show it: the app's own policy would take the mail's styles away.
async fn preview_frame() -> HttpResponse {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'self'; sandbox allow-scripts",
        source_of(FRAME_SCRIPT)
    );
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(format!(
            "<!doctype html><html><head><meta charset=\"utf-8\"><script>{FRAME_SCRIPT}</script></head></html>"
        ))
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
