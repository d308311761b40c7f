//! The numbers of the statistics page.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveDateTime};
use shared::{
    Permission, Priority, Status,
    check::Check,
    error::FieldError,
    statistics::{AgentCount, DayCount, NamedCount, Statistics, StatisticsQuery},
};

use super::Tx;
use crate::{
    db::{
        self,
        statistics::{Count, Range},
    },
    domain::actor::Actor,
    error::Result,
};

/// The most days that a chart gets.
const MAX_DAYS: u64 = 366;

/// Counts and response times over the tickets created in the range.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, query: &StatisticsQuery) -> Result<Statistics> {
    actor.with(Permission::SeeStatistics)?;
    let env = tx.env;
    env.statistics.get(query.clone(), || compute(tx, query))
}

fn compute(tx: &mut Tx<'_>, query: &StatisticsQuery) -> Result<Statistics> {
    let range = range(tx, query)?;
    let statuses = db::statistics::by_status(tx.conn, range)?;
    let of = |status: Status| {
        statuses
            .iter()
            .filter(|row| Status::from_db(&row.status) == status)
            .map(|row| row.n)
            .sum::<i64>()
    };
    let answered: i64 = statuses.iter().map(|row| row.answered).sum();
    let seconds: f64 = statuses
        .iter()
        .filter_map(|row| Some(row.seconds? * row.answered as f64))
        .sum();
    let avg_response_seconds = (answered > 0).then(|| seconds / answered as f64);
    Ok(Statistics {
        total_tickets: statuses.iter().map(|row| row.n).sum(),
        pending: of(Status::Pending),
        processing: of(Status::Processing),
        resolved: of(Status::Resolved),
        closed: of(Status::Closed),
        avg_response_time: hours(avg_response_seconds),
        avg_response_seconds,
        from: query.from.clone(),
        to: query.to.clone(),
        by_day: by_day(tx, range)?,
        by_type: db::statistics::by_type(tx.conn, range)?
            .into_iter()
            .map(named)
            .collect(),
        by_priority: by_priority(tx, range)?,
        by_agent: by_agent(tx, range)?,
    })
}

fn range(tx: &Tx<'_>, query: &StatisticsQuery) -> Result<Range> {
    let zone = tx.zone();
    let mut check = Check::new();
    let mut moment = |name, text: Option<&str>, read: &dyn Fn(&str) -> Option<NaiveDateTime>| {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let moment = read(text);
        if moment.is_none() {
            check.fail(name, FieldError::Invalid);
        }
        moment
    };
    let from = moment("from", query.from.as_deref(), &|text| zone.range_start(text));
    let before = moment("to", query.to.as_deref(), &|text| zone.range_end(text));
    check.done()?;
    Ok(Range {
        from: from.unwrap_or_default(),
        before: before.unwrap_or_else(|| tx.now + Days::new(1)),
    })
}

/// As the seed writes it.
fn hours(seconds: Option<f64>) -> String {
    match seconds {
        None => "0 hours".to_owned(),
        Some(seconds) => format!("{:.1} hours", seconds / 3600.0),
    }
}

fn named(count: Count) -> NamedCount {
    NamedCount {
        name: count.name.unwrap_or_default(),
        count: count.n,
    }
}

fn by_priority(tx: &mut Tx<'_>, range: Range) -> Result<Vec<NamedCount>> {
    let rows = db::statistics::by_priority(tx.conn, range)?;
    let of = |priority: Priority| {
        rows.iter()
            .filter(|row| Priority::from_db(row.name.as_deref().unwrap_or_default()) == priority)
            .map(|row| row.n)
            .sum()
    };
    Ok(Priority::ALL
        .iter()
        .map(|&p| NamedCount {
            name: p.to_string(),
            count: of(p),
        })
        .collect())
}

fn by_agent(tx: &mut Tx<'_>, range: Range) -> Result<Vec<AgentCount>> {
    let rows = db::statistics::by_agent(tx.conn, range)?;
    let agent = |row: db::statistics::AgentCount| AgentCount {
        id: row.assignee_id,
        name: row.assignee,
        total: row.n,
        open: row.open,
        done: row.n - row.open,
        avg_response_seconds: row.seconds,
    };
    Ok(rows.into_iter().map(agent).collect())
}

/// Every local day from the first ticket (or the range's start) to the range's end, gaps filled with zeros.
fn by_day(tx: &mut Tx<'_>, range: Range) -> Result<Vec<DayCount>> {
    let offset = tx.zone().offset(tx.now);
    let created = by_date(db::statistics::created_by_day(tx.conn, range, offset)?);
    let resolved = by_date(db::statistics::resolved_by_day(tx.conn, range, offset)?);
    let local = |utc: NaiveDateTime| tx.zone().local(utc).date();
    let last = local(range.before - chrono::TimeDelta::seconds(1)).min(local(tx.now));
    let asked = (range.from > NaiveDateTime::default()).then(|| local(range.from));
    let first_seen = created.keys().chain(resolved.keys()).min().copied();
    let Some(first) = asked.or(first_seen) else {
        return Ok(Vec::new());
    };
    let first = first.max(last.checked_sub_days(Days::new(MAX_DAYS - 1)).unwrap_or(first));
    let day = |date: NaiveDate| DayCount {
        date: date.to_string(),
        created: created.get(&date).copied().unwrap_or(0),
        resolved: resolved.get(&date).copied().unwrap_or(0),
    };
    Ok(first
        .iter_days()
        .take_while(|date| *date <= last)
        .map(day)
        .collect())
}

fn by_date(rows: Vec<Count>) -> BTreeMap<NaiveDate, i64> {
    rows.into_iter()
        .filter_map(|row| Some((row.name?.parse().ok()?, row.n)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_time_reads_as_in_the_seed() {
        assert_eq!(hours(Some(9000.0)), "2.5 hours");
        assert_eq!(hours(None), "0 hours");
    }
}
