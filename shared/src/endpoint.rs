//! `Endpoint`: one definition per call, used by server, SPA and tests alike.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};

/// The HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Post,
    Patch,
}

impl Method {
    /// The method's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
        }
    }
}

/// One call of the API: where it is, what goes in, what comes out.
///
/// `Input` travels as the query of a `GET` and as JSON otherwise. `Output` is the payload that stands beside
/// `"success": true`.
pub trait Endpoint: Copy + 'static {
    const METHOD: Method;
    /// The path with at most one `{id}`.
    const PATH: &'static str;
    /// The status of a success.
    const STATUS: u16 = 200;
    /// What `{id}` is; `()` where there is none.
    type Path: PathArg;
    type Input: Serialize + DeserializeOwned + 'static;
    type Output: Serialize + DeserializeOwned + 'static;
}

/// The value of `{id}` in a path.
pub trait PathArg: Sized + 'static {
    /// Reads the path segment; `None` where it can name nothing.
    fn parse(segment: &str) -> Option<Self>;
    /// The path segment.
    fn segment(&self) -> Cow<'_, str>;
}

impl PathArg for () {
    fn parse(_: &str) -> Option<Self> {
        Some(())
    }

    fn segment(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
}

macro_rules! id_in_path {
    ($($name:ty)*) => {$(
        impl PathArg for $name {
            fn parse(segment: &str) -> Option<Self> {
                segment.parse().ok()
            }

            fn segment(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        }
    )*};
}

id_in_path! { crate::UserId crate::NotificationId }

/// The path of a call with its argument filled in.
pub fn path_of<E: Endpoint>(path: &E::Path) -> String {
    E::PATH.replace("{id}", &path.segment())
}

/// Declares endpoints, one per line; the doc comment of each is its documentation.
macro_rules! endpoints {
    ($(
        $(#[$doc:meta])*
        $name:ident = $method:ident $path:literal $(=> $status:literal)? ($arg:ty) $input:ty => $output:ty;
    )+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl crate::endpoint::Endpoint for $name {
                const METHOD: crate::endpoint::Method = crate::endpoint::Method::$method;
                const PATH: &'static str = concat!("/case/api", $path);
                $( const STATUS: u16 = $status; )?
                type Path = $arg;
                type Input = $input;
                type Output = $output;
            }
        )+

        /// The endpoints of this file: name, method, path.
        pub const ENDPOINTS: &[(&str, crate::endpoint::Method, &str)] = &[
            $( (stringify!($name), crate::endpoint::Method::$method, concat!("/case/api", $path)), )+
        ];
    };
}

pub(crate) use endpoints;

/// Every endpoint of the API: name, method, path.
pub fn all() -> impl Iterator<Item = (&'static str, Method, &'static str)> {
    [
        crate::sessions::ENDPOINTS,
        crate::users::ENDPOINTS,
        crate::tickets::ENDPOINTS,
        crate::messages::ENDPOINTS,
        crate::mails::ENDPOINTS,
        crate::mail_templates::ENDPOINTS,
        crate::notifications::ENDPOINTS,
        crate::statistics::ENDPOINTS,
        crate::meta::ENDPOINTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The multipart upload: parts `file`, `ticket_id`, and optionally `draft` and `client_id`.
pub const UPLOAD_PATH: &str = "/case/api/upload";
/// The plain WebSocket.
pub const LIVE_PATH: &str = "/case/ws";
/// Where files are served, followed by the stored name; `/uploads/` is the same thing.
pub const FILES_PATH: &str = "/case/uploads/";

/// An input or output without content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Nothing {}

/// An output that only says what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Done {
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_endpoints_share_method_and_path() {
        let mut seen = std::collections::HashSet::new();
        for (name, method, path) in all() {
            assert!(seen.insert((method, path)), "{name} repeats {path}");
            assert!(path.starts_with("/case/api/"), "{name}");
        }
    }

    #[test]
    fn a_path_argument_is_filled_in() {
        let path = path_of::<crate::users::UpdateUser>(&crate::UserId(7));
        assert_eq!(path, "/case/api/users/7");
    }
}
