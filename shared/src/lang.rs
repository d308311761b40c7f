//! The two languages of the product.

use serde::{Deserialize, Serialize};

/// Chinese first; English for whoever asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// Reads an `Accept-Language` value: the first tag that is Chinese or English decides.
    pub fn from_accept(header: &str) -> Self {
        for tag in header.split(',') {
            match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("zh") => return Self::Zh,
                Some("en") => return Self::En,
                _ => {}
            }
        }
        Self::Zh
    }

    /// Picks the text of this language.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// As the wire and the database write it.
    pub const fn code(self) -> &'static str {
        self.pick("zh", "en")
    }

    /// What a stored code means.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// A ticket type: the configured words are Chinese, the three documented ones have English names.
    pub fn ticket_type(self, kind: &str) -> &str {
        match (self, kind) {
            (Self::En, "技术支持") => "Technical support",
            (Self::En, "产品咨询") => "Product question",
            (Self::En, "售后服务") => "After-sales",
            _ => kind,
        }
    }

    /// The BCP 47 tag, for `lang` attributes and `Intl`.
    pub const fn tag(self) -> &'static str {
        self.pick("zh-CN", "en")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_types_have_english_names_and_no_others() {
        assert_eq!(Lang::En.ticket_type("售后服务"), "After-sales");
        assert_eq!(Lang::Zh.ticket_type("售后服务"), "售后服务");
        assert_eq!(Lang::En.ticket_type("退货"), "退货");
    }

    #[test]
    fn the_first_known_language_wins() {
        assert_eq!(Lang::from_accept("en-US,en;q=0.9,zh;q=0.8"), Lang::En);
        assert_eq!(Lang::from_accept("fr, zh-CN;q=0.9, en"), Lang::Zh);
        assert_eq!(Lang::from_accept("é"), Lang::Zh);
    }
}
