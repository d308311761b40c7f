//! Mail templates: operators give mails their own words, try them, and take them back.

use shared::{
    Lang, Permission,
    check::Check,
    error::FieldError,
    mail_templates::{
        MAX_SUBJECT, MAX_TEXT, MailPreview, MailTemplate, MailTemplateDraft, MailTemplateKey,
        MailTemplateList,
    },
    notifications::NotificationKind,
};

use super::Tx;
use crate::{
    db::{self, mail_templates::TemplateRow},
    domain::{
        actor::Actor,
        mail::{
            Rendered, Template,
            check::{self, snippets},
            template::Reason,
        },
        zone::Zone,
    },
    error::{Error, Result, is_duplicate},
};

/// All of them as they are in use.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<MailTemplateList> {
    actor.with(Permission::ManageMail)?;
    let rows = db::mail_templates::list(tx.conn)?;
    let zone = tx.zone();
    let keys = NotificationKind::ALL
        .iter()
        .flat_map(|&kind| [Lang::Zh, Lang::En].map(|lang| MailTemplateKey { kind, lang }));
    let templates = keys.map(|key| {
        let row = rows
            .iter()
            .find(|row| row.kind == key.kind && row.lang == key.lang.code());
        to_wire(key, row, zone)
    });
    Ok(MailTemplateList {
        templates: templates.collect(),
        snippets: snippets(),
    })
}

/// Stores an operator's words, if they can be used.
pub fn save(tx: &mut Tx<'_>, actor: &Actor, draft: &MailTemplateDraft) -> Result<MailTemplate> {
    let by = actor.with(Permission::ManageMail)?.name.clone();
    tried(draft)?;
    let key = MailTemplateKey {
        kind: draft.kind,
        lang: draft.lang,
    };
    let old = db::mail_templates::find(tx.conn, key.kind, key.lang)?;
    if draft.revision != old.as_ref().map_or(0, |row| row.revision) {
        return Err(Error::new(shared::ErrorCode::TemplateChanged));
    }
    if let Some(old) = &old
        && !db::mail_templates::take(tx.conn, old)?
    {
        return Err(Error::retry());
    }
    let row = TemplateRow {
        kind: key.kind,
        lang: key.lang.code().to_owned(),
        subject: draft.subject.clone(),
        text_part: draft.text.clone(),
        html_part: draft.html.clone(),
        // Unlike a count, it does not come back after a reset.
        revision: tx.now.and_utc().timestamp_millis().max(draft.revision + 1),
        changed_at: tx.now,
        changed_by: by,
    };
    match db::mail_templates::insert(tx.conn, &row) {
        Ok(_) => Ok(to_wire(key, Some(&row), tx.zone())),
        Err(error) if is_duplicate(&error) => Err(Error::retry()),
        Err(error) => Err(error.into()),
    }
}

/// What a draft would make of a made-up ticket.
pub fn preview(actor: &Actor, draft: &MailTemplateDraft) -> Result<MailPreview> {
    actor.with(Permission::ManageMail)?;
    let Rendered { subject, text, html } = tried(draft)?;
    Ok(MailPreview { subject, text, html })
}

/// Goes back to the product's own words.
pub fn reset(tx: &mut Tx<'_>, actor: &Actor, key: MailTemplateKey) -> Result<MailTemplate> {
    actor.with(Permission::ManageMail)?;
    if let Some(row) = db::mail_templates::find(tx.conn, key.kind, key.lang)?
        && !db::mail_templates::take(tx.conn, &row)?
    {
        return Err(Error::retry());
    }
    Ok(to_wire(key, None, tx.zone()))
}

/// The operators' own words for a mail, if they have given it any.
pub(super) fn own(tx: &mut Tx<'_>, kind: NotificationKind, lang: Lang) -> Result<Option<Template>> {
    let row = db::mail_templates::find(tx.conn, kind, lang)?;
    Ok(row.as_ref().map(template_of))
}

fn tried(draft: &MailTemplateDraft) -> Result<Rendered> {
    let mut check = Check::new();
    check.line("subject", Some(&draft.subject), MAX_SUBJECT);
    check.text("text", Some(&draft.text), MAX_TEXT);
    check.text("html", Some(&draft.html), MAX_TEXT);
    check.done()?;
    let template = Template {
        subject: draft.subject.clone(),
        text: draft.text.clone(),
        html: draft.html.clone(),
    };
    check::tried(&template, draft.lang).map_err(|fault| {
        let line = fault.line;
        let error = match fault.reason {
            Reason::Empty => FieldError::Required,
            Reason::UnknownWord(word) => FieldError::UnknownWord { line, word },
            Reason::Engine(reason) => FieldError::Template { line, reason },
        };
        Error::field(fault.part, error)
    })
}

fn template_of(row: &TemplateRow) -> Template {
    Template {
        subject: row.subject.clone(),
        text: row.text_part.clone(),
        html: row.html_part.clone(),
    }
}

fn to_wire(key: MailTemplateKey, row: Option<&TemplateRow>, zone: Zone) -> MailTemplate {
    let MailTemplateKey { kind, lang } = key;
    let template = row.map_or_else(|| Template::built_in(kind, lang), template_of);
    let fault = row.and_then(|_| check::tried(&template, lang).err());
    MailTemplate {
        kind,
        lang,
        subject: template.subject,
        text: template.text,
        html: template.html,
        revision: row.map_or(0, |row| row.revision),
        changed_by: row.map(|row| row.changed_by.clone()),
        changed_at: row.map(|row| zone.show(row.changed_at)),
        fault: fault.map(|fault| fault.to_string()),
    }
}
