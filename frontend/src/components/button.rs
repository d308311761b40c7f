//! Buttons and links that look like buttons.

use leptos::prelude::*;
use web_sys::MouseEvent;

use super::icon::{Icon, icon};
use crate::reactive::{Signal, handler};

/// How loud a button is; one `Primary` per view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Look {
    #[default]
    Plain,
    Primary,
    Danger,
    Note,
    Ghost,
    Link,
}

/// How large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Size {
    Small,
    #[default]
    Middle,
    Large,
}

fn class(look: Look, size: Size, block: bool, only_icon: bool) -> String {
    let look = match look {
        Look::Plain => "",
        Look::Primary => " btn--primary",
        Look::Danger => " btn--danger",
        Look::Note => " btn--note",
        Look::Ghost => " btn--ghost",
        Look::Link => " btn--link",
    };
    let size = match size {
        Size::Small => " btn--sm",
        Size::Middle => "",
        Size::Large => " btn--lg",
    };
    let block = if block { " btn--block" } else { "" };
    let only_icon = if only_icon { " btn--icon" } else { "" };
    format!("btn{look}{size}{block}{only_icon}")
}

fn clicked(on_click: Option<Callback<()>>) -> impl Fn(MouseEvent) {
    move |_| {
        if let Some(on_click) = on_click {
            on_click.run(());
        }
    }
}

/// A button with a word. While `busy` it turns, keeps its width and takes no clicks.
#[component]
pub(crate) fn Button(
    #[prop(optional)] look: Look,
    #[prop(optional)] size: Size,
    /// As wide as its container.
    #[prop(optional)]
    block: bool,
    /// Sends the form it stands in.
    #[prop(optional)]
    submit: bool,
    #[prop(optional, into)] glyph: Option<Icon>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class(look, size, block, false)
            aria-busy=move || busy.get().then_some("true")
            disabled=move || disabled.get()
            on:click=handler(clicked(on_click))
        >
            {glyph.map(icon)}
            {children()}
        </button>
    }
}

/// A button with an icon only; `label` names what it does, with the object.
#[component]
pub(crate) fn IconButton(
    glyph: Icon,
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] look: Option<Look>,
    #[prop(optional)] size: Size,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] on_click: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class(look.unwrap_or(Look::Ghost), size, false, true)
            aria-label=move || label.get()
            title=move || label.get()
            aria-busy=move || busy.get().then_some("true")
            on:click=handler(clicked(on_click))
        >
            {icon(glyph)}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub(crate) fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] look: Look,
    #[prop(optional)] size: Size,
    #[prop(optional, into)] glyph: Option<Icon>,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=move || href.get() class=class(look, size, false, false)>
            {glyph.map(icon)}
            {children()}
        </a>
    }
}
