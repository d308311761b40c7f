//! A JSON value, the stop between a type and its text.

/// Any JSON at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Whole(i64),
    Fraction(f64),
    Text(String),
    List(Vec<Value>),
    /// In the order in which they stand.
    Fields(Vec<(String, Value)>),
}

impl Value {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes a field out.
    pub(crate) fn take_field(&mut self, name: &str) -> Option<Self> {
        let Self::Fields(fields) = self else {
            return None;
        };
        let i = fields.iter().position(|(known, _)| known == name)?;
        Some(fields.swap_remove(i).1)
    }
}
