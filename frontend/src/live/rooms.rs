//! The rooms that this connection is in, or has asked for and waits to be let into. Pure.

use shared::TicketId;

use super::frame::Answer;

/// How a room stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// A join is on its way.
    Asked,
    In,
    /// A join came to nothing, the next one follows after a while.
    Waiting,
}

/// A room that is wanted.
#[derive(Debug)]
struct Room {
    ticket: TicketId,
    /// Of the latest join.
    id: u32,
    stage: Stage,
    /// How many joins in a row came to nothing.
    failures: u32,
}

impl Room {
    /// The join came to nothing: how many did before it, unless the next one is planned already.
    fn fail(&mut self) -> Option<u32> {
        if self.stage != Stage::Asked {
            return None;
        }
        self.stage = Stage::Waiting;
        self.failures = self.failures.saturating_add(1);
        Some(self.failures - 1)
    }
}

/// All rooms of a connection.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// Ids are never used again, so that what belongs to an older join is left alone.
    last_id: u32,
    all: Vec<Room>,
}

impl Rooms {
    /// A join goes out: the id it carries.
    pub(super) fn ask(&mut self, ticket: TicketId) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        let (id, stage) = (self.last_id, Stage::Asked);
        match self.all.iter_mut().find(|room| room.ticket == ticket) {
            Some(room) => (room.id, room.stage) = (id, stage),
            None => self.all.push(Room {
                ticket,
                id,
                stage,
                failures: 0,
            }),
        }
        id
    }

    /// A join is answered. If another one may help: how many came to nothing before.
    pub(super) fn answered(&mut self, answer: Answer) -> Option<u32> {
        let room = self.asked_with(answer.id)?;
        match answer.refused {
            None => {
                (room.stage, room.failures) = (Stage::In, 0);
                None
            }
            Some(code) if code.may_pass() => room.fail(),
            Some(_) => {
                self.all.retain(|room| room.id != answer.id);
                None
            }
        }
    }

    /// A join should have been answered by now; the same if it was not.
    pub(super) fn overdue(&mut self, id: u32) -> Option<u32> {
        self.asked_with(id)?.fail()
    }

    /// The wait after a join is over: the room to ask for again, if it is still wanted.
    pub(super) fn due(&self, id: u32) -> Option<TicketId> {
        let waits = |room: &&Room| room.id == id && room.stage == Stage::Waiting;
        self.all.iter().find(waits).map(|room| room.ticket)
    }

    /// Was it let in?
    pub(super) fn is_in(&self, ticket: TicketId) -> bool {
        let here = |room: &Room| room.ticket == ticket && room.stage == Stage::In;
        self.all.iter().any(here)
    }

    /// Has it been kept out of a room for longer than a moment?
    pub(super) fn is_kept_out(&self) -> bool {
        self.all.iter().any(|room| room.failures > 1)
    }

    /// The rooms that it will ask for again after a while.
    pub(super) fn waiting(&self) -> Vec<TicketId> {
        let waits = self.all.iter().filter(|room| room.stage == Stage::Waiting);
        waits.map(|room| room.ticket).collect()
    }

    /// Nobody wants the room any more.
    pub(super) fn leave(&mut self, ticket: TicketId) {
        self.all.retain(|room| room.ticket != ticket);
    }

    /// A new connection is in no room.
    pub(super) fn leave_all(&mut self) {
        self.all.clear();
    }

    fn asked_with(&mut self, id: u32) -> Option<&mut Room> {
        self.all.iter_mut().find(|room| room.id == id)
    }
}

#[cfg(test)]
mod tests {
    use shared::ErrorCode;

    use super::*;

    const TICKET: TicketId = TicketId(7);

    fn granted(id: u32) -> Answer {
        Answer { id, refused: None }
    }

    fn refused(id: u32, code: ErrorCode) -> Answer {
        Answer {
            id,
            refused: Some(code),
        }
    }

    #[test]
    fn it_is_in_a_room_only_when_the_server_says_so() {
        let mut rooms = Rooms::default();
        assert!(!rooms.is_in(TICKET));
        let id = rooms.ask(TICKET);
        assert!(!rooms.is_in(TICKET));
        assert_eq!(rooms.answered(granted(id)), None);
        assert!(rooms.is_in(TICKET));
        assert!(!rooms.is_in(TicketId(8)));
        // It asks for what it missed: until that is answered it may have missed more.
        rooms.ask(TICKET);
        assert!(!rooms.is_in(TICKET));
    }

    #[test]
    fn what_may_pass_is_asked_for_again() {
        let mut rooms = Rooms::default();
        let passing = [
            ErrorCode::Busy,
            ErrorCode::DatabaseUnavailable,
            ErrorCode::Internal,
        ];
        for (before, code) in (0..).zip(passing) {
            let id = rooms.ask(TICKET);
            assert_eq!(rooms.answered(refused(id, code)), Some(before));
            assert_eq!(rooms.due(id), Some(TICKET));
            assert!(!rooms.is_in(TICKET));
        }
        let id = rooms.ask(TICKET);
        rooms.answered(granted(id));
        assert_eq!(rooms.due(id), None);
        // The next trouble begins anew.
        let id = rooms.ask(TICKET);
        assert_eq!(rooms.overdue(id), Some(0));
    }

    #[test]
    fn what_is_final_is_not() {
        for code in [
            ErrorCode::TicketNotFound,
            ErrorCode::Unauthenticated,
            ErrorCode::Unknown,
        ] {
            let mut rooms = Rooms::default();
            let id = rooms.ask(TICKET);
            assert_eq!(rooms.answered(refused(id, code)), None);
            assert_eq!(rooms.overdue(id), None);
            assert_eq!(rooms.due(id), None);
            assert!(!rooms.is_in(TICKET));
        }
    }

    #[test]
    fn no_answer_is_a_refusal_unless_it_comes_after_all() {
        let mut rooms = Rooms::default();
        let id = rooms.ask(TICKET);
        assert_eq!(rooms.overdue(id), Some(0));
        // One wait is enough.
        assert_eq!(rooms.answered(refused(id, ErrorCode::Busy)), None);
        assert_eq!(rooms.due(id), Some(TICKET));
        assert_eq!(rooms.answered(granted(id)), None);
        assert!(rooms.is_in(TICKET));
        assert_eq!(rooms.due(id), None);
        assert_eq!(rooms.overdue(id), None);
    }

    #[test]
    fn what_belongs_to_an_older_join_is_left_alone() {
        let mut rooms = Rooms::default();
        let old = rooms.ask(TICKET);
        let new = rooms.ask(TICKET);
        assert_eq!(rooms.answered(granted(old)), None);
        assert_eq!(rooms.overdue(old), None);
        assert!(!rooms.is_in(TICKET));
        rooms.answered(granted(new));
        assert!(rooms.is_in(TICKET));
        // Another connection is in no room and hears no answer meant for the last one.
        rooms.leave_all();
        assert!(!rooms.is_in(TICKET));
        assert_ne!(rooms.ask(TICKET), new);
        assert_eq!(rooms.answered(granted(new)), None);
        assert!(!rooms.is_in(TICKET));
    }

    #[test]
    fn only_what_fails_again_is_worth_a_word() {
        let mut rooms = Rooms::default();
        let id = rooms.ask(TICKET);
        rooms.answered(refused(id, ErrorCode::Busy));
        assert!(!rooms.is_kept_out());
        assert_eq!(rooms.waiting(), [TICKET]);
        let id = rooms.ask(TICKET);
        assert!(rooms.waiting().is_empty());
        rooms.overdue(id);
        assert!(rooms.is_kept_out());
        // Still so while the next join is on its way.
        let id = rooms.ask(TICKET);
        assert!(rooms.is_kept_out());
        rooms.answered(granted(id));
        assert!(!rooms.is_kept_out());
    }

    #[test]
    fn nobody_waits_for_a_room_that_was_left() {
        let mut rooms = Rooms::default();
        let id = rooms.ask(TICKET);
        assert_eq!(rooms.answered(refused(id, ErrorCode::Busy)), Some(0));
        rooms.leave(TICKET);
        assert_eq!(rooms.due(id), None);
    }
}
