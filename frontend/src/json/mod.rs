//! JSON in and out, always by way of `Value`: one parser and one printer for all types, which keeps the download
//! small. Nothing of ours is large enough for the detour to be felt.

mod decode;
mod text;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Any JSON at all.
pub(crate) fn parse(text: &str) -> Option<Value> {
    text::read(text)
}

/// A value of a type.
pub(crate) fn take<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(decode::Decoder(value)).ok()
}

/// A text of a type.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    take(parse(text)?)
}

/// The text of a value.
pub(crate) fn print(value: &Value) -> String {
    text::write(value)
}

/// The text of a value of a type.
pub(crate) fn write(value: &impl Serialize) -> String {
    print(&serde_json::to_value(value).unwrap_or_default())
}
