//! Makes types of JSON values, field by field in the order of the type.

use std::{fmt, slice, vec};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
};

use super::value::Value;

/// A value that is not of the type. Nobody asks which part of it.
#[derive(Debug)]
pub(super) struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another type")
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A value to make something of.
pub(super) struct Decoder(pub(super) Value);

/// One method per kind of type, each for one kind of value only.
macro_rules! kinds {
    ($($method:ident: $value:pat => $make:expr, $visit:ident;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.0 {
                $value => visitor.$visit($make),
                _ => Err(Misfit),
            }
        }
    )+};
}

/// The same for types that are written alike.
macro_rules! alike {
    ($($method:ident => $other:ident;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.$other(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Decoder {
    type Error = Misfit;

    kinds! {
        deserialize_bool: Value::Bool(truth) => truth, visit_bool;
        deserialize_i64: Value::Whole(n) => n, visit_i64;
        deserialize_string: Value::Text(text) => text, visit_string;
        deserialize_seq: Value::List(items) => Items(items.into_iter()), visit_seq;
        deserialize_map: Value::Fields(fields) => Fields { rest: fields.into_iter(), value: Value::Null }, visit_map;
    }

    alike! {
        deserialize_i8 => deserialize_i64;
        deserialize_i16 => deserialize_i64;
        deserialize_i32 => deserialize_i64;
        deserialize_u8 => deserialize_i64;
        deserialize_u16 => deserialize_i64;
        deserialize_u32 => deserialize_i64;
        deserialize_u64 => deserialize_i64;
        deserialize_f32 => deserialize_f64;
        deserialize_char => deserialize_string;
        deserialize_str => deserialize_string;
        deserialize_identifier => deserialize_string;
        deserialize_bytes => deserialize_seq;
        deserialize_byte_buf => deserialize_seq;
    }

    /// For what looks at the value before it decides: flattened fields.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(_) => self.deserialize_bool(visitor),
            Value::Whole(_) => self.deserialize_i64(visitor),
            Value::Fraction(_) => self.deserialize_f64(visitor),
            Value::Text(_) => self.deserialize_string(visitor),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Fields(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Fraction(n) => visitor.visit_f64(n),
            Value::Whole(n) => visitor.visit_f64(n as f64),
            _ => Err(Misfit),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    /// Field by field in the order of the type, so that nothing has to find out which field a name means. A field
    /// that is not there is left to `#[serde(default)]`.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            fields @ Value::Fields(_) => visitor.visit_seq(Named {
                fields,
                names: names.iter(),
            }),
            _ => Err(Misfit),
        }
    }

    /// An enum whose variants carry nothing: its name.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Text(name) => visitor.visit_enum(name.into_deserializer()),
            _ => Err(Misfit),
        }
    }
}

struct Items(vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.0
            .next()
            .map(|item| seed.deserialize(Decoder(item)))
            .transpose()
    }
}

struct Named {
    fields: Value,
    names: slice::Iter<'static, &'static str>,
}

impl Named {
    /// Compiled once, not into every type.
    #[inline(never)]
    fn next_value(&mut self) -> Option<Value> {
        self.fields.take_field(self.names.next()?)
    }
}

impl<'de> SeqAccess<'de> for Named {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.next_value()
            .map(|value| seed.deserialize(Decoder(value)))
            .transpose()
    }
}

/// The fields of a map, in any order.
struct Fields {
    rest: vec::IntoIter<(String, Value)>,
    /// Of the name given out last.
    value: Value,
}

impl Fields {
    /// Compiled once, not into every type.
    #[inline(never)]
    fn next_name(&mut self) -> Option<String> {
        let (name, value) = self.rest.next()?;
        self.value = value;
        Some(name)
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.next_name()
            .map(|name| seed.deserialize(name.into_deserializer()))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        seed.deserialize(Decoder(std::mem::take(&mut self.value)))
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        AttachmentId, ErrorCode, Problem, Status,
        error::{FieldError, FieldErrors},
        statistics::NamedCount,
        users::UserQuery,
    };

    use super::super::{read, write};

    #[test]
    fn what_is_written_is_read_again() {
        let faults = FieldErrors::from([("title".to_owned(), FieldError::TooLong { max: 200 })]);
        let mut problem = Problem::new(ErrorCode::ValidationFailed, shared::Lang::Zh)
            .with_fields(&faults, shared::Lang::Zh);
        problem.allowed = Some(vec![Status::Closed]);
        assert_eq!(read(&write(&problem)), Some(problem));
        let ids = vec![AttachmentId(1), AttachmentId(2)];
        assert_eq!(read(&write(&ids)), Some(ids));
        assert_eq!(read("[1.5, null]"), Some(vec![Some(1.5), None]));
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        for text in [
            "{}",
            "[]",
            "null",
            r#"{"name":"a","count":"1"}"#,
            r#"{"name":null,"count":1}"#,
        ] {
            assert_eq!(read::<NamedCount>(text), None, "{text}");
        }
        assert_eq!(read(r#""from_the_future""#), Some(ErrorCode::Unknown));
    }

    #[test]
    fn fields_stand_in_any_order_and_some_may_be_left_out() {
        let count = read::<NamedCount>(r#"{"count":1,"more":[],"name":"a"}"#);
        assert_eq!(count.map(|count| count.name).as_deref(), Some("a"));
        let query = read::<UserQuery>(r#"{"page":2}"#);
        let wanted = UserQuery {
            page: Some(2),
            ..UserQuery::default()
        };
        assert_eq!(query, Some(wanted));
    }
}
