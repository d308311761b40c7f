//! What Leptos compiles again for every closure or type it is given, about a kilobyte a time, in one compiled form each:
//! signals, effects, handlers, kept rows and parts that are drawn again.

mod node;
mod signal;
mod stored;

use std::sync::Arc;

use leptos::prelude::*;

pub(crate) use node::NodeRef;
pub(crate) use signal::{Memo, RwSignal, Signal};
pub(crate) use stored::StoredValue;

/// Runs now, and again whenever a signal that was read changes.
pub(crate) fn effect(run: impl Fn() + 'static) {
    fn boxed(run: Box<dyn Fn()>) {
        Effect::new(move |_| run());
    }
    boxed(Box::new(run));
}

/// Runs whenever a signal read by `of` changes, but not now.
pub(crate) fn on_change(of: impl Fn() + 'static, run: impl Fn() + 'static) {
    let first = StoredValue::new(true);
    effect(move || {
        of();
        if !first.get_value() {
            untrack(&run);
        }
        first.set_value(false);
    });
}

/// A value that is worked out from signals, and tells of a change only when it differs.
pub(crate) fn memo<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo::new(of)
}

/// A value that is worked out from signals each time it is asked for; what components take as a property.
pub(crate) fn derived<T: Send + Sync + 'static>(of: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    Signal::new(of)
}

/// Rows by key: one that stays is never drawn again.
pub(crate) fn each(
    keys: Memo<Vec<String>>,
    draw: impl Fn(&str) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    fn boxed(keys: Memo<Vec<String>>, draw: Arc<dyn Fn(&str) -> AnyView + Send + Sync>) -> AnyView {
        view! {
            <For each=move || keys.get() key=Clone::clone let:key>
                {draw(&key)}
            </For>
        }
        .into_any()
    }
    boxed(keys, Arc::new(draw))
}

/// A part that is drawn again whenever a signal read by `draw` changes.
pub(crate) fn dynamic<V: IntoView + 'static>(mut draw: impl FnMut() -> V + Send + 'static) -> AnyView {
    let boxed: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || draw().into_any());
    boxed.into_any()
}

/// The same for a part that is not always there.
pub(crate) fn optional<V: IntoView + 'static>(
    mut draw: impl FnMut() -> Option<V> + Send + 'static,
) -> AnyView {
    dynamic(move || draw().map_or_else(|| ().into_any(), IntoAny::into_any))
}

/// What is done about an event, for `on:…` in a view.
pub(crate) fn handler<E: 'static>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}
