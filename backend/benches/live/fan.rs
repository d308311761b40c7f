//! One run of rooms under load: closed loop (a room says the next thing once all have
//! heard the last) or open loop (so many a second).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use futures_util::StreamExt;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, sleep_until},
};

use crate::{
    child::Server,
    clients::Clients,
    member::{Member, Room, Run},
    target::Target,
};

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Message,
    /// Fleeting, and not told to its sender.
    Typing,
}

impl Kind {
    /// The event that a client says.
    pub fn said(self) -> &'static str {
        match self {
            Self::Message => "send_message",
            Self::Typing => "typing",
        }
    }

    /// The event that clients hear.
    pub fn heard(self) -> &'static str {
        match self {
            Self::Message => "new_message",
            Self::Typing => "typing",
        }
    }
}

/// A run.
#[derive(Clone, Copy)]
pub struct Plan {
    pub rooms: usize,
    pub members: usize,
    pub kind: Kind,
    /// So many a second; none is the closed loop.
    pub rate: Option<u32>,
    /// How many of each room's members stop reading.
    pub stalled: usize,
    /// How long a message is, in characters.
    pub length: usize,
    /// Agents beside the rooms who hear the lists.
    pub watching: usize,
    /// Somebody more comes and goes once a second.
    pub restless: bool,
}

/// Rooms whose members all read, messages of ordinary length, closed loop.
pub fn rooms(rooms: usize, members: usize) -> Plan {
    Plan {
        rooms,
        members,
        kind: Kind::Message,
        rate: None,
        stalled: 0,
        length: 12,
        watching: 0,
        restless: false,
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    pub sent_per_second: f64,
    pub delivered_per_second: f64,
    pub p50: f64,
    pub p99: f64,
    /// Frames that readers should have heard and did not.
    pub missing: u64,
    /// Readers whose connection the server ended.
    pub lost: usize,
    pub grown_kib: u64,
    /// What the server holds when all is said.
    pub resident_kib: u64,
    /// How much of that are files.
    pub mapped_kib: u64,
}

/// Runs it.
pub async fn measure(
    clients: &Clients,
    server: &Server,
    target: &Arc<Target>,
    plan: Plan,
    time: Duration,
) -> Result<Outcome> {
    let (seated, _) = clients
        .seat(target, plan.rooms, plan.members, plan.stalled)
        .await?;
    let watching = watch_lists(clients, target, plan.watching).await?;
    let coming = plan.restless.then(|| come_and_go(clients, target));
    // Who came is told of a moment later; that is not what is measured.
    sleep(Duration::from_millis(400)).await;

    let run = Arc::new(Run {
        started: Instant::now(),
        kind: plan.kind,
        words: "请帮我看一下这个问题好吗"
            .chars()
            .cycle()
            .take(plan.length)
            .collect(),
        sent: AtomicU64::new(0),
        delivered: AtomicU64::new(0),
        over: AtomicBool::new(false),
    });
    let before = server.resident_kib();
    let (stop, stopped) = watch::channel(false);
    let mut channels: Vec<_> = (0..plan.rooms)
        .map(|_| {
            let (sender, receiver) = mpsc::unbounded_channel();
            (sender, Some(receiver), Arc::<Room>::default())
        })
        .collect();
    let readers = plan.members - plan.stalled - usize::from(plan.kind == Kind::Typing);
    let (mut members, mut stalled) = (Vec::new(), Vec::new());
    for seat in seated {
        if seat.place + plan.stalled >= plan.members {
            stalled.push(seat);
            continue;
        }
        let Some((sender, receiver, room)) = channels.get_mut(seat.room) else {
            continue;
        };
        let member = Member {
            dialect: target.dialect(),
            ticket: target.ticket(seat.room),
            run: Arc::clone(&run),
            room: Arc::clone(room),
            readers,
            next: plan.rate.is_none().then(|| sender.clone()),
            cue: receiver
                .take_if(|_| seat.place == 0)
                .unwrap_or_else(|| mpsc::unbounded_channel().1),
            stop: stopped.clone(),
            seat,
        };
        members.push(clients.spawn(members.len(), member.run()));
    }

    let cues: Vec<_> = channels.iter().map(|(sender, ..)| sender).collect();
    pace(&cues, plan.rate, run.started, time).await;
    let in_time = run.delivered.load(Relaxed);
    let measured = run.started.elapsed().as_secs_f64();
    run.over.store(true, Relaxed);
    let resident_kib = server.resident_kib();
    let mapped_kib = server.mapped_kib();
    let grown_kib = resident_kib.saturating_sub(before);
    let missing = wait_for_the_rest(&run, readers).await;
    let _ = stop.send(true);

    let (mut micros, mut lost) = (Vec::new(), 0);
    for member in members {
        let heard = member.await?;
        micros.extend(heard.micros);
        lost += usize::from(heard.lost);
    }
    drop((stalled, watching, coming));
    // The server tidies up after all of them.
    sleep(Duration::from_millis(300)).await;
    micros.sort_unstable();
    Ok(Outcome {
        sent_per_second: run.sent.load(Relaxed) as f64 / measured,
        delivered_per_second: in_time as f64 / measured,
        p50: percentile(&micros, 0.5),
        p99: percentile(&micros, 0.99),
        missing,
        lost,
        grown_kib,
        resident_kib,
        mapped_kib,
    })
}

async fn pace(cues: &[&mpsc::UnboundedSender<()>], rate: Option<u32>, started: Instant, time: Duration) {
    match rate {
        None => {
            for cue in cues {
                let _ = cue.send(());
            }
            sleep(time).await;
        }
        Some(rate) => {
            let count = (f64::from(rate) * time.as_secs_f64()) as u32;
            for (number, cue) in (0..count).zip(cues.iter().cycle()) {
                sleep_until((started + Duration::from_secs(1) * number / rate).into()).await;
                let _ = cue.send(());
            }
        }
    }
}

/// What is still under way has three more seconds; answers how much did not come.
async fn wait_for_the_rest(run: &Run, readers: usize) -> u64 {
    let missing = || (run.sent.load(Relaxed) * readers as u64).saturating_sub(run.delivered.load(Relaxed));
    for _ in 0..60 {
        sleep(Duration::from_millis(50)).await;
        if missing() == 0 {
            break;
        }
    }
    missing()
}

/// Agents who read what the lists are told, for as long as what this returns is held.
async fn watch_lists(clients: &Clients, target: &Arc<Target>, count: usize) -> Result<watch::Sender<bool>> {
    let (stop, stopped) = watch::channel(false);
    for number in 0..count {
        let mut socket = target.watch().await?;
        let mut stopped = stopped.clone();
        drop(clients.spawn(number, async move {
            loop {
                tokio::select! {
                    frame = socket.next() => if frame.is_none_or(|frame| frame.is_err()) { return },
                    _ = stopped.changed() => return,
                }
            }
        }));
    }
    Ok(stop)
}

/// Somebody comes and goes for as long as what this returns is held.
fn come_and_go(clients: &Clients, target: &Arc<Target>) -> watch::Sender<()> {
    let target = Arc::clone(target);
    let (stop, stopped) = watch::channel(());
    drop(clients.spawn(0, async move {
        while stopped.has_changed().is_ok() {
            sleep(Duration::from_secs(1)).await;
            drop(target.join(0, false).await);
        }
    }));
    stop
}

/// In milliseconds, of sorted microseconds.
fn percentile(micros: &[u32], share: f64) -> f64 {
    let place = (micros.len() as f64 * share) as usize;
    let found = micros.get(place.min(micros.len().saturating_sub(1)));
    found.map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
}
