//! Makes JSON values of types. What JSON has no form for, none of our types has.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{
        self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct,
    },
};

use super::value::Value;

/// Something that JSON has no form for.
#[derive(Debug)]
pub(super) struct Formless;

impl fmt::Display for Formless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no form in JSON")
    }
}

impl std::error::Error for Formless {}

impl ser::Error for Formless {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Makes a value.
pub(super) struct Encoder;

/// One method per kind of type that is written as one kind of value.
macro_rules! kinds {
    ($($method:ident($value:ident: $kind:ty) => $make:expr;)+) => {$(
        fn $method(self, $value: $kind) -> Result<Value, Formless> {
            Ok($make)
        }
    )+};
}

impl Serializer for Encoder {
    type Ok = Value;
    type Error = Formless;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Impossible<Value, Formless>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Impossible<Value, Formless>;

    kinds! {
        serialize_bool(truth: bool) => Value::Bool(truth);
        serialize_i8(n: i8) => Value::Whole(n.into());
        serialize_i16(n: i16) => Value::Whole(n.into());
        serialize_i32(n: i32) => Value::Whole(n.into());
        serialize_i64(n: i64) => Value::Whole(n);
        serialize_u8(n: u8) => Value::Whole(n.into());
        serialize_u16(n: u16) => Value::Whole(n.into());
        serialize_u32(n: u32) => Value::Whole(n.into());
        serialize_u64(n: u64) => Value::Whole(n.try_into().map_err(|_| Formless)?);
        serialize_f32(n: f32) => Value::Fraction(n.into());
        serialize_f64(n: f64) => Value::Fraction(n);
        serialize_char(c: char) => Value::Text(c.to_string());
        serialize_str(text: &str) => Value::Text(text.to_owned());
        serialize_unit_struct(_name: &'static str) => Value::Null;
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Value, Formless> {
        Err(Formless)
    }

    fn serialize_none(self) -> Result<Value, Formless> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Formless> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Formless> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Formless> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Formless> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Formless> {
        Err(Formless)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Formless> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, Formless> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, Formless> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Formless> {
        Err(Formless)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, Formless> {
        Ok(Fields {
            fields: Vec::new(),
            name: String::new(),
        })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Formless> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Formless> {
        Err(Formless)
    }
}

/// A list being made.
pub(super) struct Items(Vec<Value>);

macro_rules! list {
    ($($as:ident::$method:ident)+) => {$(
        impl $as for Items {
            type Ok = Value;
            type Error = Formless;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Formless> {
                self.0.push(item.serialize(Encoder)?);
                Ok(())
            }

            fn end(self) -> Result<Value, Formless> {
                Ok(Value::List(self.0))
            }
        }
    )+};
}

list! { SerializeSeq::serialize_element SerializeTuple::serialize_element SerializeTupleStruct::serialize_field }

/// Fields being made.
pub(super) struct Fields {
    fields: Vec<(String, Value)>,
    /// The name that waits for its value.
    name: String,
}

impl SerializeMap for Fields {
    type Ok = Value;
    type Error = Formless;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Formless> {
        let Value::Text(name) = name.serialize(Encoder)? else {
            return Err(Formless);
        };
        self.name = name;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Formless> {
        let name = std::mem::take(&mut self.name);
        self.fields.push((name, value.serialize(Encoder)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Formless> {
        Ok(Value::Fields(self.fields))
    }
}

impl SerializeStruct for Fields {
    type Ok = Value;
    type Error = Formless;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Formless> {
        self.fields.push((name.to_owned(), value.serialize(Encoder)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Formless> {
        Ok(Value::Fields(self.fields))
    }
}
