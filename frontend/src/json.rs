//! JSON in and out, always by way of `Value`: one parser and one printer for all types, which keeps the download
//! small. Nothing of ours is large enough for the detour to be felt.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Any JSON at all.
pub(crate) fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// A value of a type.
pub(crate) fn take<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// A text of a type.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    take(parse(text)?)
}

/// The text of a value; empty for what JSON cannot hold, which none of our types is.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_json::to_value(value)
        .map(|value| value.to_string())
        .unwrap_or_default()
}
