//! The WebSocket: opens, heartbeats, gives up on silence, opens again. Knows frames, not rooms.

use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use leptos::{ev, prelude::*};
use shared::{
    endpoint::{LIVE_PATH, Nothing},
    live::{ClientEvent, ServerEvent},
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{MessageEvent, WebSocket};

use super::{
    Health,
    frame::{self, Answer, Said},
    pulse::{Beat, LOOK_MS, Pulse},
};
use crate::{
    backoff, dom,
    reactive::{RwSignal, StoredValue},
};

/// Trouble shorter than this is nobody's business.
const TROUBLE_MS: u32 = 2_000;
/// Trouble longer than this is being offline.
const OFFLINE_MS: u32 = 30_000;
/// How long the good news stays.
const RESTORED_MS: u32 = 2_000;

/// What hears every event.
type Heard = Rc<dyn Fn(&ServerEvent)>;

#[derive(Default)]
struct Inner {
    wanted: bool,
    open: Option<Open>,
    attempt: u32,
    reconnect: Option<Timeout>,
    trouble: Vec<Timeout>,
    up: Option<Rc<dyn Fn()>>,
    event: Option<Heard>,
    answer: Option<Rc<dyn Fn(Answer)>>,
    refused: Option<Rc<dyn Fn(u32)>>,
}

/// A socket with everything that must live as long as it does.
struct Open {
    socket: WebSocket,
    welcomed: bool,
    pulse: Pulse,
    _looks: Interval,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut()>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

#[derive(Clone, Copy)]
pub(super) struct Socket {
    inner: StoredValue<Inner>,
    health: RwSignal<Health>,
}

impl Socket {
    pub(super) fn new() -> Self {
        let socket = Self {
            inner: StoredValue::new(Inner::default()),
            health: RwSignal::new(Health::Fine),
        };
        // The browser knows first; both ways.
        let online = window_event_listener(ev::online, move |_| socket.retry());
        let offline = window_event_listener(ev::offline, move |_| socket.lose());
        on_cleanup(move || {
            online.remove();
            offline.remove();
            socket.stop();
        });
        socket
    }

    pub(super) fn on_up(self, up: Rc<dyn Fn()>) {
        self.inner.update_value(|inner| inner.up = Some(up));
    }

    pub(super) fn on_event(self, event: Rc<dyn Fn(&ServerEvent)>) {
        self.inner.update_value(|inner| inner.event = Some(event));
    }

    pub(super) fn on_answer(self, answer: Rc<dyn Fn(Answer)>) {
        self.inner.update_value(|inner| inner.answer = Some(answer));
    }

    pub(super) fn on_refused(self, refused: Rc<dyn Fn(u32)>) {
        self.inner.update_value(|inner| inner.refused = Some(refused));
    }

    pub(super) const fn health(self) -> RwSignal<Health> {
        self.health
    }

    pub(super) fn is_up(self) -> bool {
        self.inner
            .with_value(|inner| inner.open.as_ref().is_some_and(|open| open.welcomed))
    }

    /// Also when it runs already: another person's session needs a connection of its own.
    pub(super) fn start(self) {
        self.stop();
        self.inner.update_value(|inner| inner.wanted = true);
        self.connect();
    }

    pub(super) fn stop(self) {
        let old = self.inner.try_update_value(|inner| {
            inner.wanted = false;
            inner.reconnect = None;
            inner.attempt = 0;
            inner.trouble.clear();
            inner.open.take()
        });
        if let Some(open) = old {
            drop(open);
            self.health.try_set(Health::Fine);
        }
    }

    pub(super) fn retry(self) {
        let due = self.inner.try_update_value(|inner| {
            inner.attempt = 0;
            inner.wanted && !inner.open.as_ref().is_some_and(|open| open.welcomed)
        });
        if due == Some(true) {
            self.connect();
        }
    }

    /// What has an id is answered, with the same id.
    pub(super) fn say(self, event: &ClientEvent, id: Option<u32>) {
        let frame = frame::write(event, id);
        // Only after `welcome`; before, the rooms are joined anyway as soon as it comes.
        self.inner.try_with_value(|inner| {
            if let Some(open) = inner.open.as_ref().filter(|open| open.welcomed) {
                let _ = open.socket.send_with_str(&frame);
            }
        });
    }

    fn connect(self) {
        let Some(socket) = address().and_then(|url| WebSocket::new(&url).ok()) else {
            return self.try_later();
        };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                self.receive(&text);
            }
        });
        let on_close = Closure::<dyn FnMut()>::new(move || {
            self.lose_soon();
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        let open = Open {
            socket,
            welcomed: false,
            pulse: Pulse::new(dom::now_ms()),
            _looks: Interval::new(LOOK_MS, move || self.look()),
            _on_message: on_message,
            _on_close: on_close,
        };
        let old = self.inner.try_update_value(|inner| {
            inner.reconnect = None;
            inner.open.replace(open)
        });
        drop(old);
    }

    /// Looks after the line.
    fn look(self) {
        let beat = self.inner.try_update_value(|inner| {
            let open = inner.open.as_mut()?;
            Some(open.pulse.look(dom::now_ms()))
        });
        match beat.flatten() {
            Some(Beat::Ask) => self.say(&ClientEvent::Ping(Nothing {}), None),
            Some(Beat::Gone) => self.lose_soon(),
            Some(Beat::Fine) | None => {}
        }
    }

    fn receive(self, text: &str) {
        self.inner.try_update_value(|inner| {
            if let Some(open) = &mut inner.open {
                open.pulse.hear(dom::now_ms());
            }
        });
        match frame::read(text) {
            Some(Said::Event(event)) => self.hear(&event),
            Some(Said::Answer(answer)) => {
                let heard = self.inner.with_value(|inner| inner.answer.clone());
                if let Some(heard) = heard {
                    heard(answer);
                }
            }
            // What only a newer server says.
            None => {}
        }
    }

    fn hear(self, event: &ServerEvent) {
        match event {
            ServerEvent::Resync(_) => return self.lose_soon(),
            ServerEvent::Welcome(welcome) => self.rise(welcome.ping_interval_ms),
            _ => {}
        }
        let heard = self.inner.with_value(|inner| inner.event.clone());
        if let Some(heard) = heard {
            heard(event);
        }
    }

    /// The server greeted us: connected.
    fn rise(self, ping_ms: u64) {
        let up = self.inner.try_update_value(|inner| {
            inner.attempt = 0;
            inner.trouble.clear();
            if let Some(open) = &mut inner.open {
                open.welcomed = true;
                open.pulse.ask_after(ping_ms);
            }
            inner.up.clone()
        });
        if self.health.get_untracked() != Health::Fine {
            self.health.set(Health::Restored);
            self.after(RESTORED_MS, move || self.health.set(Health::Fine));
        }
        if let Some(up) = up.flatten() {
            up();
        }
    }

    /// Not from within one of the socket's own closures: dropping that would pull the rug away.
    fn lose_soon(self) {
        let _ = Timeout::new(0, move || self.lose()).forget();
    }

    /// The connection is gone, or never came.
    fn lose(self) {
        let lost = self.inner.try_update_value(|inner| {
            let open = inner.open.take();
            let refused = open
                .as_ref()
                .is_some_and(|open| !open.welcomed)
                .then(|| inner.refused.clone())
                .flatten();
            (open, refused, inner.attempt + 1, inner.wanted)
        });
        let Some((open, refused, failures, wanted)) = lost else {
            return;
        };
        drop(open);
        if !wanted {
            return;
        }
        if let Some(refused) = refused {
            refused(failures);
        }
        self.worry();
        self.try_later();
    }

    /// Starts the two clocks of the strip, unless they run already.
    fn worry(self) {
        let first = self.inner.with_value(|inner| inner.trouble.is_empty());
        if first && matches!(self.health.get_untracked(), Health::Fine | Health::Restored) {
            self.after(TROUBLE_MS, move || self.health.set(Health::Reconnecting));
            self.after(OFFLINE_MS, move || self.health.set(Health::Offline));
        }
    }

    fn after(self, ms: u32, then: impl FnOnce() + 'static) {
        self.inner
            .update_value(|inner| inner.trouble.push(Timeout::new(ms, then)));
    }

    fn try_later(self) {
        self.inner.try_update_value(|inner| {
            if inner.wanted {
                let wait = backoff::CONNECT.wait_ms(inner.attempt, js_sys::Math::random());
                inner.attempt = inner.attempt.saturating_add(1);
                inner.reconnect = Some(Timeout::new(wait, move || self.connect()));
            }
        });
    }
}

fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" {
        "wss"
    } else {
        "ws"
    };
    Some(format!("{scheme}://{}{LIVE_PATH}", location.host().ok()?))
}
