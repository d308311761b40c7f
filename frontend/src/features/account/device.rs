//! What alerts this device: sound and desktop notifications, switched at once.

use leptos::{prelude::*, task::spawn_local};
use web_sys::HtmlInputElement;

use crate::{
    alerts::{Alert, chime, desktop},
    components::icon::{Icon, icon},
    reactive::{RwSignal, handler, optional},
    text::use_text,
};

/// The two switches.
#[component]
pub(super) fn DeviceAlerts() -> impl IntoView {
    let t = use_text();
    // Switched on, and forbidden since.
    let obstacle = RwSignal::new(desktop::obstacle().filter(|_| Alert::Desktop.is_on()));
    let sound = |switch: HtmlInputElement| {
        Alert::Sound.switch(switch.checked());
        if switch.checked() {
            chime();
        }
    };
    let notify = move |switch: HtmlInputElement| {
        obstacle.set(None);
        Alert::Desktop.switch(false);
        if switch.checked() {
            spawn_local(async move {
                let found = desktop::ask().await;
                // Switched off again while the browser asked, it stays off.
                if switch.checked() {
                    Alert::Desktop.switch(found.is_none());
                    switch.set_checked(found.is_none());
                    obstacle.try_set(found);
                }
            });
        }
    };
    view! {
        <section class="device-alerts" aria-labelledby="device-title">
            <header>
                <h2 id="device-title">{t.alerts.title}</h2>
                <p class="muted">{t.alerts.text}</p>
            </header>
            <div class="mail-choice-list">
                {switch(t.alerts.sound, Alert::Sound.is_on(), sound)}
                {switch(
                    t.alerts.desktop,
                    Alert::Desktop.is_on() && desktop::obstacle().is_none(),
                    notify,
                )}
            </div>
            {optional(move || {
                obstacle
                    .get()
                    .map(|found| {
                        view! {
                            <p class="field-error" role="alert">
                                {icon(Icon::Alert)} <span>{found.words(&t.alerts)}</span>
                            </p>
                        }
                    })
            })}
        </section>
    }
    .into_any()
}

/// A switch with its word; `turned` finds it in its new state.
fn switch(word: &'static str, is_on: bool, turned: impl Fn(HtmlInputElement) + 'static) -> AnyView {
    let change = move |event: web_sys::Event| turned(event_target(&event));
    view! {
        <label class="check mail-choice">
            <span>{word}</span>
            <input type="checkbox" role="switch" prop:checked=is_on on:change=handler(change)/>
        </label>
    }
    .into_any()
}
