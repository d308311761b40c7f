//! Who is using the SPA: nobody, a guest of one ticket, or an account. Pages ask here and never keep a copy.

mod tabs;

use std::future::pending;

use leptos::prelude::*;
use shared::{
    ErrorCode, Permission, Role, Secret, TicketId,
    endpoint::Nothing,
    sessions::{GuestToken, Identity, Me, OpenGuestLink},
    users::User,
};

use crate::{
    api::{Api, ApiError},
    paths,
    reactive::RwSignal,
};
use tabs::Mark;
pub(crate) use tabs::follow_tabs;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Who {
    #[default]
    Visitor,
    Guest(TicketId),
    User(User),
}

impl Who {
    /// Is that another person? Nobody is not.
    fn is_not(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Visitor, _) | (_, Self::Visitor) => false,
            (Self::Guest(one), Self::Guest(other)) => one != other,
            (Self::User(one), Self::User(other)) => one.id != other.id,
            (Self::Guest(_), Self::User(_)) | (Self::User(_), Self::Guest(_)) => true,
        }
    }
}

/// The session of this tab.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    who: RwSignal<Who>,
    /// Whose session ended on its own.
    expired: RwSignal<Who>,
    mark: Mark,
}

/// Makes `use_session` work below.
pub(crate) fn provide_session() -> Session {
    let session = Session {
        who: RwSignal::new(Who::Visitor),
        expired: RwSignal::new(Who::Visitor),
        mark: Mark::new(),
    };
    provide_context(session);
    session
}

/// The session of this tab.
pub(crate) fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Who is asking.
    pub(crate) fn who(self) -> Who {
        self.who.get()
    }

    /// The account, if somebody is signed in.
    pub(crate) fn user(self) -> Option<User> {
        self.who.with(|who| match who {
            Who::User(user) => Some(user.clone()),
            Who::Guest(_) | Who::Visitor => None,
        })
    }

    /// The role, if somebody is signed in.
    pub(crate) fn role(self) -> Option<Role> {
        self.who.with(|who| match who {
            Who::User(user) => Some(user.role),
            Who::Guest(_) | Who::Visitor => None,
        })
    }

    /// Is this an agent?
    pub(crate) fn is_agent(self) -> bool {
        self.may(Permission::SeeAllTickets)
    }

    /// May the person do this? Hides what the server would refuse anyway.
    pub(crate) fn may(self, permission: Permission) -> bool {
        self.role().is_some_and(|role| role.may(permission))
    }

    /// Must a new password be chosen before anything else?
    pub(crate) fn must_change_password(self) -> bool {
        self.who
            .with(|who| matches!(who, Who::User(user) if user.must_change_password))
    }

    /// Did an account's session end on its own (not by logging out)? The log-in page says so.
    pub(crate) fn has_expired(self) -> bool {
        self.expired.with(|who| matches!(who, Who::User(_)))
    }

    /// Did a guest's session end on its own?
    pub(crate) fn was_guest(self) -> bool {
        self.expired.with(|who| matches!(who, Who::Guest(_)))
    }

    /// May the cookies be somebody else's by now, because of what was done in another tab?
    pub(crate) fn is_in_doubt(self) -> bool {
        self.mark.is_old()
    }

    /// Somebody logged in here, or the account changed.
    pub(crate) fn sign_in(self, user: User) {
        self.mark.leave();
        self.set(Who::User(user));
    }

    /// A guest link was opened here.
    pub(crate) fn open_guest(self, ticket: TicketId) {
        self.mark.leave();
        self.set(Who::Guest(ticket));
    }

    /// Somebody logged out here.
    pub(crate) fn sign_out(self) {
        self.mark.leave();
        self.set(Who::Visitor);
    }

    /// The server does not know this session any more. Called by `api` alone, once for however many calls failed.
    pub(crate) fn expire(self) {
        let who = self.who.get_untracked();
        if who != Who::Visitor {
            self.expired.set(who);
            self.who.set(Who::Visitor);
        }
    }

    /// The server insists on a new password.
    pub(crate) fn require_password(self) {
        self.who.update(|who| {
            if let Who::User(user) = who {
                user.must_change_password = true;
            }
        });
    }

    /// Where this person belongs.
    pub(crate) fn home(self) -> &'static str {
        match self.role() {
            Some(Role::Admin) => paths::ADMIN_TICKETS,
            Some(Role::Customer) => paths::MY_TICKETS,
            None => paths::LOGIN,
        }
    }

    fn set(self, who: Who) {
        self.expired.set(Who::Visitor);
        // An equal value must not restart the live connection or redraw the frame.
        if self.who.with_untracked(|known| *known != who) {
            self.who.set(who);
        }
    }
}

/// Asks the server who we are; nobody is an answer, not a failure. A page that was somebody else's starts anew.
pub(crate) async fn recall(api: Api) -> Result<(), ApiError> {
    let session = api.session();
    loop {
        let mark = tabs::stored();
        let who = match api.call(Me, (), Nothing {}).await {
            Ok(Identity { user: Some(user), .. }) => Some(Who::User(user)),
            Ok(Identity {
                guest_ticket_id: Some(ticket),
                ..
            }) => Some(Who::Guest(ticket)),
            Ok(_) => Some(Who::Visitor),
            Err(error) if error.code() == Some(ErrorCode::Unauthenticated) => None,
            Err(error) => return Err(error),
        };
        // Somebody came or went meanwhile, and the answer may be older than that.
        if mark != tabs::stored() {
            continue;
        }
        if let Some(who) = &who
            && session.who.with_untracked(|before| before.is_not(who))
        {
            // Until this page has gone the mark is not known, so that nothing goes out which is still the other's.
            let _ = window().location().reload();
            return pending().await;
        }
        session.mark.know(mark);
        match who {
            Some(who) => session.set(who),
            None => session.expire(),
        }
        return Ok(());
    }
}

/// Exchanges `#access=<token>` in the address for a guest cookie and takes the token out of the address, so that
/// it is neither bookmarked nor passed on. Agents and customers who are signed in stay who they are.
/// `Ok(None)` where the address has no token.
pub(crate) async fn open_guest_link(api: Api) -> Result<Option<TicketId>, ApiError> {
    let Some(token) = take_fragment("access") else {
        return Ok(None);
    };
    let opened = match api
        .call(
            OpenGuestLink,
            (),
            GuestToken {
                token: Secret::new(token.clone()),
            },
        )
        .await
    {
        Ok(opened) => opened,
        Err(error) => {
            // Nobody answered: the link must still work at the next try.
            if error == ApiError::Network {
                replace_fragment(&format!("#access={token}"));
            }
            return Err(error);
        }
    };
    if untrack(|| api.session().user()).is_none() {
        api.session().open_guest(opened.ticket_id);
    }
    Ok(Some(opened.ticket_id))
}

/// The value of `#name=value` in the address, which loses it.
pub(crate) fn take_fragment(name: &str) -> Option<String> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let value = hash
        .strip_prefix('#')?
        .strip_prefix(name)?
        .strip_prefix('=')?
        .to_owned();
    replace_fragment("");
    (!value.is_empty()).then_some(value)
}

/// Puts a fragment, or none, at the end of the address; nothing is loaded and nothing to go back to is added.
fn replace_fragment(fragment: &str) {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let search = location.search().unwrap_or_default();
    if let Ok(history) = window().history() {
        let address = format!("{path}{search}{fragment}");
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}
