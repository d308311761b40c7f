//! Getting in: log-in at both doors, a new password, the one-time set-up link. These pages stand outside the frames.

mod choices;
mod device;
mod entry;
mod login;
mod password;
mod setup;
mod unsubscribe;

pub(crate) use choices::MailChoicesPage;
pub(crate) use login::{AgentLoginPage, LoginPage};
pub(crate) use password::PasswordPage;
pub(crate) use setup::SetUpPage;
pub(crate) use unsubscribe::UnsubscribePage;
