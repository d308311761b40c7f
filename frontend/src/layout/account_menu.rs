//! The menu behind one's own avatar: password, language, theme, log out.

use leptos::{prelude::*, task::spawn_local};
use shared::{Role, endpoint::Nothing, sessions::Logout, users::User};

use crate::{
    api::use_api,
    components::{
        avatar::{Avatar, AvatarSize},
        icon::Icon,
        menu::{Menu, MenuItem, MenuLabel, MenuLine, MenuLink},
        toast::use_toasts,
    },
    paths,
    reactive::StoredValue,
    router::{Step, use_router},
    text::{use_lang, use_text},
    theme::use_theme,
};

/// The menu; `with_name` writes the name beside the avatar where there is room.
#[component]
pub(crate) fn AccountMenu(user: User, #[prop(optional)] with_name: bool) -> impl IntoView {
    let t = use_text();
    let lang = use_lang();
    let theme = use_theme();
    let name = user.display_name().to_owned();
    let login = match user.role {
        Role::Admin => paths::ADMIN_LOGIN,
        Role::Customer => paths::LOGIN,
    };
    let log_out = use_log_out(login);
    let shown = name.clone();
    let heading = StoredValue::new(name.clone());
    let trigger = move || {
        let size = if with_name {
            AvatarSize::Small
        } else {
            AvatarSize::Middle
        };
        view! {
            <Avatar name=shown.clone() size=size/>
            {with_name.then(|| view! { <span class="wide-only">{shown.clone()}</span> })}
        }
    };
    view! {
        <Menu
            label=format!("{} {name}", t.account_word)
            class=if with_name { "btn btn--ghost" } else { "rail-account" }
            trigger=trigger
        >
            <MenuLabel>{heading.get_value()}</MenuLabel>
            <MenuLink href=paths::PASSWORD glyph=Icon::Lock>{t.change_password}</MenuLink>
            <MenuLink href=paths::MAIL_CHOICES glyph=Icon::Mail>{t.account.mail_choices}</MenuLink>
            <MenuItem glyph=Icon::Globe on_pick=move |()| lang.toggle()>
                <span lang=t.other_lang_tag>{t.other_lang}</span>
            </MenuItem>
            {
                let dark = untrack(|| theme.is_dark());
                view! {
                    <MenuItem glyph=if dark { Icon::Sun } else { Icon::Moon } on_pick=move |()| theme.toggle()>
                        {if dark { t.light_theme } else { t.dark_theme }}
                    </MenuItem>
                }
            }
            <MenuLine/>
            <MenuItem glyph=Icon::Leave on_pick=log_out>{t.log_out}</MenuItem>
        </Menu>
    }
    .into_any()
}

/// Ends the session and goes to the door. Without an answer from the server nothing is ended, and we say so.
fn use_log_out(login: &'static str) -> Callback<()> {
    let api = use_api();
    let toasts = use_toasts();
    let router = use_router();
    Callback::new(move |()| {
        spawn_local(async move {
            match api.call(Logout, (), Nothing {}).await {
                Ok(_) => {
                    // First away from the guarded page, so that its guard does not ask to come back here.
                    router.go(login, Step::Push);
                    api.session().sign_out();
                }
                Err(error) => toasts.failed(&error),
            }
        });
    })
}
