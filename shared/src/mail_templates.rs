//! Mail templates as operators edit them: what a mail says, per kind and language.

use serde::{Deserialize, Serialize};

use crate::{
    Lang, LocalTime,
    endpoint::{Nothing, endpoints},
    notifications::NotificationKind,
};

endpoints! {
    /// All templates as they are in use: kind by kind, Chinese first. *Permissions*: agents.
    ListMailTemplates = Get "/mails/templates" (()) Nothing => MailTemplateList;
    /// Stores one's own words for a template. 422 names the text and the line that cannot be used; 409 if somebody
    /// else changed the template meanwhile. *Permissions*: agents.
    SaveMailTemplate = Post "/mails/templates" (()) MailTemplateDraft => MailTemplateBody;
    /// The mail that a draft would make of a made-up ticket. Nothing is stored; 422 as above. *Permissions*: agents.
    PreviewMailTemplate = Post "/mails/templates/preview" (()) MailTemplateDraft => MailPreview;
    /// Goes back to the words that come with the product. *Permissions*: agents.
    ResetMailTemplate = Post "/mails/templates/reset" (()) MailTemplateKey => MailTemplateBody;
}

/// The page in whose frame a preview is shown: it draws the HTML that it is sent as a message.
pub const PREVIEW_PATH: &str = "/case/mail-preview";
/// The longest subject, in characters.
pub const MAX_SUBJECT: usize = 500;
/// The longest text of a template, in characters; the same for the HTML.
pub const MAX_TEXT: usize = 20_000;

/// Which template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTemplateKey {
    pub kind: NotificationKind,
    pub lang: Lang,
}

/// All templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTemplateList {
    pub templates: Vec<MailTemplate>,
    /// What may stand in them.
    pub snippets: Vec<Snippet>,
}

/// A word of the ticket, or a list, and how a template says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// `ticket.title`
    pub word: String,
    /// `{{ ticket.title }}`
    pub text: String,
}

/// One template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTemplateBody {
    pub template: MailTemplate,
}

/// A template as it is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTemplate {
    pub kind: NotificationKind,
    pub lang: Lang,
    pub subject: String,
    pub text: String,
    /// The inside of the HTML part; what is around it is the same for all mails.
    pub html: String,
    /// 0 for the one that comes with the product; else another number after each change.
    pub revision: i64,
    /// Who changed it, and when; none for the one that comes with the product.
    pub changed_by: Option<String>,
    pub changed_at: Option<LocalTime>,
    /// Why it cannot be used any more, so that mails say what the product's own template says.
    pub fault: Option<String>,
}

/// A template while it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTemplateDraft {
    pub kind: NotificationKind,
    pub lang: Lang,
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub html: String,
    /// The [`MailTemplate::revision`] that it was written from. A preview does not look at it.
    #[serde(default)]
    pub revision: i64,
}

/// What a draft makes of a made-up ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPreview {
    pub subject: String,
    pub text: String,
    /// A whole HTML document without scripts.
    pub html: String,
}
