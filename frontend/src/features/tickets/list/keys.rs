//! The list by keyboard: `j` `k` move, Enter opens (the link has the focus), `x` selects, `/` searches, `.` applies
//! what is new, `a` `s` `p` act on the selection, Esc lets go.

use super::{fresh::Fresh, selection::Selection};
use crate::{
    dom,
    features::tickets::keys::{self, find, press},
};

/// Hears the keys as long as the list is there.
pub(super) fn hear(selection: Selection, fresh: Fresh) {
    keys::hear(move |key| {
        match key {
            "j" => selection.step(1),
            "k" => selection.step(-1),
            "x" => return selection.current().map(|id| selection.toggle(id)).is_some(),
            "/" => {
                return find(".ticketlist input[type=search]")
                    .map(|field| dom::focus(&field))
                    .is_some();
            }
            "." => fresh.apply(),
            "a" => return press(".bulk-assign"),
            "s" => return press(".bulk-status"),
            "p" => return press(".bulk-priority"),
            "Escape" if !selection.is_empty_untracked() => selection.clear(),
            _ => return false,
        }
        true
    });
}
