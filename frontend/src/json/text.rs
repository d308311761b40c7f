//! JSON as text, to and from `Value`.

use super::value::Value;

/// Reads a text; `None` where it is not JSON.
pub(crate) fn read(text: &str) -> Option<Value> {
    let mut rest = Rest(text);
    let value = rest.value()?;
    rest.skip_space();
    rest.0.is_empty().then_some(value)
}

/// Writes a value as a text.
pub(crate) fn write(value: &Value) -> String {
    let mut text = String::new();
    put(value, &mut text);
    text
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\n', '\r', '\t']);
    }

    /// Takes a word if it comes next, after any space.
    fn take(&mut self, word: &str) -> bool {
        self.skip_space();
        let rest = self.0.strip_prefix(word);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn value(&mut self) -> Option<Value> {
        if self.take("{") {
            return self.fields().map(Value::Fields);
        }
        if self.take("[") {
            return self.items().map(Value::List);
        }
        if self.take("\"") {
            return self.string().map(Value::Text);
        }
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ] {
            if self.take(word) {
                return Some(value);
            }
        }
        self.number()
    }

    fn fields(&mut self) -> Option<Vec<(String, Value)>> {
        let mut fields = Vec::new();
        if self.take("}") {
            return Some(fields);
        }
        loop {
            let name = self.take("\"").then(|| self.string())??;
            let value = self.take(":").then(|| self.value())??;
            fields.push((name, value));
            if !self.take(",") {
                return self.take("}").then_some(fields);
            }
        }
    }

    fn items(&mut self) -> Option<Vec<Value>> {
        let mut items = Vec::new();
        if self.take("]") {
            return Some(items);
        }
        loop {
            items.push(self.value()?);
            if !self.take(",") {
                return self.take("]").then_some(items);
            }
        }
    }

    /// A string after its opening quote.
    fn string(&mut self) -> Option<String> {
        let mut string = String::new();
        loop {
            let (plain, rest) = self.0.split_at(self.0.find(['"', '\\'])?);
            string.push_str(plain);
            self.0 = rest.get(1..)?;
            if rest.starts_with('"') {
                return Some(string);
            }
            string.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let kind = chars.next()?;
        self.0 = chars.as_str();
        Some(match kind {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.code_point(),
            '"' | '\\' | '/' => kind,
            _ => return None,
        })
    }

    fn code_point(&mut self) -> Option<char> {
        const HIGH: u32 = 0xd800;
        const LOW: u32 = 0xdc00;
        let unit = self.code_unit()?;
        if !(HIGH..LOW).contains(&unit) {
            return char::from_u32(unit);
        }
        self.0 = self.0.strip_prefix("\\u")?;
        let low = self.code_unit()?.checked_sub(LOW)?;
        char::from_u32(0x10000 + ((unit - HIGH) << 10) + low)
    }

    fn code_unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(4)?;
        self.0 = rest;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Value> {
        let is_part = |c: char| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
        let end = self.0.find(|c| !is_part(c)).unwrap_or(self.0.len());
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        match number.parse::<i64>() {
            Ok(whole) => Some(Value::Whole(whole)),
            Err(_) => fraction(number).map(Value::Fraction),
        }
    }
}

/// `2.5e3`, to within the last digit.
fn fraction(number: &str) -> Option<f64> {
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}").parse::<i64>().ok()? as f64;
    let exponent = exponent.parse::<i32>().ok()? - i32::try_from(part.len()).ok()?;
    let scale = 10_f64.powi(exponent.abs());
    Some(if exponent < 0 { all / scale } else { all * scale })
}

fn put(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Whole(n) => text.push_str(&n.to_string()),
        // Nothing that we send or keep has a fraction.
        Value::Fraction(n) => text.push_str(&(n.round() as i64).to_string()),
        Value::Text(string) => put_string(string, text),
        Value::List(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                put_comma(i, text);
                put(item, text);
            }
            text.push(']');
        }
        Value::Fields(fields) => {
            text.push('{');
            for (i, (name, value)) in fields.iter().enumerate() {
                put_comma(i, text);
                put_string(name, text);
                text.push(':');
                put(value, text);
            }
            text.push('}');
        }
    }
}

fn put_comma(i: usize, text: &mut String) {
    if i > 0 {
        text.push(',');
    }
}

fn put_string(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\0'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::take;

    #[test]
    fn texts_mean_what_serde_json_says() {
        for text in [
            " { \"a\" : [ 1 , -2 , 0 ] , \"b\" : { } , \"c\" : [ ] } ",
            r#"["\"\\\/\b\f\n\r\t\u4e2d\ud83d\ude00", "中文 😀", null, true, false]"#,
            "2.5",
            "-0.125",
            "3600.0",
            "1.5e3",
            "25e-1",
            "9007199254740993",
            "\"\"",
        ] {
            let known: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text).and_then(take), Some(known), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_nothing() {
        for text in [
            "",
            " ",
            "{",
            "[1,",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "\"",
            "\"\\x\"",
            "\"\\ud83d\"",
            "nul",
            "1 2",
            "-",
            "<html>",
            "pending",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_json() {
        let value = serde_json::json!({
            "text": "line\nnext \"quoted\" \\ \u{1} 中文",
            "list": [1, -2, null, true, []],
            "object": {},
        });
        let text = write(&crate::json::value(&value));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
