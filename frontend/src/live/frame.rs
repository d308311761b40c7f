//! Frames of the socket. They are taken apart by hand: the derived way through an adjacently tagged enum would
//! bring every type of every event twice.

use shared::{
    ErrorCode,
    live::{ClientEvent, ServerEvent},
};

use crate::json::{self, Value};

/// What the server says.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    Event(Box<ServerEvent>),
    Answer(Answer),
}

/// The answer to what went out with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) id: u32,
    /// Why not, where it was not done.
    pub(super) refused: Option<ErrorCode>,
}

/// Writes a frame; with an `id` the server answers it.
pub(super) fn write(event: &ClientEvent, id: Option<u32>) -> String {
    let mut frame = json::value(event);
    if let (Value::Fields(fields), Some(id)) = (&mut frame, id) {
        fields.push(("id".to_owned(), Value::Whole(id.into())));
    }
    json::print(&frame)
}

/// Reads a frame; `None` for what only a newer server says.
pub(super) fn read(text: &str) -> Option<Said> {
    let mut frame = json::parse(text)?;
    let data = frame.take_field("data").unwrap_or_default();
    let name = frame.take_field("event")?;
    let name = name.as_text()?;
    if name == "ack" {
        let id = json::take(frame.take_field("id")?)?;
        return Some(Said::Answer(answer(id, data)));
    }
    event(name, data).map(|event| Said::Event(Box::new(event)))
}

fn answer(id: u32, mut data: Value) -> Answer {
    let done = data.take_field("success") == Some(Value::Bool(true));
    let code = data.take_field("code").and_then(json::take);
    Answer {
        id,
        refused: (!done).then(|| code.unwrap_or(ErrorCode::Unknown)),
    }
}

/// The names are those of `ServerEvent`; a test holds the two together.
fn event(name: &str, data: Value) -> Option<ServerEvent> {
    Some(match name {
        "welcome" => ServerEvent::Welcome(json::take(data)?),
        "joined" => ServerEvent::Joined(json::take(data)?),
        "left" => ServerEvent::Left(json::take(data)?),
        "new_message" => ServerEvent::NewMessage(json::take(data)?),
        "status_changed" => ServerEvent::StatusChanged(json::take(data)?),
        "assigned" => ServerEvent::Assigned(json::take(data)?),
        "priority_changed" => ServerEvent::PriorityChanged(json::take(data)?),
        "ticket_created" => ServerEvent::TicketCreated(json::take(data)?),
        "ticket_updated" => ServerEvent::TicketUpdated(json::take(data)?),
        "typing" => ServerEvent::Typing(json::take(data)?),
        "presence" => ServerEvent::Presence(json::take(data)?),
        "read" => ServerEvent::Read(json::take(data)?),
        "unread" => ServerEvent::Unread(json::take(data)?),
        "notifications_read" => ServerEvent::NotificationsRead(json::take(data)?),
        "attachments_changed" => ServerEvent::AttachmentsChanged(json::take(data)?),
        "pong" => ServerEvent::Pong(json::take(data)?),
        "resync" => ServerEvent::Resync(json::take(data)?),
        "error_message" => ServerEvent::ErrorMessage(json::take(data)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use shared::{
        AttachmentId, Lang, LocalTime, MessageId, Priority, Problem, Status, TicketId, UserId,
        endpoint::Nothing,
        live::{
            AttachmentNews, Join, Joined, LiveError, Person, Presence, ReadNews, Room, TicketChange,
            TicketNews, TypingNews, UnreadNews, Welcome,
        },
        messages::{Message, SenderType},
        tickets::TicketSummary,
    };

    use super::*;

    fn message() -> Message {
        Message {
            id: MessageId(5),
            ticket_id: TicketId(1),
            seq: 2,
            sender_id: UserId(0),
            sender_name: "林晓雯".into(),
            sender_type: SenderType::Customer,
            content: "你好".into(),
            is_system: false,
            internal: false,
            attachment_url: None,
            attachments: Vec::new(),
            client_id: None,
            change: None,
            created_at: LocalTime("2026-11-23 09:12:00".into()),
        }
    }

    fn change() -> TicketChange {
        TicketChange {
            ticket_id: TicketId(1),
            seq: 2,
            from: Some("待处理".into()),
            to: Some("处理中".into()),
            by: "陈默".into(),
            assignee_id: None,
            message: message(),
        }
    }

    fn news() -> TicketNews {
        TicketNews {
            ticket: TicketSummary {
                id: TicketId(1),
                ticket_number: "TK202611230001".into(),
                title: "导出".into(),
                status: Status::Pending,
                priority: Priority::Medium,
                kind: None,
                customer_name: "林晓雯".into(),
                assignee: None,
                assignee_id: None,
                created_at: LocalTime("2026-11-23 09:12:00".into()),
                updated_at: LocalTime("2026-11-23 09:12:00".into()),
                unread: 0,
                received: 0,
                last_message: None,
                waiting_since: None,
                version: 1,
            },
        }
    }

    /// One of each; the match makes sure that a new event is added here.
    fn all() -> Vec<ServerEvent> {
        let all = vec![
            ServerEvent::Welcome(Welcome {
                protocol: 1,
                version: "1".into(),
                ping_interval_ms: 5,
            }),
            ServerEvent::Joined(Joined {
                message: "已加入".into(),
                ticket_id: TicketId(1),
                seq: 3,
                read_seq: 2,
                attachment_count: 1,
            }),
            ServerEvent::Left(Room {
                ticket_id: TicketId(1),
            }),
            ServerEvent::NewMessage(message()),
            ServerEvent::StatusChanged(change()),
            ServerEvent::Assigned(change()),
            ServerEvent::PriorityChanged(change()),
            ServerEvent::TicketCreated(news()),
            ServerEvent::TicketUpdated(news()),
            ServerEvent::Typing(TypingNews {
                ticket_id: TicketId(1),
                user_id: UserId(2),
                name: "陈默".into(),
                sender_type: SenderType::Admin,
                typing: true,
                internal: true,
            }),
            ServerEvent::Presence(Presence {
                ticket_id: TicketId(1),
                people: vec![Person {
                    user_id: UserId(2),
                    name: "陈默".into(),
                    sender_type: SenderType::Admin,
                    hidden: true,
                }],
            }),
            ServerEvent::Read(ReadNews {
                ticket_id: TicketId(1),
                seq: 2,
            }),
            ServerEvent::Unread(UnreadNews {
                ticket_id: TicketId(1),
                unread: 1,
                received: 2,
            }),
            ServerEvent::NotificationsRead(Nothing {}),
            ServerEvent::AttachmentsChanged(AttachmentNews {
                ticket_id: TicketId(1),
                attachment_id: AttachmentId(7),
            }),
            ServerEvent::Pong(Nothing {}),
            ServerEvent::Resync(Nothing {}),
            ServerEvent::ErrorMessage(LiveError {
                code: ErrorCode::Busy,
                message: "忙".into(),
            }),
        ];
        for event in &all {
            match event {
                ServerEvent::Welcome(_)
                | ServerEvent::Joined(_)
                | ServerEvent::Left(_)
                | ServerEvent::NewMessage(_)
                | ServerEvent::StatusChanged(_)
                | ServerEvent::Assigned(_)
                | ServerEvent::PriorityChanged(_)
                | ServerEvent::TicketCreated(_)
                | ServerEvent::TicketUpdated(_)
                | ServerEvent::Typing(_)
                | ServerEvent::Presence(_)
                | ServerEvent::Read(_)
                | ServerEvent::Unread(_)
                | ServerEvent::NotificationsRead(_)
                | ServerEvent::AttachmentsChanged(_)
                | ServerEvent::Pong(_)
                | ServerEvent::Resync(_)
                | ServerEvent::ErrorMessage(_) => {}
            }
        }
        all
    }

    #[test]
    fn every_event_is_read_as_the_server_writes_it() {
        for event in all() {
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(read(&text), Some(Said::Event(Box::new(event))), "{text}");
        }
    }

    #[test]
    fn what_goes_out_with_an_id_is_answered() {
        let join = ClientEvent::Join(Join {
            ticket_id: TicketId(1),
            since: Some(5),
        });
        let plain = r#"{"event":"join","data":{"ticket_id":1,"since":5}}"#;
        let numbered = r#"{"event":"join","data":{"ticket_id":1,"since":5},"id":3}"#;
        assert_eq!(write(&join, None), plain);
        assert_eq!(write(&join, Some(3)), numbered);

        let answer = |refused| Some(Said::Answer(Answer { id: 3, refused }));
        let granted = r#"{"event":"ack","id":3,"data":{"ticket_id":1,"seq":5,"success":true}}"#;
        assert_eq!(read(granted), answer(None));
        let problem = serde_json::to_string(&Problem::new(ErrorCode::Busy, Lang::Zh)).unwrap();
        let refused = format!(r#"{{"event":"ack","id":3,"data":{problem}}}"#);
        assert_eq!(read(&refused), answer(Some(ErrorCode::Busy)));
        let newer = r#"{"event":"ack","id":3,"data":{"success":false,"code":"from_the_future"}}"#;
        assert_eq!(read(newer), answer(Some(ErrorCode::Unknown)));
        assert_eq!(
            read(r#"{"event":"ack","id":3}"#),
            answer(Some(ErrorCode::Unknown))
        );
        assert_eq!(read(r#"{"event":"ack","data":{"success":true}}"#), None);
    }

    #[test]
    fn strangers_are_left_alone() {
        assert_eq!(read(r#"{"event":"from_the_future","data":{}}"#), None);
        assert_eq!(read("not json"), None);
    }
}
