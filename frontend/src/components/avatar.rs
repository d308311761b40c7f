//! A person as a letter on a disc whose hue stays the same everywhere.

use leptos::prelude::*;

/// How large the disc is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AvatarSize {
    /// 20 px, inside a line of text.
    Tiny,
    /// 24 px.
    Small,
    /// 32 px, or what the place around it asks for.
    #[default]
    Middle,
}

/// The disc. Decoration only: the name stands beside it.
#[component]
pub(crate) fn Avatar(#[prop(into)] name: String, #[prop(optional)] size: AvatarSize) -> impl IntoView {
    let class = match size {
        AvatarSize::Tiny => "avatar avatar--xs",
        AvatarSize::Small => "avatar avatar--sm",
        AvatarSize::Middle => "avatar",
    };
    view! {
        <span class=class style=("--hue", hue(&name).to_string()) aria-hidden="true">
            {initial(&name)}
        </span>
    }
}

/// A person in a line: disc and name.
#[component]
pub(crate) fn Person(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <span class="who">
            <Avatar name=name.clone() size=AvatarSize::Tiny/>
            <span class="truncate">{name}</span>
        </span>
    }
}

/// One of twelve hues, by name: the same person has the same colour on every page.
fn hue(name: &str) -> u32 {
    let mixed = name.bytes().fold(2_166_136_261_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    (mixed >> 8) % 12 * 30 + 15
}

/// As it is written; the style sheet makes it large.
fn initial(name: &str) -> String {
    name.trim().chars().take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::{hue, initial};

    #[test]
    fn a_name_has_one_hue_and_one_letter() {
        assert_eq!(hue("陈默"), hue("陈默"));
        assert!(hue("陈默") < 360);
        assert_eq!(initial("陈默"), "陈");
        assert_eq!(initial("  hannah"), "h");
        assert_eq!(initial(""), "");
    }
}
