//! Every error a client can meet: one table of codes, one body.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Lang;

/// Declares the error table: variant, stable code, HTTP status, Chinese and English text.
macro_rules! error_codes {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $zh:literal, $en:literal; )+) => {
        /// What went wrong, as a stable code. Clients match on codes, never on text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $( $(#[$doc])* #[serde(rename = $code)] $variant, )+
            /// A code this build does not know: a newer server answered an older SPA.
            #[serde(other)]
            Unknown,
        }

        impl ErrorCode {
    /// May the same be granted a little later?
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Busy | Self::DatabaseUnavailable | Self::Internal)
    }

            /// Every code that a server sends.
            pub const ALL: &'static [ErrorCode] = &[$( Self::$variant, )+];

            /// The code as it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ Self::Unknown => "unknown" }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $( Self::$variant => $status, )+ Self::Unknown => 500 }
            }

            /// The sentence for a person.
            pub const fn text(self, lang: Lang) -> &'static str {
                match self {
                    $( Self::$variant => lang.pick($zh, $en), )+
                    Self::Unknown => lang.pick("出了点问题", "Something went wrong"),
                }
            }
        }
    };
}

error_codes! {
    /// The body is not JSON, or not UTF-8.
    InvalidJson = "invalid_json", 400, "请求内容不是有效的 JSON", "The request body is not valid JSON";
    /// A multipart body that breaks off or lacks a part.
    InvalidUpload = "invalid_upload", 400, "上传内容不完整", "The upload is incomplete";
    Unauthenticated = "unauthenticated", 401, "请先登录", "Please log in first";
    /// Unknown account and wrong password are one answer.
    WrongCredentials = "wrong_credentials", 401, "用户名或密码不对，请检查后再试", "That user name and password don't match";
    Forbidden = "forbidden", 403, "你没有权限做这件事", "You are not allowed to do this";
    /// A customer at the agents' door, or the other way round.
    WrongPortal = "wrong_portal", 403, "这个账号要从另一个入口登录", "This account logs in at the other entrance";
    PasswordChangeRequired = "password_change_required", 403, "请先设置新密码", "Please choose a new password first";
    /// A documented default password used from beyond this machine.
    DefaultPasswordRefused = "default_password_refused", 403, "默认密码只能在本机使用，请用启动时打印的链接设置新密码", "Default passwords work on the server's own machine only; use the set-up link printed at start";
    CrossOrigin = "cross_origin", 403, "请求来自其他网站，已拒绝", "Refused: the request comes from another site";
    NotFound = "not_found", 404, "没有这个地址", "There is nothing at this address";
    TicketNotFound = "ticket_not_found", 404, "工单不存在", "Ticket not found";
    MailNotFound = "mail_not_found", 404, "没有这封邮件", "There is no such mail";
    FileNotFound = "file_not_found", 404, "文件不存在", "File not found";
    UserNotFound = "user_not_found", 404, "账号不存在", "Account not found";
    /// A set-up or guest link that was used, ran out, or never was.
    LinkInvalid = "link_invalid", 404, "链接已失效", "This link is no longer valid";
    MethodNotAllowed = "method_not_allowed", 405, "这个地址不支持这种请求", "This address does not support that method";
    /// `allowed` in the body lists where the ticket may go.
    TransitionNotAllowed = "transition_not_allowed", 409, "当前状态不能这样变更", "The ticket cannot move to that status from here";
    AmbiguousAssignee = "ambiguous_assignee", 409, "有多位客服叫这个名字，请用用户名指派", "Several agents have this name; use the user name";
    /// `unseen` in the body holds the messages the sender has not seen.
    StaleSend = "stale_send", 409, "还没发：有新消息", "Not sent: there are new messages";
    /// The same client key came with another content.
    ClientKeyReused = "client_key_reused", 409, "同一个请求编号用在了不同的内容上", "This client key was used for different content";
    /// A mail that has been sent, or is being sent.
    MailNotChangeable = "mail_not_changeable", 409, "这封邮件已经发出或正在发送", "This mail has been sent or is being sent";
    /// Somebody else changed the template after this draft was begun.
    TemplateChanged = "template_changed", 409, "有人在这期间改过这个模板，请先看看新的内容", "Somebody has changed this template meanwhile; have a look at it first";
    PayloadTooLarge = "payload_too_large", 413, "内容太大了", "That is too large";
    /// The body carries a `Content-Encoding`, or is not JSON or multipart where it must be.
    UnsupportedMediaType = "unsupported_media_type", 415, "不支持这种内容格式", "This content type is not supported";
    /// `fields` says which and why.
    ValidationFailed = "validation_failed", 422, "有内容需要修改", "Some fields need attention";
    UnknownAssignee = "unknown_assignee", 422, "没有这位在职客服", "There is no active agent by that name";
    FileTypeNotAllowed = "file_type_not_allowed", 422, "不支持这种文件，可以打成 zip 再传", "We can't take this type. Zip it and try again";
    /// A frame on the socket that is not one of ours.
    UnknownEvent = "unknown_event", 422, "不认识的事件", "Unknown event";
    /// A queue is full or the server is just stopping; `Retry-After` says when to come back.
    Busy = "busy", 503, "现在有点忙，请稍候再试", "Busy right now, please try again shortly";
    DatabaseUnavailable = "database_unavailable", 503, "数据库暂时连不上，你的内容没有丢，请稍候再试", "The database cannot be reached right now; please try again shortly";
    /// Unexpected; only the request id is shown.
    Internal = "internal", 500, "服务器出错了，请把请求编号告诉我们", "Something broke on our side; please tell us the request id";
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FieldError {
    Required,
    TooLong {
        max: usize,
    },
    TooShort {
        min: usize,
    },
    /// Control characters such as NUL.
    Characters,
    Email,
    /// Not one of the allowed values, or of another type.
    Invalid,
    /// Somebody else has it already.
    Taken,
    /// The current password is not this one.
    WrongPassword,
    /// A template that asks for a word which no mail has, and on which line.
    UnknownWord {
        line: Option<usize>,
        word: String,
    },
    /// A template that cannot be used: on which line, where that is known, and why, in the template engine's words.
    Template {
        line: Option<usize>,
        reason: String,
    },
    #[serde(other)]
    Unknown,
}

impl FieldError {
    /// The sentence under the field.
    pub fn text(&self, lang: Lang) -> String {
        let fixed = match self {
            Self::Required => ("要填写", "Required"),
            Self::TooLong { max } => {
                return match lang {
                    Lang::Zh => format!("最多 {max} 个字"),
                    Lang::En => format!("At most {max} characters"),
                };
            }
            Self::TooShort { min } => {
                return match lang {
                    Lang::Zh => format!("至少 {min} 个字符"),
                    Lang::En => format!("At least {min} characters"),
                };
            }
            Self::Characters => ("含有不能用的控制字符", "Contains characters that cannot be used"),
            Self::Email => (
                "邮箱好像没写完，例如 name@company.com",
                "That address looks unfinished, e.g. name@company.com",
            ),
            Self::Invalid | Self::Unknown => ("这个值不行", "This value is not allowed"),
            Self::Taken => ("已经被用了", "Already taken"),
            Self::UnknownWord { line, word } => {
                return at_line(
                    *line,
                    lang,
                    &format!("{}{word}", lang.pick("没有这个词：", "There is no ")),
                );
            }
            Self::Template { line, reason } => return at_line(*line, lang, reason),
            Self::WrongPassword => ("当前密码不对", "That is not the current password"),
        };
        lang.pick(fixed.0, fixed.1).to_owned()
    }
}

fn at_line(line: Option<usize>, lang: Lang, reason: &str) -> String {
    match (line, lang) {
        (None, _) => reason.to_owned(),
        (Some(line), Lang::Zh) => format!("第 {line} 行：{reason}"),
        (Some(line), Lang::En) => format!("Line {line}: {reason}"),
    }
}

/// Faults by field name.
pub type FieldErrors = BTreeMap<String, FieldError>;

/// A field's fault as the body shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The machine's part.
    #[serde(flatten)]
    pub error: FieldError,
    /// The person's part.
    pub message: String,
}

/// The one body of every failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Always `false`.
    pub success: bool,
    pub code: ErrorCode,
    pub message: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldProblem>,
    /// For `transition_not_allowed`: where the ticket may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<crate::Status>>,
    /// For `stale_send`: what the sender has not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Vec<crate::messages::Message>>,
    #[serde(default)]
    pub request_id: String,
}

impl Problem {
    /// The plain body of a code.
    pub fn new(code: ErrorCode, lang: Lang) -> Self {
        Self {
            success: false,
            code,
            message: code.text(lang).to_owned(),
            fields: BTreeMap::new(),
            allowed: None,
            unseen: None,
            request_id: String::new(),
        }
    }

    /// Adds the faults of fields.
    pub fn with_fields(mut self, fields: &FieldErrors, lang: Lang) -> Self {
        let shown = |error: &FieldError| FieldProblem {
            error: error.clone(),
            message: error.text(lang),
        };
        self.fields = fields
            .iter()
            .map(|(name, error)| (name.clone(), shown(error)))
            .collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_survive_the_wire() {
        let mut seen = std::collections::HashSet::new();
        for &code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            let wire = serde_json::to_string(&code).unwrap();
            assert_eq!(wire, format!("\"{}\"", code.as_str()));
            assert_eq!(serde_json::from_str::<ErrorCode>(&wire).unwrap(), code);
        }
        assert_eq!(
            serde_json::from_str::<ErrorCode>("\"from_the_future\"").unwrap(),
            ErrorCode::Unknown
        );
    }

    #[test]
    fn a_fields_fault_is_flat() {
        let fields = FieldErrors::from([("title".to_owned(), FieldError::TooLong { max: 255 })]);
        let problem = Problem::new(ErrorCode::ValidationFailed, Lang::En).with_fields(&fields, Lang::En);
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["fields"]["title"]["code"], "too_long");
        assert_eq!(json["fields"]["title"]["max"], 255);
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
    }
}
