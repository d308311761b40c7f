//! The limit: rooms on bare actix-ws. A frame is made once, each member has a bounded outbox, nothing is checked, and nothing is
//! stored unless a database is given: then each message is, alone and durably, before anybody hears of it.

use std::{
    collections::HashMap,
    sync::{
        OnceLock, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use actix_ws::Message;
use anyhow::Result;
use bytestring::ByteString;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    child::{self, Hello},
    insert, ours,
};

/// The environment variable that names the database.
pub const STORE: &str = "CASEDESK_BENCH_STORE";

type Outbox = mpsc::Sender<ByteString>;
/// The way to a thread that stores a message and then tells of it.
type Store = std::sync::mpsc::Sender<(i32, ByteString)>;

#[derive(Default)]
struct Rooms {
    members: RwLock<HashMap<i32, HashMap<usize, Outbox>>>,
    next: AtomicUsize,
    store: OnceLock<Store>,
}

impl Rooms {
    fn say(&self, room: i32, frame: ByteString) {
        match self.store.get() {
            Some(store) => drop(store.send((room, frame))),
            None => self.tell(room, &frame),
        }
    }

    fn join(&self, room: i32, id: usize, outbox: &Outbox) {
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        members.entry(room).or_default().insert(id, outbox.clone());
    }

    fn leave(&self, room: i32, id: usize) {
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = members.get_mut(&room) {
            room.remove(&id);
        }
    }

    /// A member whose outbox is full misses the frame.
    fn tell(&self, room: i32, frame: &ByteString) {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        for outbox in members.get(&room).into_iter().flat_map(HashMap::values) {
            drop(outbox.try_send(frame.clone()));
        }
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    event: &'a str,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    ticket_id: i32,
    content: Option<String>,
}

async fn open(
    request: HttpRequest,
    body: web::Payload,
    rooms: web::Data<Rooms>,
) -> actix_web::Result<HttpResponse> {
    let (response, session, stream) = actix_ws::handle(&request, body)?;
    rt::spawn(async move {
        let id = rooms.next.fetch_add(1, Ordering::Relaxed);
        let mut joined = Vec::new();
        talk(&rooms, id, &mut joined, session, stream).await;
        for room in joined {
            rooms.leave(room, id);
        }
    });
    Ok(response)
}

async fn talk(
    rooms: &Rooms,
    id: usize,
    joined: &mut Vec<i32>,
    mut session: actix_ws::Session,
    mut stream: actix_ws::MessageStream,
) {
    let (outbox, mut inbox) = mpsc::channel(256);
    loop {
        tokio::select! {
            Some(frame) = inbox.recv() => {
                if session.text(frame).await.is_err() {
                    return;
                }
            }
            frame = stream.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let Ok(event) = serde_json::from_str::<Event<'_>>(&text) else { return };
                    let room = event.data.ticket_id;
                    if event.event == "join" {
                        rooms.join(room, id, &outbox);
                        joined.push(room);
                        drop(session.text(r#"{"event":"joined","data":{}}"#).await);
                    } else {
                        rooms.say(room, new_message(room, event.data.content));
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            }
        }
    }
}

fn new_message(room: i32, content: Option<String>) -> ByteString {
    let data = json!({
        "id": 1, "ticket_id": room, "seq": 1, "sender_id": 1, "sender_name": "系统管理员", "sender_type": "admin",
        "content": content, "is_system": false, "attachments": [], "created_at": "2026-02-06 10:05:00"
    });
    format!(r#"{{"event":"new_message","data":{data}}}"#).into()
}

/// Serves until the parent is done.
pub async fn serve() -> Result<()> {
    let rooms = web::Data::new(Rooms::default());
    if let Ok(url) = std::env::var(STORE) {
        store(&url, rooms.clone())?;
    }
    let server = HttpServer::new(move || {
        App::new()
            .app_data(rooms.clone())
            .route("/ws", web::get().to(open))
    })
    .disable_signals()
    .tcp_nodelay(true)
    .bind(("127.0.0.1", 0))?;
    let address = *server
        .addrs()
        .first()
        .ok_or_else(|| anyhow::anyhow!("no address"))?;
    rt::spawn(server.run());
    child::serve_parent(&Hello {
        address,
        rooms: Vec::new(),
        agent: None,
    })
    .await
}

/// Starts the thread that stores. It writes to tickets of ours: a room's number is that of one.
fn store(url: &str, rooms: web::Data<Rooms>) -> Result<()> {
    let config = ours::config(url, &std::env::temp_dir().display().to_string())?;
    let mut conn = config.database.target.connect()?;
    let (store, messages) = std::sync::mpsc::channel::<(i32, ByteString)>();
    drop(rooms.store.set(store));
    std::thread::spawn(move || {
        // Above every number that ours has given.
        for (seq, (room, frame)) in (1_000_000..).zip(messages) {
            match insert::insert_one(&mut conn, room, seq) {
                Ok(_) => rooms.tell(room, &frame),
                Err(error) => eprintln!("not stored: {error}"),
            }
        }
    });
    Ok(())
}
