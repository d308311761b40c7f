//! Numbers for people: thousands, file sizes, shares.

/// `1065` as `1,065`, as both languages write it.
pub(crate) fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes as `186 KB` or `1.2 MB`.
pub(crate) fn bytes(n: i64) -> String {
    const KB: i64 = 1024;
    const MB: i64 = 1024 * 1024;
    match n {
        ..KB => format!("{n} B"),
        KB..MB => format!("{} KB", (n + KB / 2) / KB),
        _ => {
            let tenths = (n * 10 + MB / 2) / MB;
            if tenths % 10 == 0 {
                format!("{} MB", tenths / 10)
            } else {
                format!("{}.{} MB", tenths / 10, tenths % 10)
            }
        }
    }
}

/// `part` of `whole` in whole percent; 0 of nothing.
pub(crate) fn percent(part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        0
    } else {
        (part * 100 + whole / 2) / whole
    }
}

/// A place in a drawing, to a tenth. (`f64`'s own printing weighs ten kilobytes.)
pub(crate) fn tenths(x: f64) -> String {
    let n = (x * 10.0).round() as i64;
    let sign = if n < 0 { "-" } else { "" };
    let n = n.unsigned_abs();
    format!("{sign}{}.{}", n / 10, n % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1065), "1,065");
        assert_eq!(grouped(-1234567), "-1,234,567");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(190_464), "186 KB");
        assert_eq!(bytes(10 * 1024 * 1024), "10 MB");
        assert_eq!(bytes(1_300_000), "1.2 MB");
        assert_eq!(percent(1, 3), 33);
        assert_eq!(percent(1, 0), 0);
        assert_eq!(tenths(12.34), "12.3");
        assert_eq!(tenths(-0.06), "-0.1");
    }
}
