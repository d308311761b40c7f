//! Unsent messages in `localStorage`. Every change reads and writes in one go, so that two tabs lose nothing.

use super::Unsent;
use crate::{json, storage};

fn key(keeper: &str) -> String {
    format!("outbox.{keeper}")
}

/// Everything that `keeper` has not got rid of yet.
pub(super) fn all(keeper: &str) -> Vec<Unsent> {
    storage::get(&key(keeper))
        .and_then(|text| json::read(&text))
        .unwrap_or_default()
}

/// Keeps a message, in its place if it is known.
pub(super) fn put(keeper: &str, unsent: &Unsent) {
    let mut list = all(keeper);
    match list.iter_mut().find(|known| known.client_id == unsent.client_id) {
        Some(known) => known.clone_from(unsent),
        None => list.push(unsent.clone()),
    }
    write(keeper, &list);
}

/// Forgets a message.
pub(super) fn remove(keeper: &str, client_id: &str) {
    let mut list = all(keeper);
    list.retain(|known| known.client_id != client_id);
    write(keeper, &list);
}

fn write(keeper: &str, list: &[Unsent]) {
    if list.is_empty() {
        return storage::remove(&key(keeper));
    }
    storage::set(&key(keeper), &json::write(&list));
}
