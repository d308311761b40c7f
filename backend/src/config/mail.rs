//! Mail: which server takes it, who it is from, how much of it goes out.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use shared::{EmailAddress, Secret};

use super::{ConfigError, Vars, bad, dkim, is_loopback};
use crate::domain::mail::dkim::Signer;

/// Mail.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// None: mails become files.
    pub smtp: Option<SmtpConfig>,
    /// `EMAIL_SENDER`: who mails are from, `support@example.com` or `云户工单 <support@example.com>`. Default: `SMTP_USERNAME`.
    pub sender: EmailAddress,
    /// Its name.
    pub sender_name: String,
    /// `DKIM_KEY_FILE`: a PEM file with the private key that signs what goes to the mail server. Unset: mails are not signed.
    /// `DKIM_SELECTOR`: the name that its public half is published under. `DKIM_DOMAIN`: the domain that signs. Default: the
    /// sender's.
    pub dkim: Option<Arc<Signer>>,
    /// Where mails become files while no server is set.
    pub folder: PathBuf,
    /// `MAIL_HOLD_SECONDS`: how long news of a ticket are held back, to make one mail of several and none of what was
    /// seen meanwhile. Default 60.
    pub hold: TimeDelta,
    /// `MAIL_PER_MINUTE`: how many mails go out in a minute, from all servers together. Default 30.
    pub per_minute: u32,
    /// `MAIL_PER_ADDRESS_AND_HOUR`: how many mails one recipient gets in an hour; the others wait. Default 30.
    pub per_address_and_hour: u32,
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `SMTP_SERVER`: the mail server's name. Unset: mails become files in `DATA_DIR/mail`.
    pub server: String,
    /// `SMTP_PORT`: default 465, with starttls 587, with none 25.
    pub port: u16,
    /// `SMTP_TLS`: `implicit` (default at port 465), `starttls` (default elsewhere) or `none` (loopback only).
    pub tls: Tls,
    /// `SMTP_USERNAME`: the account to log in with. Unset: no log-in.
    pub username: Option<String>,
    /// `SMTP_PASSWORD`: its password; at QQ and 163 the 授权码.
    pub password: Secret,
    /// `SMTP_CA_FILE`: a PEM file with the authority that signed the mail server's certificate, instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// `SMTP_UNVERIFIED_SERVER`: the mail server's name once more, if its certificate is not to be checked. Whoever stands
    /// between the two can then read password and mails. Unset: without a valid certificate nothing is sent.
    pub unverified: bool,
    /// `SMTP_TIMEOUT_SECONDS`: how long the server may take for an answer, and three times that for a whole mail. Default 20.
    pub timeout: Duration,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// Once the server has agreed to it; without that nothing is sent.
    StartTls,
    /// Not at all.
    None,
}

/// Who mails are from where nobody was named: it only shows in files.
const NOBODY: &str = "casedesk@localhost.localdomain";

impl MailConfig {
    pub(super) fn from_vars(vars: &Vars<'_>, data_dir: &Path) -> Result<Self, ConfigError> {
        let smtp = SmtpConfig::from_vars(vars)?;
        let account = smtp.as_ref().and_then(|smtp| smtp.username.clone());
        let (sender_name, sender) = match (vars.text("EMAIL_SENDER"), account) {
            (Some(text), _) => split_sender(&text)
                .ok_or_else(|| bad("EMAIL_SENDER", format!("`{text}` is no e-mail address")))?,
            (None, Some(account)) => split_sender(&account).ok_or_else(|| {
                bad(
                    "EMAIL_SENDER",
                    "it must be set, because SMTP_USERNAME is no e-mail address",
                )
            })?,
            (None, None) if smtp.is_some() => {
                return Err(bad("EMAIL_SENDER", "it must be set beside SMTP_SERVER"));
            }
            (None, None) => split_sender(NOBODY).ok_or_else(|| bad("EMAIL_SENDER", "no default"))?,
        };
        let domain = sender.as_str().rsplit('@').next();
        let dkim = dkim::from_vars(vars, domain.filter(|_| sender.as_str() != NOBODY))?;
        let hold: u32 = vars.parse("MAIL_HOLD_SECONDS", 60)?;
        if hold > 3600 {
            return Err(bad("MAIL_HOLD_SECONDS", "at most 3600"));
        }
        Ok(Self {
            smtp,
            sender,
            sender_name,
            dkim,
            folder: data_dir.join("mail"),
            hold: TimeDelta::seconds(hold.into()),
            per_minute: positive("MAIL_PER_MINUTE", vars.parse("MAIL_PER_MINUTE", 30)?)?,
            per_address_and_hour: positive(
                "MAIL_PER_ADDRESS_AND_HOUR",
                vars.parse("MAIL_PER_ADDRESS_AND_HOUR", 30)?,
            )?,
        })
    }
}

impl SmtpConfig {
    fn from_vars(vars: &Vars<'_>) -> Result<Option<Self>, ConfigError> {
        let Some(server) = vars.text("SMTP_SERVER") else {
            return Ok(None);
        };
        if server.contains(|c: char| c.is_whitespace() || c == '/' || c == '@') {
            return Err(bad("SMTP_SERVER", format!("`{server}` is no server's name")));
        }
        let tls = match vars.text("SMTP_TLS").as_deref() {
            None => None,
            Some("implicit") => Some(Tls::Implicit),
            Some("starttls") => Some(Tls::StartTls),
            Some("none") => Some(Tls::None),
            Some(other) => {
                return Err(bad(
                    "SMTP_TLS",
                    format!("`{other}` is neither implicit, starttls nor none"),
                ));
            }
        };
        let usual = match tls {
            None | Some(Tls::Implicit) => 465,
            Some(Tls::StartTls) => 587,
            Some(Tls::None) => 25,
        };
        let port = vars.parse("SMTP_PORT", usual)?;
        let tls = tls.unwrap_or(if port == 465 { Tls::Implicit } else { Tls::StartTls });
        if tls == Tls::None && !is_loopback(&server) {
            return Err(bad(
                "SMTP_TLS",
                format!("`none` is for a mail server on this machine, and {server} is not"),
            ));
        }
        let unverified = vars.text("SMTP_UNVERIFIED_SERVER");
        if let Some(named) = unverified.as_ref().filter(|named| **named != server) {
            return Err(bad(
                "SMTP_UNVERIFIED_SERVER",
                format!("it names {named}, but mails go to {server}, whose certificate is checked"),
            ));
        }
        let ca_file = vars.text("SMTP_CA_FILE").map(PathBuf::from);
        let needless = match (ca_file.is_some(), tls) {
            (true, _) => Some("with SMTP_CA_FILE the certificate is checked: leave out one of the two"),
            (false, Tls::None) => Some("with SMTP_TLS=none there is no certificate to leave unchecked"),
            (false, Tls::Implicit | Tls::StartTls) => None,
        };
        if let Some(why) = needless.filter(|_| unverified.is_some()) {
            return Err(bad("SMTP_UNVERIFIED_SERVER", why));
        }
        let timeout: u64 = vars.parse("SMTP_TIMEOUT_SECONDS", 20)?;
        if !(1..=30).contains(&timeout) {
            return Err(bad("SMTP_TIMEOUT_SECONDS", "from 1 to 30"));
        }
        Ok(Some(Self {
            server,
            port,
            tls,
            username: vars.text("SMTP_USERNAME"),
            password: Secret::new(vars.text("SMTP_PASSWORD").unwrap_or_default()),
            ca_file,
            unverified: unverified.is_some(),
            timeout: Duration::from_secs(timeout),
        }))
    }
}

fn positive(name: &'static str, number: u32) -> Result<u32, ConfigError> {
    match number {
        0 => Err(bad(name, "0 would hold every mail back")),
        number => Ok(number),
    }
}

/// `Name <address>` or `address`.
fn split_sender(text: &str) -> Option<(String, EmailAddress)> {
    let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text),
    };
    let plain = !name.chars().any(char::is_control);
    Some((name.to_owned(), EmailAddress::parse(address).filter(|_| plain)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<MailConfig, ConfigError> {
        let find = |name: &str| {
            let (_, value) = pairs.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        };
        MailConfig::from_vars(&Vars(&find), Path::new("data"))
    }

    fn server(pairs: &[(&str, &str)]) -> (u16, Tls) {
        let smtp = read(pairs).unwrap().smtp.unwrap();
        (smtp.port, smtp.tls)
    }

    #[test]
    fn the_old_systems_settings_mean_implicit_tls() {
        let old = [
            ("SMTP_SERVER", "smtp.qq.com"),
            ("SMTP_PORT", "465"),
            ("SMTP_USERNAME", "your-email@qq.com"),
            ("SMTP_PASSWORD", "your-auth-code"),
        ];
        assert_eq!(server(&old), (465, Tls::Implicit));
        assert_eq!(read(&old).unwrap().sender.as_str(), "your-email@qq.com");
    }

    #[test]
    fn port_and_protection_follow_each_other() {
        let of = |pairs: &[(&'static str, &'static str)]| {
            let mut all = vec![("SMTP_SERVER", "127.0.0.1"), ("EMAIL_SENDER", "a@b.cn")];
            all.extend(pairs);
            server(&all)
        };
        assert_eq!(of(&[]), (465, Tls::Implicit));
        assert_eq!(of(&[("SMTP_PORT", "587")]), (587, Tls::StartTls));
        assert_eq!(of(&[("SMTP_PORT", "25")]), (25, Tls::StartTls));
        assert_eq!(of(&[("SMTP_TLS", "starttls")]), (587, Tls::StartTls));
        assert_eq!(of(&[("SMTP_TLS", "none")]), (25, Tls::None));
    }

    #[test]
    fn a_sender_may_have_a_name() {
        let config = read(&[("EMAIL_SENDER", "云户工单 <Support@Example.com>")]).unwrap();
        assert_eq!(
            (config.sender_name.as_str(), config.sender.as_str()),
            ("云户工单", "support@example.com")
        );
        assert!(config.smtp.is_none());
    }

    #[test]
    fn what_cannot_work_names_its_variable() {
        let away = ("SMTP_SERVER", "mail.example.com");
        let sender = ("EMAIL_SENDER", "a@b.cn");
        let unverified = ("SMTP_UNVERIFIED_SERVER", "mail.example.com");
        for (pairs, name) in [
            (vec![away], "EMAIL_SENDER"),
            (vec![away, ("SMTP_USERNAME", "desk")], "EMAIL_SENDER"),
            (vec![("EMAIL_SENDER", "nobody")], "EMAIL_SENDER"),
            (vec![away, sender, ("SMTP_TLS", "none")], "SMTP_TLS"),
            (vec![away, sender, ("SMTP_TLS", "yes")], "SMTP_TLS"),
            (vec![away, sender, ("SMTP_PORT", "smtp")], "SMTP_PORT"),
            (vec![("SMTP_SERVER", "smtp://x")], "SMTP_SERVER"),
            (
                vec![away, sender, ("SMTP_UNVERIFIED_SERVER", "old.example.com")],
                "SMTP_UNVERIFIED_SERVER",
            ),
            (
                vec![away, sender, unverified, ("SMTP_CA_FILE", "ca.pem")],
                "SMTP_UNVERIFIED_SERVER",
            ),
            (
                vec![
                    ("SMTP_SERVER", "localhost"),
                    sender,
                    ("SMTP_TLS", "none"),
                    ("SMTP_UNVERIFIED_SERVER", "localhost"),
                ],
                "SMTP_UNVERIFIED_SERVER",
            ),
            (vec![("MAIL_PER_MINUTE", "0")], "MAIL_PER_MINUTE"),
            (vec![("MAIL_HOLD_SECONDS", "9999")], "MAIL_HOLD_SECONDS"),
        ] {
            assert_eq!(read(&pairs).unwrap_err().variable, name, "{pairs:?}");
        }
    }
}
