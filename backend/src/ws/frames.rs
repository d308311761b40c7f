//! Whole messages out of a WebSocket's frames, whoever speaks over it: bounded in size, and in how many frames come in a second.

use std::time::{Duration, Instant};

use actix_web::web::{Bytes, BytesMut};
use actix_ws::{CloseCode, Item, Message, MessageStream, ProtocolError};
use bytestring::ByteString;

use super::wire::MAX_FRAME;

/// Nobody means to say more than this in a second.
const FLOOD: u32 = 1000;

/// How much comes in a second.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When the running second began, and how much has come in it.
    second: Option<(Instant, u32)>,
}

impl Pace {
    /// Counts one more; is that more than anybody can mean?
    pub(super) fn is_exceeded(&mut self) -> bool {
        let now = Instant::now();
        let (began, count) = self.second.get_or_insert((now, 0));
        if now.duration_since(*began) >= Duration::from_secs(1) {
            (*began, *count) = (now, 0);
        }
        *count += 1;
        *count > FLOOD
    }
}

/// What has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrived {
    Text(ByteString),
    Ping(Bytes),
    Pong,
    Flood,
    /// It does not speak the protocol, or speaks too long.
    Broken(CloseCode),
    Gone,
}

/// The receiving half of a WebSocket.
pub(super) struct Frames {
    stream: MessageStream,
    /// The message whose end has not come yet.
    begun: Option<BytesMut>,
    pace: Pace,
}

impl Frames {
    pub(super) fn new(stream: MessageStream) -> Self {
        Self {
            stream: stream.max_frame_size(MAX_FRAME),
            begun: None,
            pace: Pace::default(),
        }
    }

    /// The next message. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Arrived {
        loop {
            let Some(frame) = self.stream.recv().await else {
                return Arrived::Gone;
            };
            if self.pace.is_exceeded() {
                return Arrived::Flood;
            }
            let arrived = match frame {
                Ok(frame) => self.take(frame),
                Err(error) => Some(Arrived::Broken(code_of(&error))),
            };
            if let Some(arrived) = arrived {
                return arrived;
            }
        }
    }

    fn take(&mut self, frame: Message) -> Option<Arrived> {
        match frame {
            Message::Text(text) => Some(Arrived::Text(text)),
            Message::Ping(bytes) => Some(Arrived::Ping(bytes)),
            Message::Pong(_) => Some(Arrived::Pong),
            Message::Close(_) => Some(Arrived::Gone),
            Message::Binary(_) | Message::Continuation(Item::FirstBinary(_)) => {
                Some(Arrived::Broken(CloseCode::Unsupported))
            }
            Message::Continuation(item) => self.put_together(item),
            Message::Nop => None,
        }
    }

    fn put_together(&mut self, item: Item) -> Option<Arrived> {
        let (part, last) = match item {
            Item::FirstText(part) => {
                self.begun = Some(BytesMut::new());
                (part, false)
            }
            Item::FirstBinary(part) | Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
        };
        let Some(begun) = &mut self.begun else {
            return Some(Arrived::Broken(CloseCode::Protocol));
        };
        if begun.len() + part.len() > MAX_FRAME {
            return Some(Arrived::Broken(CloseCode::Size));
        }
        begun.extend_from_slice(&part);
        if !last {
            return None;
        }
        let whole = self.begun.take().unwrap_or_default().freeze();
        let text = ByteString::try_from(whole);
        Some(text.map_or(Arrived::Broken(CloseCode::Invalid), Arrived::Text))
    }
}

fn code_of(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Overflow => CloseCode::Size,
        // The only words that are not read from the line itself.
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => CloseCode::Invalid,
        _ => CloseCode::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_so_much_and_the_next_begins_anew() {
        let mut pace = Pace::default();
        assert!((0..FLOOD).all(|_| !pace.is_exceeded()));
        assert!(pace.is_exceeded());
        pace.second = pace
            .second
            .map(|(began, count)| (began - Duration::from_secs(1), count));
        assert!(!pace.is_exceeded());
    }
}
