//! Who has a ticket open, as agents see it. Changes are gathered for a moment, so that a crowd that comes at once is
//! told of once.

use std::{collections::BTreeMap, time::Duration};

use shared::{
    TicketId, UserId,
    live::{MAX_PEOPLE, Person, Presence, ServerEvent},
    messages::SenderType,
};

use super::{ConnectionId, Hub, State};
use crate::domain::events::{Audience, Envelope};

/// How long changes are gathered.
const GATHERED: Duration = Duration::from_millis(150);

/// A connection's place in a room: empty until its access has been checked.
#[derive(Default)]
pub(super) struct Seat {
    person: Option<Person>,
}

impl Seat {
    pub(super) fn is_taken(&self) -> bool {
        self.person.is_some()
    }
}

impl Hub {
    /// The connection's owner has the ticket open, in front or behind something else.
    pub fn attend(&self, id: ConnectionId, ticket: TicketId, person: Person) {
        let mut state = self.lock();
        let seat = state
            .rooms
            .get_mut(&ticket)
            .and_then(|room| room.seats.get_mut(&id));
        if let Some(seat) = seat
            && seat.person.as_ref() != Some(&person)
        {
            seat.person = Some(person);
            state.stirred.insert(ticket);
            drop(state);
            self.0.stirred.notify_one();
        }
    }

    /// Waits until people have come, gone or looked away; answers in which rooms.
    pub async fn stirred(&self) -> Vec<TicketId> {
        loop {
            self.0.stirred.notified().await;
            tokio::time::sleep(GATHERED).await;
            let stirred: Vec<_> = self.lock().stirred.drain().collect();
            if !stirred.is_empty() {
                return stirred;
            }
        }
    }

    /// Tells the agents in a room who is there: the people of this server and those of others.
    pub fn tell_presence(&self, ticket: TicketId, elsewhere: &[Person]) {
        let people = merge(self.lock().people(ticket).chain(elsewhere));
        let presence = ServerEvent::Presence(Presence {
            ticket_id: ticket,
            people,
        });
        self.publish(&[Envelope {
            audience: Audience::Room(ticket),
            staff: Some(presence),
            customer: None,
        }]);
    }

    /// Who is in a room by way of this server.
    pub fn people(&self, ticket: TicketId) -> Vec<Person> {
        merge(self.lock().people(ticket))
    }
}

impl State {
    fn people(&self, ticket: TicketId) -> impl Iterator<Item = &Person> {
        self.rooms
            .get(&ticket)
            .into_iter()
            .flat_map(|room| room.seats.values())
            .filter_map(|seat| seat.person.as_ref())
    }
}

/// One entry a person, however many tabs: hidden only if all of them are.
fn merge<'a>(people: impl Iterator<Item = &'a Person>) -> Vec<Person> {
    let mut merged: BTreeMap<(UserId, &str), (SenderType, bool)> = BTreeMap::new();
    for person in people {
        let (_, hidden) = merged
            .entry((person.user_id, &person.name))
            .or_insert((person.sender_type, true));
        *hidden &= person.hidden;
    }
    merged
        .into_iter()
        .take(MAX_PEOPLE)
        .map(|((user_id, name), (sender_type, hidden))| Person {
            user_id,
            name: name.to_owned(),
            sender_type,
            hidden,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i32, hidden: bool) -> Person {
        Person {
            user_id: UserId(id),
            name: format!("n{id}"),
            sender_type: SenderType::Admin,
            hidden,
        }
    }

    #[test]
    fn two_tabs_are_one_person() {
        let people = [person(2, true), person(1, true), person(2, false)];
        assert_eq!(merge(people.iter()), [person(1, true), person(2, false)]);
    }

    #[test]
    fn a_crowd_is_named_in_part() {
        let crowd: Vec<_> = (0..2_000).map(|id| person(id, false)).collect();
        assert_eq!(merge(crowd.iter()).len(), MAX_PEOPLE);
    }
}
