//! Alerts: a sound and a desktop notification when something unread arrives, each switched on per device.

pub(crate) mod desktop;
mod sound;
mod told;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    NotificationId, UserId,
    notifications::{ListNotifications, Notification, NotificationList, NotificationQuery},
};

use crate::{
    api::{Api, use_api},
    dom,
    reactive::StoredValue,
    router::{Router, use_router},
    session::{Session, use_session},
    storage,
    text::{fill, use_text},
};

pub(crate) use sound::chime;

/// How many of the latest notifications are looked at for what is new.
const LATEST: u32 = 5;
/// How much of a name is shown, in characters.
const LONGEST_NAME: usize = 24;
/// How long news are gathered before the number of unread ones is asked for again.
pub(crate) const GATHER_MS: u32 = 1_000;
/// How long after it heard of something a tab tells of it: whoever sees it as it arrives has read it by then.
const TELL_MS: u32 = 500;
/// The same for a tab that is not in front: one that is has told by then, whenever it began to gather.
const BEHIND_MS: u32 = GATHER_MS + 2 * TELL_MS;

/// What can be switched on for this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alert {
    Sound,
    Desktop,
}

impl Alert {
    const fn key(self) -> &'static str {
        match self {
            Self::Sound => "alert-sound",
            Self::Desktop => "alert-desktop",
        }
    }

    /// Is it on? Asked each time, since another tab may have switched it.
    pub(crate) fn is_on(self) -> bool {
        storage::get(self.key()).is_some()
    }

    /// Switches it on or off.
    pub(crate) fn switch(self, on: bool) {
        if on {
            storage::set(self.key(), "on");
        } else {
            storage::remove(self.key());
        }
    }
}

/// Who did what, in the words of bell and desktop notification.
pub(crate) fn headline(one: &Notification) -> String {
    fill(use_text().bell.of(one.kind), &[("by", &shortened(&one.by))])
}

/// A name that leaves room for what its owner did.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(name)),
        None => name.to_owned(),
    }
}

/// What this tab knows of an account's notifications.
#[derive(Clone, Copy)]
pub(crate) struct Alerts {
    /// The newest one there was when this tab asked last; what was there at the first time is no news.
    known: StoredValue<Option<(UserId, NotificationId)>>,
    api: Api,
    session: Session,
    router: Router,
}

/// The alerts of this tab, as long as the calling component lives.
pub(crate) fn use_alerts() -> Alerts {
    Alerts {
        known: StoredValue::new(None),
        api: use_api(),
        session: use_session(),
        router: use_router(),
    }
}

impl Alerts {
    /// Asks for the latest notifications and tells what is new among them; how many are unread, if there was an answer.
    pub(crate) async fn ask(self) -> Option<i64> {
        let list = self.latest().await?;
        let unread = list.unread;
        self.hear(list);
        Some(unread)
    }

    async fn latest(self) -> Option<NotificationList> {
        let query = NotificationQuery {
            limit: Some(LATEST),
            ..NotificationQuery::default()
        };
        self.api.call(ListNotifications, (), query).await.ok()
    }

    fn hear(self, list: NotificationList) {
        let Some(user) = untrack(|| self.session.user()).map(|user| user.id) else {
            return;
        };
        let newest = newest(&list.notifications);
        // Nothing where the bell is gone meanwhile.
        let known = self.known.try_update_value(|known| {
            let before = known.filter(|(of, _)| *of == user).map(|(_, id)| id);
            *known = Some((user, before.map_or(newest, |before| before.max(newest))));
            before
        });
        let Some(Some(known)) = known else { return };
        let fresh = unread_after(list.notifications, known);
        if !fresh.is_empty() && (Alert::Sound.is_on() || Alert::Desktop.is_on()) {
            spawn_local(self.tell(user, fresh));
        }
    }

    /// Tells once per device what is still unread after a moment: the tab in front comes first, and of several behind one
    /// alone.
    async fn tell(self, user: UserId, mut fresh: Vec<Notification>) {
        dom::sleep(if dom::is_in_front() { TELL_MS } else { BEHIND_MS }).await;
        if let Some(now) = self.latest().await {
            still_unread(&mut fresh, &now.notifications);
        }
        let fresh = unread_after(fresh, told::last(user));
        let is_here = self
            .known
            .try_get_value()
            .flatten()
            .is_some_and(|(of, _)| of == user);
        if fresh.is_empty() || !is_here || !told::claim(user, newest(&fresh)).await {
            return;
        }
        if Alert::Sound.is_on() {
            chime();
        }
        if Alert::Desktop.is_on() && !dom::is_in_front() {
            // The newest comes last, so that it stays on top.
            for one in fresh.iter().rev() {
                desktop::show(one, self.router);
            }
        }
    }
}

/// The newest of some; a later one always has the higher id, whenever the event was that it tells of.
fn newest(list: &[Notification]) -> NotificationId {
    list.iter().map(|one| one.id).max().unwrap_or(NotificationId(0))
}

/// What nobody has read yet of what was stored after `known`.
fn unread_after(mut list: Vec<Notification>, known: NotificationId) -> Vec<Notification> {
    list.retain(|one| one.unread && one.id > known);
    list
}

/// Leaves out what somebody has read since, as far as the latest ones tell.
fn still_unread(list: &mut Vec<Notification>, latest: &[Notification]) {
    let is_read = |id| latest.iter().any(|one| one.id == id && !one.unread);
    list.retain(|one| !is_read(one.id));
}

#[cfg(test)]
mod tests {
    use shared::{LocalTime, TicketId, notifications::NotificationKind};

    use super::*;

    fn one(id: i32, unread: bool) -> Notification {
        Notification {
            id: NotificationId(id),
            kind: NotificationKind::Message,
            ticket_id: TicketId(1),
            ticket_number: String::new(),
            title: String::new(),
            by: String::new(),
            text: String::new(),
            created_at: LocalTime(String::new()),
            unread,
        }
    }

    fn ids(list: &[Notification]) -> Vec<i32> {
        list.iter().map(|one| one.id.0).collect()
    }

    #[test]
    fn what_is_unread_and_stored_later_is_news() {
        // By time; the agents' row of an earlier moment was stored after the others.
        let list = vec![one(12, true), one(11, false), one(13, true), one(10, true)];
        assert_eq!(newest(&list), NotificationId(13));
        assert_eq!(ids(&unread_after(list.clone(), NotificationId(10))), [12, 13]);
        assert!(unread_after(list, NotificationId(13)).is_empty());
        assert_eq!(newest(&[]), NotificationId(0));
    }

    #[test]
    fn what_was_read_meanwhile_is_no_news() {
        let mut news = vec![one(12, true), one(11, true), one(6, true)];
        still_unread(&mut news, &[one(13, true), one(12, true), one(11, false)]);
        assert_eq!(ids(&news), [12, 6]);
    }

    #[test]
    fn long_names_leave_room() {
        assert_eq!(shortened("陈雨"), "陈雨");
        assert_eq!(shortened(&"x".repeat(30)), format!("{}…", "x".repeat(24)));
    }
}
