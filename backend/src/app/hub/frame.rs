//! A frame's text: made once however many hear it, spelled the way each door speaks.

use std::sync::{Arc, OnceLock};

use bytestring::ByteString;
use shared::{TicketId, live::ServerEvent};

/// An event as text, shared by everybody who hears it.
#[derive(Clone)]
pub struct Frame(Arc<Text>);

struct Text {
    /// A durable event's ticket, and its number in the receiver's numbering.
    durable: Option<(TicketId, i64)>,
    /// How far the other side has read, in the receiver's numbering, if it tells that.
    read: Option<i64>,
    /// The room it is for, if it is for one.
    room: Option<TicketId>,
    /// `{"event": …, "data": …}`
    plain: ByteString,
    /// The same as packets of Socket.IO; made when somebody behind that door hears it.
    packets: OnceLock<Vec<ByteString>>,
}

impl Frame {
    /// The text of an event.
    pub fn new(event: &ServerEvent) -> Self {
        Self::of(event, None)
    }

    /// The text of an event that only concerns those in the ticket's room.
    pub fn in_room(event: &ServerEvent, ticket: TicketId) -> Self {
        Self::of(event, Some(ticket))
    }

    fn of(event: &ServerEvent, room: Option<TicketId>) -> Self {
        let plain = match serde_json::to_string(event) {
            Ok(text) => text.into(),
            Err(error) => {
                tracing::error!(%error, "an event could not be serialised");
                ByteString::new()
            }
        };
        Self(Arc::new(Text {
            durable: event.durable().map(|(ticket, seq, _)| (ticket, seq)),
            read: match event {
                ServerEvent::Read(news) => Some(news.seq),
                _ => None,
            },
            room,
            plain,
            packets: OnceLock::new(),
        }))
    }

    /// A durable event's ticket and number.
    pub fn durable(&self) -> Option<(TicketId, i64)> {
        self.0.durable
    }

    /// How far the other side has read, if it tells that.
    pub fn read(&self) -> Option<i64> {
        self.0.read
    }

    /// The room it is for. Whoever asks to be let in hears it already, so that nothing is missed; whether he was let in
    /// only his connection knows.
    pub fn room(&self) -> Option<TicketId> {
        self.0.room
    }

    /// As the plain WebSocket speaks.
    pub fn plain(&self) -> &ByteString {
        &self.0.plain
    }

    /// As Socket.IO speaks, in packets of Engine.IO.
    pub fn packets(&self) -> &[ByteString] {
        self.0.packets.get_or_init(|| packets(&self.0.plain))
    }

    /// How much of a queue it takes, in bytes.
    pub fn size(&self) -> usize {
        self.0.plain.len()
    }
}

/// `42["name",data]`. A message goes out under both names that the old system's documentation gives it.
fn packets(plain: &str) -> Vec<ByteString> {
    let parts = plain
        .strip_prefix("{\"event\":\"")
        .and_then(|rest| rest.strip_suffix('}'))
        .and_then(|rest| rest.split_once("\",\"data\":"));
    let Some((name, data)) = parts else {
        return Vec::new();
    };
    let packet = |name: &str| ByteString::from(format!("42[\"{name}\",{data}]"));
    let mut packets = vec![packet(name)];
    if name == "new_message" {
        packets.push(packet("receive_message"));
    }
    packets
}

#[cfg(test)]
mod tests {
    use shared::live::{LiveError, Room};

    use super::*;

    #[test]
    fn both_doors_say_the_same() {
        let frame = Frame::new(&ServerEvent::Left(Room {
            ticket_id: TicketId(7),
        }));
        assert_eq!(&**frame.plain(), r#"{"event":"left","data":{"ticket_id":7}}"#);
        assert_eq!(frame.packets(), [r#"42["left",{"ticket_id":7}]"#]);
        assert_eq!(frame.durable(), None);
    }

    #[test]
    fn words_that_look_like_the_frame_stay_words() {
        let error = LiveError {
            code: shared::ErrorCode::Busy,
            message: "\",\"data\":}]".into(),
        };
        let frame = Frame::new(&ServerEvent::ErrorMessage(error));
        let packet = frame.packets().first().unwrap();
        let value: serde_json::Value = serde_json::from_str(packet.strip_prefix("42").unwrap()).unwrap();
        assert_eq!(value[0], "error_message");
        assert_eq!(value[1]["message"], "\",\"data\":}]");
    }

    #[test]
    fn a_message_has_two_names_behind_socket_io() {
        assert_eq!(
            packets(r#"{"event":"new_message","data":{"content":"你好"}}"#),
            [
                r#"42["new_message",{"content":"你好"}]"#,
                r#"42["receive_message",{"content":"你好"}]"#
            ]
        );
    }
}
