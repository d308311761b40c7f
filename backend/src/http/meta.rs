//! What a client needs to know before it draws anything.

use shared::{
    Priority, Status,
    check::limit,
    endpoint::Nothing,
    meta::{GetMeta, Limits, Meta, StatusRule},
};

use super::endpoint::Routes;
use crate::{error::Result, request::Cx};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.on(GetMeta, get)
}

async fn get(cx: Cx, (): (), _: Nothing) -> Result<Meta> {
    let config = cx.app.config();
    let now = cx.app.env.clock.now();
    let rule = |&status: &Status| StatusRule {
        status,
        code: status.code().into(),
        next: status.next().to_vec(),
    };
    Ok(Meta {
        name: cx.lang.pick("云户工单", "CaseDesk").into(),
        version: env!("CARGO_PKG_VERSION").into(),
        timezone: config.zone.0.name().into(),
        utc_offset: config.zone.offset(now),
        now: config.zone.show(now),
        types: config.ticket_types.clone(),
        priorities: Priority::ALL.to_vec(),
        statuses: Status::ALL.iter().map(rule).collect(),
        limits: Limits {
            upload_bytes: config.files.max_bytes,
            upload_endings: config.files.endings.clone(),
            title_chars: limit::TITLE,
            description_chars: limit::DESCRIPTION,
            message_chars: limit::MESSAGE,
            per_page: limit::PER_PAGE,
            batch: limit::BATCH,
        },
    })
}
