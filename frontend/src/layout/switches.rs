//! The two switches everybody has: language and theme.

use leptos::prelude::*;

use crate::{
    components::{
        button::{Button, IconButton, Look},
        icon::Icon,
    },
    reactive::dynamic,
    text::{use_lang, use_text},
    theme::use_theme,
};

/// The other language, in its own words.
#[component]
pub(crate) fn LangSwitch() -> impl IntoView {
    let lang = use_lang();
    view! {
        <Button look=Look::Ghost glyph=Icon::Globe on_click=move |()| lang.toggle()>
            <span lang=use_text().other_lang_tag>{use_text().other_lang}</span>
        </Button>
    }
}

/// Light and dark.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let t = use_text();
    let theme = use_theme();
    dynamic(move || {
        let (glyph, word) = if theme.is_dark() {
            (Icon::Sun, t.light_theme)
        } else {
            (Icon::Moon, t.dark_theme)
        };
        view! { <IconButton glyph=glyph label=word on_click=move |()| theme.toggle()/> }
    })
}
