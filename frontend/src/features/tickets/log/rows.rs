//! What stands in the thread, line by line: days, the new-message line, messages in groups. Pure.

use shared::{LocalTime, messages::Message, tickets::Ticket, view::Thread};

use crate::features::tickets::conversation::Viewer;

/// Messages of one person closer than this stand together.
const GROUP_MINUTES: i64 = 5;

/// One line of the thread.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    /// A new day, `YYYY-MM-DD`.
    Day(String),
    /// What follows is new.
    News,
    /// The ticket's own text and files.
    Opening(Box<Ticket>),
    Said {
        message: Box<Message>,
        mine: bool,
        /// The first of a group: it names the sender.
        first: bool,
    },
    Changed(Box<Message>),
}

impl Row {
    /// What stays the same as long as the line looks the same.
    fn key(&self) -> String {
        match self {
            Self::Day(day) => day.clone(),
            Self::News => "news".to_owned(),
            Self::Opening(ticket) => format!("opening-{}", ticket.attachments.len()),
            Self::Said { message, first, .. } => format!("{}-{first}", message.id),
            Self::Changed(message) => message.id.to_string(),
        }
    }
}

/// A line and its key.
pub(super) type Keyed = (String, Row);

/// The lines of a thread with their keys.
pub(super) fn keyed(thread: &Thread, viewer: &Viewer, whole: bool, news_after: Option<i64>) -> Vec<Keyed> {
    rows(thread, viewer, whole, news_after)
        .into_iter()
        .map(|row| (row.key(), row))
        .collect()
}

/// The lines of a thread; `whole` when no older messages are missing, `news_after` the number before the first new one.
fn rows(thread: &Thread, viewer: &Viewer, whole: bool, news_after: Option<i64>) -> Vec<Row> {
    let mut out = Vec::with_capacity(thread.messages.len() + 4);
    let mut day = "";
    let mut before: Option<&Message> = None;
    let mut news = news_after;
    if whole {
        day = thread.ticket.created_at.date();
        out.push(Row::Day(day.to_owned()));
        out.push(Row::Opening(Box::new(thread.ticket.clone())));
    }
    for message in &thread.messages {
        if message.created_at.date() != day {
            day = message.created_at.date();
            out.push(Row::Day(day.to_owned()));
            before = None;
        }
        if news.is_some_and(|after| message.seq > after) {
            news = None;
            out.push(Row::News);
            before = None;
        }
        if message.is_system {
            out.push(Row::Changed(Box::new(message.clone())));
            before = None;
            continue;
        }
        let first = !before.is_some_and(|before| belong_together(before, message));
        out.push(Row::Said {
            message: Box::new(message.clone()),
            mine: viewer.wrote(message),
            first,
        });
        before = Some(message);
    }
    out
}

fn belong_together(a: &Message, b: &Message) -> bool {
    let same = (a.sender_type, a.sender_id, a.internal) == (b.sender_type, b.sender_id, b.internal)
        && a.sender_name == b.sender_name;
    same && (minute_of_day(&b.created_at) - minute_of_day(&a.created_at)).abs() < GROUP_MINUTES
}

fn minute_of_day(at: &LocalTime) -> i64 {
    let part = |from: usize, to: usize| {
        at.as_str()
            .get(from..to)
            .and_then(|text| text.parse::<i64>().ok())
            .unwrap_or(0)
    };
    part(11, 13) * 60 + part(14, 16)
}

#[cfg(test)]
mod tests {
    use shared::{
        MessageId, Priority, Status, TicketId, UserId,
        messages::{Change, ChangeKind, SenderType},
    };

    use super::*;
    use crate::session::Who;

    fn message(seq: i64, side: SenderType, at: &str) -> Message {
        Message {
            id: MessageId(seq as i32),
            ticket_id: TicketId(1),
            seq,
            sender_id: UserId(0),
            sender_name: "林晓雯".into(),
            sender_type: side,
            content: "你好".into(),
            is_system: false,
            internal: false,
            attachment_url: None,
            attachments: Vec::new(),
            client_id: None,
            change: None,
            created_at: LocalTime(at.into()),
        }
    }

    fn thread(messages: Vec<Message>) -> Thread {
        let at = LocalTime("2026-11-22 23:00:00".into());
        let ticket = Ticket {
            id: TicketId(1),
            ticket_number: "TK202611220001".into(),
            customer_name: "林晓雯".into(),
            customer_email: "a@b.example".into(),
            customer_phone: None,
            guest: false,
            title: "导出".into(),
            description: "转圈".into(),
            kind: None,
            priority: Priority::Medium,
            status: Status::Pending,
            assignee: None,
            assignee_id: None,
            created_at: at.clone(),
            updated_at: at,
            resolved_at: None,
            closed_at: None,
            resolution: None,
            attachments: Vec::new(),
            seq: messages.len() as i64,
            unread: 0,
            version: 1,
        };
        Thread { ticket, messages }
    }

    fn words(rows: &[Row]) -> Vec<&'static str> {
        let word = |row: &Row| match row {
            Row::Day(_) => "day",
            Row::News => "news",
            Row::Opening(_) => "opening",
            Row::Said {
                mine: true,
                first: true,
                ..
            } => "mine",
            Row::Said {
                mine: true,
                first: false,
                ..
            } => "mine, more",
            Row::Said { first: true, .. } => "theirs",
            Row::Said { first: false, .. } => "theirs, more",
            Row::Changed(_) => "change",
        };
        rows.iter().map(word).collect()
    }

    #[test]
    fn days_news_and_groups_are_marked() {
        use SenderType::{Admin, Customer};
        let mut change = message(4, Admin, "2026-11-23 09:20:00");
        change.is_system = true;
        change.change = Some(Change {
            kind: ChangeKind::Priority,
            from: None,
            to: None,
        });
        let thread = thread(vec![
            message(1, Customer, "2026-11-23 09:12:00"),
            message(2, Customer, "2026-11-23 09:14:00"),
            message(3, Customer, "2026-11-23 09:19:00"),
            change,
            message(5, Admin, "2026-11-23 09:21:00"),
            message(6, Admin, "2026-11-23 09:22:00"),
        ]);
        let viewer = Viewer::of(&Who::Guest(TicketId(1)));
        let rows = rows(&thread, &viewer, true, Some(5));
        let expected = [
            "day",
            "opening",
            "day",
            "mine",
            "mine, more",
            "mine",
            "change",
            "theirs",
            "news",
            "theirs",
        ];
        assert_eq!(words(&rows), expected);
    }

    #[test]
    fn without_its_beginning_a_thread_starts_with_a_day() {
        let thread = thread(vec![message(1, SenderType::Admin, "2026-11-23 09:12:00")]);
        let viewer = Viewer::of(&Who::Guest(TicketId(1)));
        assert_eq!(words(&rows(&thread, &viewer, false, None)), ["day", "theirs"]);
    }
}
