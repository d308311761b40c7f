//! The part of a URL after `?`, to and from the query types of `shared`: filters live in the address.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks, params::ParamsMap};
use serde::{
    Serialize,
    de::{
        DeserializeOwned, Deserializer, IntoDeserializer, Visitor,
        value::{Error, MapDeserializer},
    },
    forward_to_deserialize_any,
};

/// A query type as `a=1&b=2`; empty where everything is left out.
pub(crate) fn write(query: &impl Serialize) -> String {
    let pairs = web_sys::UrlSearchParams::new().ok();
    let (Some(pairs), Ok(serde_json::Value::Object(fields))) = (pairs, serde_json::to_value(query)) else {
        return String::new();
    };
    for (name, value) in fields {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::String(text) => pairs.append(&name, &text),
            other => pairs.append(&name, &other.to_string()),
        }
    }
    pairs.to_string().into()
}

/// `path?query`, or the bare path.
pub(crate) fn href(path: &str, query: &impl Serialize) -> String {
    match write(query) {
        empty if empty.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// Reads a query type; a pair that makes no sense counts as left out.
pub(crate) fn read<T: DeserializeOwned + Default>(map: &ParamsMap) -> T {
    let pairs = map
        .latest_values()
        .map(|(name, value)| (name.to_string(), Value(value.to_owned())));
    let good: Vec<_> = pairs
        .filter(|pair| parse::<T>(vec![pair.clone()]).is_ok())
        .collect();
    parse(good).unwrap_or_default()
}

fn parse<T: DeserializeOwned>(pairs: Vec<(String, Value)>) -> Result<T, Error> {
    T::deserialize(MapDeserializer::new(pairs.into_iter()))
}

/// The page's query as it changes with the address.
pub(crate) fn use_query<T: DeserializeOwned + Default + PartialEq + Send + Sync + 'static>() -> Memo<T> {
    let map = hooks::use_query_map();
    Memo::new(move |_| map.with(read))
}

/// Puts a query into the address of the current page. Typing replaces the entry, choosing adds one to go back to.
pub(crate) fn use_set_query<T: Serialize + 'static>() -> impl Fn(&T, Step) + Copy + 'static {
    let navigate = StoredValue::new_local(hooks::use_navigate());
    let location = hooks::use_location();
    let path = location.pathname;
    move |query, step| {
        let to = href(&path.get_untracked(), query);
        let options = NavigateOptions {
            replace: matches!(step, Step::Replace),
            scroll: false,
            ..Default::default()
        };
        navigate.with_value(|navigate| navigate(&to, options));
    }
}

/// Whether a change of the address can be gone back from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Push,
    Replace,
}

/// One value of a query: text that may mean a number or a truth.
#[derive(Clone)]
struct Value(String);

impl IntoDeserializer<'_, Error> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_string(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    parsed! { deserialize_bool visit_bool deserialize_u32 visit_u32 deserialize_i64 visit_i64 deserialize_i32 visit_i32 }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
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

    fn map(pairs: &[(&'static str, &str)]) -> ParamsMap {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    }

    #[test]
    fn filters_are_read_from_the_address() {
        let query: TicketQuery = read(&map(&[
            ("status", "pending"),
            ("assignee", "me"),
            ("page", "3"),
            ("q", "123"),
        ]));
        assert_eq!(query.status, Choice::Is(Status::Pending));
        assert_eq!(query.assignee, AssigneeFilter::Me);
        assert_eq!(query.page, Some(3));
        assert_eq!(query.q.as_deref(), Some("123"));
    }

    #[test]
    fn nonsense_counts_as_left_out() {
        let query: UserQuery = read(&map(&[
            ("role", "king"),
            ("page", "-1"),
            ("active", "true"),
            ("x", "y"),
        ]));
        assert_eq!(
            query,
            UserQuery {
                active: Some(true),
                ..UserQuery::default()
            }
        );
        let query: UserQuery = read(&map(&[("role", "admin")]));
        assert_eq!(query.role, Choice::Is(Role::Admin));
    }
}
