//! What a mail template may say. The field names are what operators write between braces.

use serde::Serialize;
use shared::{Lang, Priority, Status};

/// Everything a template knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// The product's name, or the operator's.
    pub site: String,
    pub ticket: TicketWords,
    pub customer: CustomerWords,
    /// Who said or did it; several people are counted.
    pub by: String,
    /// What was said, oldest first.
    pub messages: Vec<MessageWords>,
    /// How many earlier messages are only in the ticket.
    pub left_out: usize,
    /// How the status moved, oldest first.
    pub changes: Vec<ChangeWords>,
    /// The ticket's address; for a customer without an account it lets him in.
    pub link: String,
}

/// The ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TicketWords {
    pub number: String,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub priority: String,
    pub status: String,
    pub description: String,
    /// How it was solved; empty while it is not.
    pub resolution: String,
}

/// Its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomerWords {
    pub name: String,
    pub email: String,
    /// Empty where it is not known.
    pub phone: String,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageWords {
    pub sender: String,
    pub text: String,
    pub time: String,
    /// The names of its files.
    pub files: Vec<String>,
}

/// A move of the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeWords {
    pub from: String,
    pub to: String,
    pub by: String,
    pub time: String,
}

/// A status as a sentence names it.
pub fn status(status: Status, lang: Lang) -> &'static str {
    let english = match status {
        Status::Pending => "Pending",
        Status::Processing => "In progress",
        Status::Resolved => "Resolved",
        Status::Closed => "Closed",
    };
    lang.pick(status.as_str(), english)
}

/// A priority as a sentence names it.
pub fn priority(priority: Priority, lang: Lang) -> &'static str {
    let english = match priority {
        Priority::High => "High",
        Priority::Medium => "Medium",
        Priority::Low => "Low",
    };
    lang.pick(priority.as_str(), english)
}

impl Words {
    /// A made-up ticket, for previews and for trying a template before it is saved.
    pub fn sample(lang: Lang, link: &str) -> Self {
        let pick = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
        Self {
            site: pick("云户工单", "CaseDesk"),
            ticket: TicketWords {
                number: "TK202602060001".into(),
                title: pick("打印机连不上网络", "The printer has lost its network"),
                kind: pick("技术支持", "Technical support"),
                priority: priority(Priority::High, lang).into(),
                status: status(Status::Resolved, lang).into(),
                description: pick(
                    "换了路由器以后，二楼的打印机就找不到了。\n已经重启过一次。",
                    "Since the router was replaced nobody can find the printer on the second floor.\nWe have restarted it once.",
                ),
                resolution: pick("给打印机设了固定地址。", "The printer has a fixed address now."),
            },
            customer: CustomerWords {
                name: pick("张三", "Ann Lee"),
                email: "customer@example.com".into(),
                phone: "13800138000".into(),
            },
            by: pick("李工", "Bob Chen"),
            messages: vec![MessageWords {
                sender: pick("李工", "Bob Chen"),
                text: pick(
                    "您好，请把打印机面板上的“网络状态”拍一张照片发给我。",
                    "Hello, could you send a photo of “network status” on the printer's panel?",
                ),
                time: "2026-02-06 10:30:00".into(),
                files: vec![pick("操作步骤.pdf", "steps.pdf")],
            }],
            left_out: 0,
            changes: vec![ChangeWords {
                from: status(Status::Processing, lang).into(),
                to: status(Status::Resolved, lang).into(),
                by: pick("李工", "Bob Chen"),
                time: "2026-02-06 11:00:00".into(),
            }],
            link: link.to_owned(),
        }
    }
}
