//! Times for people. The wire carries text in the server's zone; this file does the little arithmetic on it.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use shared::{LocalTime, meta::Meta};

use crate::{
    dom,
    reactive::{RwSignal, StoredValue},
    text::{Text, fill, use_text},
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How a moment is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Style {
    /// `3 分钟`, `昨天`, `周五`, `11-02`: for narrow columns.
    #[default]
    Short,
    /// `3 分钟前`, `昨天 18:40`, `11-02 09:12`: where there is room.
    Long,
    /// `09:34`: inside a day that is named elsewhere.
    Clock,
}

/// The server's clock as this tab knows it.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    /// Seconds to add to the client's clock to get the server's local time.
    shift: i64,
    /// The zone's offset from UTC, in seconds.
    offset: i32,
    tick: RwSignal<i64>,
}

/// Makes `use_clock` work below; the clock moves every 20 seconds.
pub(crate) fn provide_clock(meta: &Meta) {
    let client = client_seconds();
    let shift = seconds(&meta.now).map_or_else(|| i64::from(meta.utc_offset), |server| server - client);
    let tick = RwSignal::new(client + shift);
    let clock = Clock {
        shift,
        offset: meta.utc_offset,
        tick,
    };
    let timer = StoredValue::new(Some(Interval::new(20_000, move || {
        tick.set(client_seconds() + shift)
    })));
    on_cleanup(move || timer.set_value(None));
    provide_context(clock);
}

/// The server's clock.
pub(crate) fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// Now, in seconds of the server's local time; reading it follows the clock.
    pub(crate) fn now(self) -> i64 {
        self.tick.get().max(client_seconds() + self.shift)
    }

    /// Today, `YYYY-MM-DD`, some days back.
    pub(crate) fn day(self, back: i64) -> String {
        date_of(client_seconds() + self.shift - back * DAY)
    }

    /// A moment as people say it.
    pub(crate) fn said(self, at: &LocalTime, style: Style) -> String {
        let now = self.now();
        match seconds(at) {
            Some(then) => said(use_text(), at, then, now, style),
            None => at.to_string(),
        }
    }

    /// How long ago, in seconds; never negative.
    pub(crate) fn since(self, at: &LocalTime) -> i64 {
        seconds(at).map_or(0, |then| (self.now() - then).max(0))
    }

    /// The whole truth, for a tooltip.
    pub(crate) fn exact(self, at: &LocalTime) -> String {
        at.to_string()
    }

    /// For `<time datetime>`.
    pub(crate) fn machine(self, at: &LocalTime) -> String {
        let minutes = self.offset.abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        format!(
            "{}{sign}{:02}:{:02}",
            at.as_str().replace(' ', "T"),
            minutes / 60,
            minutes % 60
        )
    }
}

/// A length of time: `38 分钟`, `2 小时 5 分`, `3 天`.
pub(crate) fn duration(t: &Text, seconds: i64) -> String {
    match seconds {
        ..MINUTE => t.time.under_minute.to_owned(),
        MINUTE..HOUR => fill(t.time.minutes, &[("n", &(seconds / MINUTE))]),
        HOUR..DAY => match seconds % HOUR / MINUTE {
            0 => fill(t.time.hours, &[("n", &(seconds / HOUR))]),
            rest => fill(t.time.hours_minutes, &[("h", &(seconds / HOUR)), ("m", &rest)]),
        },
        _ => match seconds % DAY / HOUR {
            0 => fill(t.time.days, &[("n", &(seconds / DAY))]),
            rest => fill(t.time.days_hours, &[("d", &(seconds / DAY)), ("h", &rest)]),
        },
    }
}

/// A day as an axis or a heading shows it: `11-02`, or with its year if that is another one.
pub(crate) fn short_day(date: &str, today: &str) -> String {
    if date.get(..4) == today.get(..4) {
        date.get(5..).unwrap_or(date).to_owned()
    } else {
        date.to_owned()
    }
}

/// `周一`, `Mon`.
pub(crate) fn weekday(t: &Text, date: &str) -> &'static str {
    let at = LocalTime(format!("{date} 00:00:00"));
    seconds(&at).map_or("", |s| weekday_of(t, s))
}

fn weekday_of(t: &Text, seconds: i64) -> &'static str {
    // 1970-01-01 was a Thursday; the list starts on Sunday.
    let index = (seconds.div_euclid(DAY) + 4).rem_euclid(7);
    usize::try_from(index)
        .ok()
        .and_then(|i| t.time.weekdays.get(i))
        .copied()
        .unwrap_or("")
}

fn said(t: &Text, at: &LocalTime, then: i64, now: i64, style: Style) -> String {
    let clock = at.as_str().get(11..16).unwrap_or("");
    if style == Style::Clock {
        return clock.to_owned();
    }
    let passed = now - then;
    let days = now.div_euclid(DAY) - then.div_euclid(DAY);
    let ago = |template: &str, n: i64| {
        let span = fill(template, &[("n", &n)]);
        if style == Style::Long {
            fill(t.time.ago, &[("span", &span)])
        } else {
            span
        }
    };
    let with_clock = |day: &str| {
        if style == Style::Long {
            format!("{day} {clock}")
        } else {
            day.to_owned()
        }
    };
    match passed {
        ..MINUTE => t.time.just_now.to_owned(),
        MINUTE..HOUR => ago(t.time.minutes, passed / MINUTE),
        _ if days == 0 || passed < 6 * HOUR => ago(t.time.hours, passed / HOUR),
        _ if days == 1 => with_clock(t.time.yesterday),
        _ if days < 7 => with_clock(weekday_of(t, then)),
        _ => with_clock(&short_day(at.date(), &date_of(now))),
    }
}

/// Seconds since 1970-01-01 00:00 of the same clock; `None` for what is no time.
fn seconds(at: &LocalTime) -> Option<i64> {
    let text = at.as_str();
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days_from_civil(part(0, 4)?, part(5, 7)?, part(8, 10)?);
    Some(days * DAY + part(11, 13)? * HOUR + part(14, 16)? * MINUTE + part(17, 19)?)
}

fn client_seconds() -> i64 {
    (dom::now_ms() / 1000.0) as i64
}

/// Howard Hinnant's `days_from_civil`: days since 1970-01-01 in the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The reverse, as `YYYY-MM-DD`.
fn date_of(seconds: i64) -> String {
    let days = seconds.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days - era * 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{EN, ZH};

    fn at(text: &str) -> LocalTime {
        LocalTime(text.to_owned())
    }

    fn zh(then: &str, now: &str, style: Style) -> String {
        let (then, now) = (at(then), seconds(&at(now)).unwrap());
        said(&ZH, &then, seconds(&then).unwrap(), now, style)
    }

    #[test]
    fn moments_are_said_as_people_do() {
        let now = "2026-11-23 09:40:00"; // a Monday
        assert_eq!(zh("2026-11-23 09:39:30", now, Style::Short), "刚刚");
        assert_eq!(zh("2026-11-23 09:41:30", now, Style::Short), "刚刚");
        assert_eq!(zh("2026-11-23 09:37:00", now, Style::Short), "3 分钟");
        assert_eq!(zh("2026-11-23 09:37:00", now, Style::Long), "3 分钟前");
        assert_eq!(zh("2026-11-23 05:30:00", now, Style::Short), "4 小时");
        assert_eq!(zh("2026-11-22 18:40:00", now, Style::Short), "昨天");
        assert_eq!(zh("2026-11-22 18:40:00", now, Style::Long), "昨天 18:40");
        assert_eq!(zh("2026-11-20 18:40:00", now, Style::Short), "周五");
        assert_eq!(zh("2026-11-02 18:40:00", now, Style::Short), "11-02");
        assert_eq!(zh("2025-11-02 18:40:00", now, Style::Short), "2025-11-02");
        assert_eq!(zh("2026-11-23 09:12:00", now, Style::Clock), "09:12");
    }

    #[test]
    fn days_go_there_and_back() {
        for day in [
            "1970-01-01",
            "2000-02-29",
            "2024-12-31",
            "2026-11-23",
            "2100-03-01",
        ] {
            assert_eq!(date_of(seconds(&at(&format!("{day} 13:00:00"))).unwrap()), day);
        }
        assert_eq!(weekday(&EN, "2026-11-23"), "Mon");
        assert_eq!(seconds(&at("soon")), None);
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!(duration(&ZH, 38 * MINUTE), "38 分钟");
        assert_eq!(duration(&ZH, 2 * HOUR + 5 * MINUTE), "2 小时 5 分");
        assert_eq!(duration(&EN, 3 * DAY), "3 d");
    }
}
