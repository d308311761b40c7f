//! JSON in and out, always by way of `Value`: one reader and one writer for all types. `serde_json` does this too, but
//! weighs four times as much: it is made to be fast, to be exact to the last digit and to word every fault.

mod decode;
mod encode;
mod text;
mod value;

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use text::{read as parse, write as print};
pub(crate) use value::Value;

/// A value of a type; null for what JSON cannot hold, which none of our types is.
pub(crate) fn value(of: &impl Serialize) -> Value {
    of.serialize(encode::Encoder).unwrap_or_default()
}

/// A type of a value.
pub(crate) fn take<T: DeserializeOwned>(value: Value) -> Option<T> {
    T::deserialize(decode::Decoder(value)).ok()
}

/// A type of a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    take(parse(text)?)
}

/// A text of a type.
pub(crate) fn write(of: &impl Serialize) -> String {
    print(&value(of))
}
