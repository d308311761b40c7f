//! The display time zone: UTC inside, `YYYY-MM-DD HH:MM:SS` of this zone outside.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use shared::LocalTime;

/// The display time zone.
#[derive(Debug, Clone, Copy)]
pub struct Zone(pub Tz);

impl Zone {
    /// A UTC moment as the wire shows it.
    pub fn show(self, utc: NaiveDateTime) -> LocalTime {
        let local = self.local(utc);
        let (date, time) = (local.date(), local.time());
        LocalTime(format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        ))
    }

    /// A UTC moment in local time.
    pub fn local(self, utc: NaiveDateTime) -> NaiveDateTime {
        self.0.from_utc_datetime(&utc).naive_local()
    }

    /// Seconds east of UTC at that moment.
    pub fn offset(self, utc: NaiveDateTime) -> i32 {
        self.0.offset_from_utc_datetime(&utc).fix().local_minus_utc()
    }

    /// A local moment in UTC; one that a clock change skips moves on by an hour.
    pub fn utc(self, local: NaiveDateTime) -> NaiveDateTime {
        self.0
            .from_local_datetime(&local)
            .earliest()
            .or_else(|| {
                self.0
                    .from_local_datetime(&(local + TimeDelta::hours(1)))
                    .earliest()
            })
            .map_or(local, |moment| moment.naive_utc())
    }

    /// The UTC moment at which a range `from …` begins: a day begins at its midnight.
    pub fn range_start(self, text: &str) -> Option<NaiveDateTime> {
        parse_moment(text)
            .or_else(|| Some(parse_day(text)?.and_time(NaiveTime::MIN)))
            .map(|local| self.utc(local))
    }

    /// The UTC moment *before which* a range `… to` ends: a day counts as a whole, a moment to its second.
    pub fn range_end(self, text: &str) -> Option<NaiveDateTime> {
        if let Some(moment) = parse_moment(text) {
            return self.utc(moment).checked_add_signed(TimeDelta::seconds(1));
        }
        Some(self.utc(parse_day(text)?.succ_opt()?.and_time(NaiveTime::MIN)))
    }
}

fn parse_day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    (1970..=9990).contains(&day.year()).then_some(day)
}

fn parse_moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    let moment = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    (1970..=9990).contains(&moment.year()).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHANGHAI: Zone = Zone(chrono_tz::Asia::Shanghai);

    #[test]
    fn utc_is_shown_in_the_zone() {
        let utc = parse_moment("2026-02-06 02:00:00").unwrap();
        assert_eq!(SHANGHAI.show(utc).as_str(), "2026-02-06 10:00:00");
        assert_eq!(SHANGHAI.offset(utc), 8 * 3600);
    }

    #[test]
    fn a_range_of_one_day_is_that_local_day() {
        let start = SHANGHAI.range_start("2026-02-06").unwrap();
        let end = SHANGHAI.range_end("2026-02-06").unwrap();
        assert_eq!(start.to_string(), "2026-02-05 16:00:00");
        assert_eq!(end - start, TimeDelta::days(1));
        assert_eq!(
            SHANGHAI.range_end("2026-02-06 10:00:00").unwrap().to_string(),
            "2026-02-06 02:00:01"
        );
        for bad in ["", "2026-02-30", "yesterday", "0000-00-00", "99999-01-01"] {
            assert!(SHANGHAI.range_start(bad).is_none(), "{bad}");
        }
    }
}
