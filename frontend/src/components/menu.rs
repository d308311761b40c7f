//! Menus: a popover whose items are walked with the arrow keys.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    icon::{Icon, icon},
    popover::{Around, Popover, use_popover},
};
use crate::{
    dom,
    reactive::{StoredValue, handler},
};

/// A button that opens a menu. `trigger` draws the button's content, `children` the items, each time it opens.
#[component]
pub(crate) fn Menu(
    /// What the button does, for readers and as a tooltip where the button has no words.
    #[prop(optional, into)]
    label: Option<String>,
    /// The button's classes.
    #[prop(default = "btn btn--ghost")]
    class: &'static str,
    #[prop(into)] trigger: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let items = StoredValue::new(children);
    view! {
        <Popover label=label class=class role="menu" panel="menu" trigger=trigger>
            <Items>{items.with_value(|items| items())}</Items>
        </Popover>
    }
}

/// Takes the keys of the whole menu.
#[component]
fn Items(children: Children) -> impl IntoView {
    let around = use_popover();
    view! {
        <div role="presentation" on:keydown=handler(move |event: web_sys::KeyboardEvent| steer(&event, around))>
            {children()}
        </div>
    }
}

/// Arrows, Home, End and first letters move; Tab leaves.
fn steer(event: &web_sys::KeyboardEvent, around: Around) {
    let Some(menu) = around.element() else { return };
    let items = items(&menu);
    let Some(last) = items.len().checked_sub(1) else {
        return;
    };
    let active = document().active_element();
    let here = items
        .iter()
        .position(|item| active.as_ref().is_some_and(|a| a.is_same_node(Some(item))));
    let in_field = active.is_some_and(|active| active.tag_name() == "INPUT");
    let target = match event.key().as_str() {
        "ArrowDown" => Some(here.map_or(0, |i| if i == last { 0 } else { i + 1 })),
        "ArrowUp" => Some(here.map_or(last, |i| if i == 0 { last } else { i - 1 })),
        "Home" if !in_field => Some(0),
        "End" if !in_field => Some(last),
        "Tab" => {
            around.close();
            None
        }
        key if !in_field && key.chars().count() == 1 && key != " " => {
            let key = key.to_lowercase();
            items.iter().position(|item| {
                item.text_content()
                    .is_some_and(|text| text.trim().to_lowercase().starts_with(&key))
            })
        }
        _ => None,
    };
    if let Some(item) = target.and_then(|i| items.get(i)) {
        event.prevent_default();
        dom::focus(item);
    }
}

fn items(menu: &web_sys::HtmlElement) -> Vec<web_sys::HtmlElement> {
    let Ok(found) = menu.query_selector_all("[role^=menuitem]:not([aria-disabled=true])") else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|i| found.get(i)?.dyn_into().ok())
        .collect()
}

/// One thing to do. With `checked` it is one of several, and shows which one holds.
#[component]
pub(crate) fn MenuItem(
    #[prop(optional, into)] glyph: Option<Icon>,
    #[prop(optional)] danger: bool,
    #[prop(optional, into)] checked: Option<bool>,
    #[prop(optional)] disabled: bool,
    /// The key that does the same.
    #[prop(optional)]
    key: Option<&'static str>,
    #[prop(into)] on_pick: Callback<()>,
    children: Children,
) -> impl IntoView {
    let around = use_popover();
    view! {
        <button
            type="button"
            class=if danger { "menu-item menu-item--danger" } else { "menu-item" }
            role=if checked.is_some() { "menuitemradio" } else { "menuitem" }
            tabindex="-1"
            aria-checked=checked.map(|on| on.to_string())
            aria-disabled=disabled.then_some("true")
            on:click=handler(move |_| {
                if !disabled {
                    around.close();
                    on_pick.run(());
                }
            })
        >
            {glyph.map(icon)}
            {children()}
            {key.map(|key| view! { <span class="kbd" aria-hidden="true">{key}</span> })}
            {(checked == Some(true)).then(|| view! { <span class="menu-tick">{icon(Icon::Check)}</span> })}
        </button>
    }
    .into_any()
}

/// A place to go.
#[component]
pub(crate) fn MenuLink(
    #[prop(into)] href: String,
    #[prop(optional, into)] glyph: Option<Icon>,
    children: Children,
) -> impl IntoView {
    let around = use_popover();
    view! {
        <a class="menu-item" role="menuitem" tabindex="-1" href=href on:click=handler(move |_| around.close())>
            {glyph.map(icon)}
            {children()}
        </a>
    }
    .into_any()
}

/// A quiet heading in a menu.
#[component]
pub(crate) fn MenuLabel(children: Children) -> impl IntoView {
    view! { <p class="menu-label">{children()}</p> }
}

/// A line between groups.
#[component]
pub(crate) fn MenuLine() -> impl IntoView {
    view! { <div class="menu-sep" role="separator"></div> }
}
