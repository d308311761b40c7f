//! What this device was told already, shared by its tabs through `localStorage`: `<newest id> <tab's mark>` per account.

use shared::{NotificationId, UserId};

use crate::{dom, storage};

/// How long the tabs take to see each other's writing.
const SETTLE_MS: u32 = 100;

fn key(user: UserId) -> String {
    format!("told.{user}")
}

/// The newest notification that this device told an account of.
pub(super) fn last(user: UserId) -> NotificationId {
    read(storage::get(&key(user)).as_deref())
}

fn read(stored: Option<&str>) -> NotificationId {
    let id = stored.and_then(|stored| stored.split(' ').next()?.parse().ok());
    id.unwrap_or(NotificationId(0))
}

/// Whether it is up to this tab to tell everything up to `newest`: of tabs that write at the same time, the last one.
pub(super) async fn claim(user: UserId, newest: NotificationId) -> bool {
    let (key, mine) = (key(user), format!("{newest} {}", dom::uuid()));
    storage::set(&key, &mine);
    dom::sleep(SETTLE_MS).await;
    storage::get(&key) == Some(mine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_stands_before_the_mark() {
        assert_eq!(read(Some("105 0b1c-2d")), NotificationId(105));
        assert_eq!(read(Some("nonsense")), NotificationId(0));
        assert_eq!(read(None), NotificationId(0));
    }
}
