//! Somebody who listens: a plain WebSocket with typed frames.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use casedesk::{
    app::App,
    domain::events::{Audience, Envelope},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use shared::{
    ErrorCode, Problem, TicketId, UserId,
    endpoint::LIVE_PATH,
    live::{ClientEvent, Join, Joined, Room, Send, ServerEvent, TypingNews},
    messages::{Message, NewMessage, SenderType},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message as Frame, client::IntoClientRequest, http::HeaderName},
};

use super::PATIENCE;

/// An open connection.
pub struct Live {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    app: App,
    account: Option<UserId>,
    rooms: Vec<TicketId>,
    waiting: VecDeque<ServerEvent>,
    asked: u64,
}

/// A connection that was refused.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub code: ErrorCode,
}

/// The end of a connection.
#[derive(Debug)]
pub struct Ended {
    /// The code of the close frame, if there was one.
    pub code: Option<u16>,
    /// What was heard before.
    pub events: Vec<ServerEvent>,
}

#[expect(clippy::large_enum_variant, reason = "one at a time, soon taken apart")]
enum Heard {
    Event(ServerEvent),
    Ack { id: u64, data: Value },
    End(Option<u16>),
}

/// The name that marks a place in the stream of a connection's frames.
const MARK: &str = "mark ";

impl Live {
    /// Connects and hears the welcome.
    pub async fn connect(
        app: App,
        address: SocketAddr,
        cookies: Option<String>,
        account: Option<UserId>,
        headers: &[(&str, &str)],
    ) -> Result<Self, Refusal> {
        let mut request = format!("ws://{address}{LIVE_PATH}")
            .into_client_request()
            .unwrap();
        if let Some(cookies) = cookies {
            request.headers_mut().insert("cookie", cookies.parse().unwrap());
        }
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let connecting = tokio::time::timeout(PATIENCE, connect_async(request))
            .await
            .expect("an answer in time");
        let socket = match connecting {
            Ok((socket, _)) => socket,
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                let code = serde_json::from_slice::<Problem>(&body)
                    .map_or(ErrorCode::Unknown, |problem| problem.code);
                return Err(Refusal {
                    status: response.status().as_u16(),
                    code,
                });
            }
            Err(error) => panic!("no connection: {error}"),
        };
        let mut live = Self {
            socket,
            app,
            account,
            rooms: Vec::new(),
            waiting: VecDeque::new(),
            asked: 0,
        };
        let welcome = live.next().await;
        assert!(matches!(welcome, ServerEvent::Welcome(_)), "{welcome:?}");
        Ok(live)
    }

    async fn frame(&mut self) -> Heard {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("a frame in time");
            match frame {
                Some(Ok(Frame::Text(text))) => {
                    let value: Value = serde_json::from_str(&text).unwrap();
                    if value["event"] == "ack" {
                        return Heard::Ack {
                            id: value["id"].as_u64().unwrap(),
                            data: value["data"].clone(),
                        };
                    }
                    let event =
                        serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}: {text}"));
                    return Heard::Event(event);
                }
                Some(Ok(Frame::Close(close))) => return Heard::End(close.map(|close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::End(None),
            }
        }
    }

    /// The next event, who comes and goes left aside.
    pub async fn next(&mut self) -> ServerEvent {
        loop {
            let event = self.next_of_all().await;
            if !is_presence(&event) {
                return event;
            }
        }
    }

    /// The next event.
    pub async fn next_of_all(&mut self) -> ServerEvent {
        if let Some(event) = self.waiting.pop_front() {
            return event;
        }
        loop {
            match self.frame().await {
                Heard::Event(event) if is_mark(&event) => {}
                Heard::Event(event) => return event,
                Heard::Ack { id, data } => panic!("an answer to nothing: {id} {data}"),
                Heard::End(code) => panic!("the connection ended: {code:?}"),
            }
        }
    }

    /// The next event of a ticket's thread, whatever else comes before.
    pub async fn next_durable(&mut self) -> ServerEvent {
        loop {
            let event = self.next().await;
            if event.durable().is_some() {
                return event;
            }
        }
    }

    /// The next message, whatever else comes before.
    pub async fn next_message(&mut self) -> Message {
        loop {
            if let ServerEvent::NewMessage(message) = self.next().await {
                return message;
            }
        }
    }

    /// Everything that was on its way here until now, who comes and goes left aside: what is told after this call is
    /// not in it.
    pub async fn heard(&mut self) -> Vec<ServerEvent> {
        let mut events = self.heard_of_all().await;
        events.retain(|event| !is_presence(event));
        events
    }

    /// Everything that was on its way here until now.
    pub async fn heard_of_all(&mut self) -> Vec<ServerEvent> {
        static MARKS: AtomicU64 = AtomicU64::new(0);
        let name = format!("{MARK}{}", MARKS.fetch_add(1, Ordering::Relaxed));
        // The mark takes the same way as every event, so it overtakes none.
        let audience = match (self.account, self.rooms.first()) {
            (Some(_), _) => Audience::Lists { owner: self.account },
            (None, Some(room)) => Audience::Room(*room),
            (None, None) => panic!("a guest must be in a room to be marked"),
        };
        let mark = typing(TicketId(0), name);
        self.app.hub.tell_gathered();
        self.app.hub.publish(&[to_both(audience, &mark)]);
        let mut events: Vec<ServerEvent> = self.waiting.drain(..).collect();
        loop {
            match self.frame().await {
                Heard::Event(event) if event == mark => return events,
                Heard::Event(event) if is_mark(&event) => {}
                Heard::Event(event) => events.push(event),
                Heard::Ack { .. } => {}
                Heard::End(code) => panic!("the connection ended: {code:?}"),
            }
        }
    }

    /// Everything of tickets' threads until now.
    pub async fn heard_durable(&mut self) -> Vec<ServerEvent> {
        self.heard()
            .await
            .into_iter()
            .filter(|event| event.durable().is_some())
            .collect()
    }

    /// Nothing was told.
    #[track_caller]
    pub fn hears_nothing(&mut self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let heard = self.heard().await;
            assert!(heard.is_empty(), "{place}: heard {heard:?}");
        }
    }

    /// Sends a frame as it stands.
    pub async fn shout(&mut self, text: &str) {
        self.socket.send(Frame::text(text)).await.unwrap();
    }

    /// Says something and waits for the answer to it; events that come before are kept.
    pub async fn ask(&mut self, event: &ClientEvent) -> Value {
        self.ask_raw(serde_json::to_value(event).unwrap()).await
    }

    /// The same with any frame.
    pub async fn ask_raw(&mut self, mut frame: Value) -> Value {
        self.asked += 1;
        frame["id"] = json!(self.asked);
        self.shout(&frame.to_string()).await;
        loop {
            match self.frame().await {
                Heard::Ack { id, data } if id == self.asked => return data,
                Heard::Ack { .. } => {}
                Heard::Event(event) if is_mark(&event) => {}
                Heard::Event(event) => self.waiting.push_back(event),
                Heard::End(code) => panic!("the connection ended: {code:?}"),
            }
        }
    }

    /// Says something that is refused: in the answer, and as an `error_message`.
    pub async fn refused(&mut self, event: &ClientEvent) -> Problem {
        let answer = self.ask(event).await;
        let problem: Problem = serde_json::from_value(answer).unwrap();
        assert!(!problem.success);
        loop {
            if let ServerEvent::ErrorMessage(error) = self.next().await {
                assert_eq!(error.code, problem.code);
                return problem;
            }
        }
    }

    /// Enters a room.
    pub async fn join(&mut self, ticket: TicketId) -> Joined {
        self.enter(Join {
            ticket_id: ticket,
            since: None,
        })
        .await
        .1
    }

    /// Enters a room and hears what came after `since`.
    pub async fn join_since(&mut self, ticket: TicketId, since: i64) -> (Vec<ServerEvent>, Joined) {
        self.enter(Join {
            ticket_id: ticket,
            since: Some(since),
        })
        .await
    }

    async fn enter(&mut self, join: Join) -> (Vec<ServerEvent>, Joined) {
        let before = self.waiting.len();
        let answer = self.ask(&ClientEvent::Join(join)).await;
        assert_eq!(answer["success"], true, "{answer}");
        let mut events: Vec<ServerEvent> = self.waiting.drain(before..).collect();
        let place = events
            .iter()
            .position(|event| matches!(event, ServerEvent::Joined(_)))
            .expect("joined");
        let ServerEvent::Joined(joined) = events.remove(place) else {
            unreachable!()
        };
        assert_eq!(answer["seq"], joined.seq);
        self.rooms.push(join.ticket_id);
        if join.since.is_none() {
            self.waiting.extend(events.drain(..));
        }
        (events, joined)
    }

    /// Leaves a room.
    pub async fn leave(&mut self, ticket: TicketId) {
        let answer = self.ask(&ClientEvent::Leave(Room { ticket_id: ticket })).await;
        assert_eq!(answer["success"], true, "{answer}");
        self.rooms.retain(|room| *room != ticket);
        self.waiting
            .retain(|event| !matches!(event, ServerEvent::Left(_)));
    }

    /// Says something in a ticket.
    pub async fn says(&mut self, ticket: TicketId, content: &str) -> Message {
        let message = NewMessage {
            content: content.into(),
            ..NewMessage::default()
        };
        self.sends(ticket, message).await
    }

    /// Sends a message.
    pub async fn sends(&mut self, ticket: TicketId, message: NewMessage) -> Message {
        let answer = self
            .ask(&ClientEvent::SendMessage(Send {
                ticket_id: ticket,
                message,
            }))
            .await;
        assert_eq!(answer["success"], true, "{answer}");
        serde_json::from_value(answer["message"].clone()).unwrap()
    }

    /// Waits for the end.
    pub async fn ended(&mut self) -> Ended {
        let mut events: Vec<ServerEvent> = self.waiting.drain(..).collect();
        loop {
            match self.frame().await {
                Heard::End(code) => return Ended { code, events },
                Heard::Event(event) if is_mark(&event) => {}
                Heard::Event(event) => events.push(event),
                Heard::Ack { .. } => {}
            }
        }
    }
}

/// News that somebody is writing.
pub fn typing(ticket_id: TicketId, name: String) -> ServerEvent {
    ServerEvent::Typing(TypingNews {
        ticket_id,
        user_id: UserId(0),
        name,
        sender_type: SenderType::Customer,
        typing: false,
        internal: false,
    })
}

/// An event for an audience of both sides.
pub fn to_both(audience: Audience, event: &ServerEvent) -> Envelope {
    Envelope {
        audience,
        staff: Some(event.clone()),
        customer: Some(event.clone()),
    }
}

fn is_presence(event: &ServerEvent) -> bool {
    matches!(event, ServerEvent::Presence(_))
}

fn is_mark(event: &ServerEvent) -> bool {
    matches!(event, ServerEvent::Typing(news) if news.name.starts_with(MARK))
}
