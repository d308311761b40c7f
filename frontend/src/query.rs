//! The part of a URL after `?`, to and from the query types of `shared`: filters live in the address.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use crate::router::Step;
use crate::{
    json::{self, Value},
    reactive::{Memo, memo},
    router::use_router,
};

/// `path?query`, or the bare path.
pub(crate) fn href(path: &str, query: &impl Serialize) -> String {
    href_of(path, json::value(query))
}

/// The same with a query that is a value already.
pub(crate) fn href_of(path: &str, query: Value) -> String {
    let query = match query {
        Value::Fields(fields) => join(fields),
        _ => String::new(),
    };
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// `a=1&b=2`; empty where everything is left out.
fn join(fields: Vec<(String, Value)>) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        let text = match value {
            Value::Null => continue,
            Value::Text(text) => text,
            other => json::print(&other),
        };
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&name);
        out.push('=');
        out.push_str(&String::from(js_sys::encode_uri_component(&text)));
    }
    out
}

/// One value by its name.
pub(crate) fn value(search: &str, name: &str) -> Option<String> {
    pairs(search, decode)
        .into_iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

/// Reads a query type; a pair that makes no sense counts as left out.
pub(crate) fn read<T: DeserializeOwned + Default>(search: &str) -> T {
    from_pairs(pairs(search, decode))
}

/// A value may mean a text, a number or a truth: what the type accepts, it is.
fn from_pairs<T: DeserializeOwned + Default>(pairs: Vec<(String, String)>) -> T {
    let mut good = Vec::new();
    for (name, text) in pairs {
        for value in [Some(Value::Text(text.clone())), json::parse(&text)]
            .into_iter()
            .flatten()
        {
            let alone = vec![(name.clone(), value.clone())];
            if json::take::<T>(Value::Fields(alone)).is_some() {
                good.push((name, value));
                break;
            }
        }
    }
    json::take(Value::Fields(good)).unwrap_or_default()
}

fn pairs(search: &str, decode: fn(&str) -> String) -> Vec<(String, String)> {
    let pairs = search
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn decode(text: &str) -> String {
    js_sys::decode_uri_component(&text.replace('+', " ")).map_or_else(|_| text.to_owned(), String::from)
}

/// The page's query as it changes with the address.
pub(crate) fn use_query<T: DeserializeOwned + Default + PartialEq + Send + Sync + 'static>() -> Memo<T> {
    let router = use_router();
    memo(move || read(&router.search()))
}

/// Puts a query into the address of the current page. Typing replaces the entry, choosing adds one to go back to.
pub(crate) fn use_set_query<T: Serialize + 'static>() -> impl Fn(&T, Step) + Copy + 'static {
    let router = use_router();
    move |query, step| {
        let path = untrack(|| router.path());
        router.go(&href(&path, query), step);
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        Role, Status,
        tickets::{AssigneeFilter, Choice, TicketQuery},
        users::UserQuery,
    };

    use super::*;

    fn from<T: serde::de::DeserializeOwned + Default>(search: &str) -> T {
        from_pairs(pairs(search, str::to_owned))
    }

    #[test]
    fn filters_are_read_from_the_address() {
        let query: TicketQuery = from("status=pending&assignee=me&page=3&q=123");
        assert_eq!(query.status, Choice::Is(Status::Pending));
        assert_eq!(query.assignee, AssigneeFilter::Me);
        assert_eq!(query.page, Some(3));
        assert_eq!(query.q.as_deref(), Some("123"));
    }

    #[test]
    fn nonsense_counts_as_left_out() {
        let query: UserQuery = from("role=king&page=-1&active=true&x=y");
        assert_eq!(
            query,
            UserQuery {
                active: Some(true),
                ..UserQuery::default()
            }
        );
        let query: UserQuery = from("role=admin");
        assert_eq!(query.role, Choice::Is(Role::Admin));
    }
}
