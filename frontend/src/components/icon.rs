//! Icons by name; the drawings are masks in `style/icons.css`.

use leptos::prelude::*;

macro_rules! icons {
    ($($variant:ident = $class:literal)*) => {
        /// An icon of the set.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Icon { $($variant,)* }

        impl Icon {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its class in `icons.css`.
            pub(crate) const fn class(self) -> &'static str {
                match self { $(Self::$variant => concat!("icon i-", $class),)* }
            }
        }
    };
}

icons! {
    Inbox = "inbox"  Users = "users"  Chart = "chart"  Sun = "sun"  Moon = "moon"  Search = "search"
    Plus = "plus"  Cross = "x"  Check = "check"  Down = "chevdown"  Right = "chevright"  Left = "chevleft"
    More = "more"  Reply = "reply"  Lock = "lock"  Clip = "paperclip"
    Image = "image"  Clock = "clock"  Copy = "copy"  Eye = "eye"  EyeOff = "eyeoff"
    User = "user"  UserPlus = "userplus"  UserOff = "userx"  Flag = "flag"  Mail = "mail"
    Globe = "globe"  File = "file"  Archive = "archive"  Download = "download"  Upload = "upload"
    Alert = "alert"  Info = "info"  Done = "circlecheck"  Refresh = "refresh"
    Offline = "wifioff"  Edit = "edit"  Panel = "panel"  Menu = "menu"  Calendar = "calendar"  Leave = "logout"  Wrench = "wrench"  Message = "message"  Package = "pkg"  Up = "arrowup"
    ArrowDown = "arrowdown"  List = "list"  Bell = "bell"
}

/// Draws an icon. It says nothing to readers: the word beside it, or the button's label, does.
pub(crate) fn icon(icon: Icon) -> impl IntoView {
    view! { <i class=icon.class() aria-hidden="true"></i> }
}

#[cfg(test)]
mod tests {
    use super::Icon;

    #[test]
    fn style_sheet_and_enum_name_the_same_icons() {
        let css = include_str!("../../style/icons.css");
        let drawn: Vec<&str> = css
            .lines()
            .filter_map(|line| line.trim().strip_prefix(".i-")?.split(' ').next())
            .collect();
        let named: Vec<&str> = Icon::ALL
            .iter()
            .filter_map(|icon| icon.class().strip_prefix("icon i-"))
            .collect();
        for name in &named {
            assert!(drawn.contains(name), "{name} is not drawn");
        }
        for name in &drawn {
            assert!(named.contains(name), "{name} is not used");
        }
    }
}
