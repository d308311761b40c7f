//! What an operator can do about a refusal.

use shared::Lang;

use super::{Refusal, Step};

/// Mail providers whose password for programs is not that of the web site.
const WITH_CODE: [&str; 8] = [
    "qq.com",
    "163.com",
    "126.com",
    "yeah.net",
    "foxmail.com",
    "exmail.qq.com",
    "188.com",
    "sina.com",
];

/// The advice, where there is one.
pub(super) fn advice(refusal: &Refusal, server: &str, lang: Lang) -> Option<&'static str> {
    let known = WITH_CODE
        .iter()
        .any(|domain| server == *domain || server.ends_with(&format!(".{domain}")));
    let (zh, en) = match refusal.step {
        Step::LogIn if known => (
            "SMTP_PASSWORD 要填授权码，不是邮箱的登录密码：在邮箱网页的“设置 → 账户”里开启 SMTP 服务，即可生成授权码。",
            "SMTP_PASSWORD must be the authorization code (授权码), not the password of the web mailbox: switch SMTP on in the mailbox's settings to get one.",
        ),
        Step::LogIn => (
            "请检查 SMTP_USERNAME 和 SMTP_PASSWORD；有些服务商要用单独生成的应用密码。",
            "Check SMTP_USERNAME and SMTP_PASSWORD; some providers want a separate app password.",
        ),
        Step::Connect => (
            "连不上邮件服务器：请检查 SMTP_SERVER、SMTP_PORT 和防火墙；很多云主机封了 25 端口，请用 465 或 587。",
            "The mail server cannot be reached: check SMTP_SERVER, SMTP_PORT and the firewall; many clouds block port 25, use 465 or 587.",
        ),
        Step::Tls | Step::Greeting => (
            "请检查 SMTP_TLS 和端口是否相配：465 用 implicit，587 用 starttls；证书必须有效，并且属于 SMTP_SERVER 这个名字。",
            "Check that SMTP_TLS fits the port: implicit with 465, starttls with 587; the certificate must be valid and for the name in SMTP_SERVER.",
        ),
        Step::Sender => (
            "邮件服务器不接受这个发件人：EMAIL_SENDER 一般要和 SMTP_USERNAME 是同一个邮箱。",
            "The server does not accept this sender: EMAIL_SENDER usually has to be the mailbox of SMTP_USERNAME.",
        ),
        Step::Recipient => (
            "邮件服务器不接受这个收件人，请检查地址。",
            "The server does not accept this recipient: check the address.",
        ),
        Step::Hello | Step::Data => return None,
    };
    Some(lang.pick(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_with_a_code_of_their_own_are_known_and_no_others() {
        let refusal = Refusal::of(Step::LogIn, "535 Login fail");
        let is_known = |server| {
            [Lang::Zh, Lang::En]
                .map(|lang| advice(&refusal, server, lang).unwrap())
                .iter()
                .all(|advice| advice.contains("授权码"))
        };
        for server in [
            "smtp.qq.com",
            "qq.com",
            "smtp.exmail.qq.com",
            "smtp.163.com",
            "smtp.126.com",
        ] {
            assert!(is_known(server), "{server}");
        }
        for server in [
            "notqq.com",
            "smtp.notqq.com",
            "qq.com.example.com",
            "127.0.0.1",
            "smtp.example.com",
        ] {
            assert!(!is_known(server), "{server}");
        }
    }
}
