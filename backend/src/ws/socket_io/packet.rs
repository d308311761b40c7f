//! Packets of Socket.IO 5, default namespace only, text only: read by the ecosystem's parser, written here.

use engineioxide_core::{Sid, Str};
use serde_json::{Value, json};
use shared::{ErrorCode, Lang, live::ClientEvent};
use socketioxide_core::{
    packet::PacketData,
    parser::{Parse, ParseConfig, ParserState},
};
use socketioxide_parser_common::CommonParser;

use super::super::wire::read_event;
use crate::error::Result;

/// The one namespace.
const NAMESPACE: &str = "/";

/// What a packet says.
pub(super) enum Said {
    /// Let me into the namespace.
    Connect,
    /// Let me into one that there is not.
    ConnectElsewhere(String),
    Disconnect,
    Event {
        id: Option<u64>,
        event: Result<ClientEvent>,
    },
    /// Nothing that a client may say.
    Nonsense,
}

/// Reads packets: text only, so nothing is ever waited for.
pub(super) struct Reader {
    config: ParseConfig,
    state: ParserState,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            config: ParseConfig {
                max_incoming_binaries: 0,
                max_incoming_binary_buf_size: 0,
                ..ParseConfig::default()
            },
            state: ParserState::default(),
        }
    }
}

impl Reader {
    pub(super) fn read(&self, text: Str) -> Said {
        let Ok(packet) = CommonParser.decode_str(&self.config, &self.state, text) else {
            return Said::Nonsense;
        };
        let here = packet.ns.as_str() == NAMESPACE;
        match packet.inner {
            PacketData::Connect(_) if here => Said::Connect,
            PacketData::Connect(_) => Said::ConnectElsewhere(packet.ns.as_str().to_owned()),
            PacketData::Disconnect if here => Said::Disconnect,
            PacketData::Event(value, id) if here => Said::Event {
                id: id.and_then(|id| u64::try_from(id).ok()),
                event: value
                    .as_str()
                    .map_or_else(unreadable, |text| read_arguments(text)),
            },
            _ => Said::Nonsense,
        }
    }
}

fn unreadable() -> Result<ClientEvent> {
    Err(ErrorCode::InvalidJson.into())
}

/// `["name", data, …]`
fn read_arguments(text: &str) -> Result<ClientEvent> {
    let Ok(Value::Array(arguments)) = serde_json::from_str(text) else {
        return unreadable();
    };
    read_event(arguments.first().and_then(Value::as_str), arguments.get(1))
}

/// You are in.
pub(super) fn connected(sid: Sid) -> String {
    format!("40{}", json!({ "sid": sid.as_str() }))
}

/// You are not let in.
pub(super) fn refused(code: ErrorCode, lang: Lang) -> String {
    format!(
        "44{}",
        json!({ "message": code.text(lang), "data": { "code": code } })
    )
}

/// There is no such namespace; its name goes back only where it cannot be taken for something else.
pub(super) fn refused_elsewhere(namespace: &str) -> String {
    let name: String = namespace.chars().filter(|c| !c.is_control()).take(64).collect();
    format!("44{name},{}", json!({ "message": "Invalid namespace" }))
}

/// The answer to an event.
pub(super) fn acknowledged(id: u64, data: &Value) -> String {
    format!("43{id}[{data}]")
}

/// You are out, and need not come back.
pub(super) const DISCONNECTED: &str = "41";
/// Are you there?
pub(super) const PING: &str = "2";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Said {
        Reader::default().read(text.into())
    }

    #[test]
    fn reads_what_the_official_client_says() {
        assert!(matches!(read("0"), Said::Connect));
        assert!(matches!(read(r#"0{"token":"x"}"#), Said::Connect));
        assert!(matches!(read("0/admin,"), Said::ConnectElsewhere(name) if name == "/admin"));
        assert!(matches!(read("1"), Said::Disconnect));
        let Said::Event { id, event } = read(r#"217["join",{"ticket_id":3}]"#) else {
            panic!("not an event")
        };
        assert_eq!(id, Some(17));
        assert!(matches!(event, Ok(ClientEvent::Join(join)) if join.ticket_id.0 == 3));
    }

    #[test]
    fn nonsense_is_nonsense_and_never_a_panic() {
        for text in [
            "",
            "9",
            "x",
            "2/",
            "5",
            "51-[]",
            "52-[\"a\",{\"_placeholder\":true}]",
            "3",
            "31",
            "6-",
            "4{}",
            "é",
        ] {
            assert!(
                matches!(read(text), Said::Nonsense | Said::Event { event: Err(_), .. }),
                "{text}"
            );
        }
        for text in [
            "2",
            "2[",
            "2{}",
            "2[]",
            "2[5]",
            r#"2["shutdown"]"#,
            "2/x[",
            r#"2["join",null]"#,
        ] {
            assert!(
                matches!(read(text), Said::Nonsense | Said::Event { event: Err(_), .. }),
                "{text}"
            );
        }
    }
}
