//! `localStorage`, which may be missing or full: reads and writes never fail, they just do nothing.

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// The text stored under `casedesk.<key>`.
pub(crate) fn get(key: &str) -> Option<String> {
    storage()?.get_item(&format!("casedesk.{key}")).ok()?
}

/// Stores a text under `casedesk.<key>`.
pub(crate) fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full storage loses a convenience, nothing more.
        let _ = storage.set_item(&format!("casedesk.{key}"), value);
    }
}

/// Forgets `casedesk.<key>`.
pub(crate) fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("casedesk.{key}"));
    }
}
