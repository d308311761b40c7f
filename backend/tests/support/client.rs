//! Somebody who calls the API: an account, a guest, or nobody.

use std::{collections::BTreeMap, marker::PhantomData, net::SocketAddr, sync::Mutex};

use casedesk::app::App;
use reqwest::{Method, RequestBuilder, multipart};
use shared::{
    Endpoint, Status, TicketId, UserId,
    attachments::Uploaded,
    endpoint::{Nothing, UPLOAD_PATH, path_of},
    messages::{ListMessages, Message, MessageList, MessageQuery, NewMessage, PostMessage},
    tickets::{CreateTicket, GetTicket, SetStatus, StatusChange, Ticket, TicketKey},
};

use super::{
    Reply,
    live::{Live, Refusal},
    new_ticket,
    reply::Outcome,
};

/// Somebody with cookies.
pub struct Client {
    pub id: UserId,
    pub username: String,
    app: App,
    address: SocketAddr,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Client {
    /// Nobody yet.
    pub fn new(app: App, address: SocketAddr, http: reqwest::Client) -> Self {
        Self {
            id: UserId(0),
            username: String::new(),
            app,
            address,
            http,
            cookies: Mutex::default(),
        }
    }

    /// The same, known as that account.
    pub fn named(mut self, id: UserId, username: &str) -> Self {
        self.id = id;
        username.clone_into(&mut self.username);
        self
    }

    /// Takes a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }

    /// Forgets all cookies.
    pub fn forget_cookies(&self) {
        self.cookies.lock().unwrap().clear();
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// The same cookies in another hand.
    pub fn copy(&self) -> Self {
        let copy =
            Self::new(self.app.clone(), self.address, self.http.clone()).named(self.id, &self.username);
        copy.cookies
            .lock()
            .unwrap()
            .clone_from(&self.cookies.lock().unwrap());
        copy
    }

    /// The same, by way of whatever listens there.
    pub fn through(&self, address: SocketAddr) -> Self {
        Self {
            address,
            ..self.copy()
        }
    }

    /// All cookies as a header.
    pub fn cookie_header(&self) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request with the cookies.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .http
            .request(method, format!("http://{}{path}", self.address));
        match self.cookie_header() {
            Some(cookies) => request.header("cookie", cookies),
            None => request,
        }
    }

    /// Sends a request and keeps the cookies that come back.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = tokio::time::timeout(super::PATIENCE, request.send())
            .await
            .expect("an answer in time")
            .unwrap();
        let mut cookies = self.cookies.lock().unwrap().clone();
        for cookie in response.headers().get_all("set-cookie") {
            let (pair, flags) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if flags.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        *self.cookies.lock().unwrap() = cookies;
        Reply::of(response).await
    }

    /// `GET`s a path.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// `POST`s JSON.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Reply {
        self.send(self.request("POST", path).json(body)).await
    }

    /// The request of an endpoint, to be changed before it is sent.
    pub fn request_of<E: Endpoint>(
        &self,
        _: E,
        path: impl Into<E::Path>,
        input: &E::Input,
    ) -> RequestBuilder {
        let path = path_of::<E>(&path.into());
        match E::METHOD {
            shared::Method::Get => {
                let query = serde_urlencoded::to_string(input).unwrap();
                self.request("GET", &format!("{path}?{query}"))
            }
            method => self.request(method.as_str(), &path).json(input),
        }
    }

    /// Calls an endpoint.
    pub async fn call<E: Endpoint>(
        &self,
        endpoint: E,
        path: impl Into<E::Path>,
        input: E::Input,
    ) -> Outcome<E> {
        let request = self.request_of(endpoint, path, &input);
        self.send_as(endpoint, request).await
    }

    /// Sends a request whose answer is that endpoint's.
    pub async fn send_as<E: Endpoint>(&self, _: E, request: RequestBuilder) -> Outcome<E> {
        Outcome {
            reply: self.send(request).await,
            endpoint: PhantomData,
        }
    }

    /// Submits a ticket and answers its id.
    pub async fn submits(&self, title: &str) -> TicketId {
        self.call(CreateTicket, (), new_ticket(title))
            .await
            .good()
            .ticket_id
    }

    /// Says something.
    pub async fn says(&self, ticket: TicketId, content: &str) -> Message {
        self.call(PostMessage, ticket, saying(content))
            .await
            .good()
            .message
    }

    /// Writes an internal note.
    pub async fn notes(&self, ticket: TicketId, content: &str) -> Message {
        let note = NewMessage {
            internal: true,
            ..saying(content)
        };
        self.call(PostMessage, ticket, note).await.good().message
    }

    /// Moves a ticket.
    pub async fn moves(&self, ticket: TicketId, status: Status) -> Ticket {
        let change = StatusChange {
            status: Some(status),
            resolution: None,
        };
        self.call(SetStatus, ticket, change).await.good().ticket
    }

    /// Looks at a ticket.
    pub async fn sees(&self, ticket: TicketId) -> Ticket {
        self.call(GetTicket, ticket, Nothing {}).await.good().ticket
    }

    /// Is there such a ticket for this one?
    pub async fn may_see(&self, ticket: impl Into<TicketKey>) -> bool {
        self.call(GetTicket, ticket, Nothing {}).await.status() == 200
    }

    /// Reads a ticket's latest messages.
    pub async fn reads(&self, ticket: TicketId) -> MessageList {
        self.call(ListMessages, ticket, MessageQuery::default())
            .await
            .good()
    }

    /// The same, however many they are.
    pub async fn reads_all(&self, ticket: TicketId) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let query = MessageQuery {
                after: Some(messages.last().map_or(0, |message| message.seq)),
                ..MessageQuery::default()
            };
            let list = self.call(ListMessages, ticket, query).await.good();
            messages.extend(list.messages);
            if !list.has_more {
                return messages;
            }
        }
    }

    /// Uploads a file.
    pub async fn uploads(&self, ticket: TicketId, name: &str, bytes: &[u8]) -> Reply {
        let part = multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let form = multipart::Form::new()
            .text("ticket_id", ticket.to_string())
            .part("file", part);
        self.send(self.request("POST", UPLOAD_PATH).multipart(form)).await
    }

    /// Uploads a file that is let in.
    pub async fn attaches(&self, ticket: TicketId, name: &str, bytes: &[u8]) -> Uploaded {
        serde_json::from_value(self.uploads(ticket, name, bytes).await.good()).unwrap()
    }

    /// Connects to the live door.
    pub async fn live(&self) -> Live {
        self.try_live(&[])
            .await
            .unwrap_or_else(|refusal| panic!("no connection: {refusal:?}"))
    }

    /// Tries to connect, with headers.
    pub async fn try_live(&self, headers: &[(&str, &str)]) -> Result<Live, Refusal> {
        let account = (self.id.0 != 0).then_some(self.id);
        Live::connect(
            self.app.clone(),
            self.address,
            self.cookie_header(),
            account,
            headers,
        )
        .await
    }
}

/// Something to say.
pub fn saying(content: &str) -> NewMessage {
    NewMessage {
        content: content.into(),
        ..NewMessage::default()
    }
}
