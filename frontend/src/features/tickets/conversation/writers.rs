//! Who is writing, in the order in which they began. Pure: when somebody falls silent is told from outside.

use shared::{UserId, live::TypingNews, messages::SenderType};

/// Who somebody is: all guests have the same number.
pub(super) type Person = (SenderType, UserId);

/// The person that news are about.
pub(super) fn person(news: &TypingNews) -> Person {
    (news.sender_type, news.user_id)
}

/// Takes news in; did that change anything?
pub(super) fn hear(writers: &mut Vec<TypingNews>, news: &TypingNews) -> bool {
    if !news.typing {
        return stop(writers, person(news));
    }
    match writers.iter_mut().find(|known| person(known) == person(news)) {
        Some(known) if known == news => return false,
        Some(known) => known.clone_from(news),
        None => writers.push(news.clone()),
    }
    true
}

/// Somebody writes no more; did he write?
pub(super) fn stop(writers: &mut Vec<TypingNews>, who: Person) -> bool {
    let before = writers.len();
    writers.retain(|known| person(known) != who);
    writers.len() != before
}

#[cfg(test)]
mod tests {
    use shared::TicketId;

    use super::*;

    fn news(side: SenderType, id: i32, typing: bool) -> TypingNews {
        TypingNews {
            ticket_id: TicketId(1),
            user_id: UserId(id),
            name: format!("{id}"),
            sender_type: side,
            typing,
            internal: false,
        }
    }

    fn names(writers: &[TypingNews]) -> Vec<&str> {
        writers.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn each_stops_for_himself() {
        use SenderType::{Admin, Customer};
        let mut writers = Vec::new();
        assert!(hear(&mut writers, &news(Customer, 4, true)));
        assert!(hear(&mut writers, &news(Admin, 2, true)));
        assert!(!hear(&mut writers, &news(Customer, 4, true)));
        assert_eq!(names(&writers), ["4", "2"]);
        assert!(hear(&mut writers, &news(Admin, 2, false)));
        assert_eq!(names(&writers), ["4"]);
        assert!(!stop(&mut writers, (Admin, UserId(4))));
        assert!(stop(&mut writers, (Customer, UserId(4))));
        assert!(!hear(&mut writers, &news(Customer, 4, false)));
        assert!(writers.is_empty());
    }

    #[test]
    fn an_answer_may_become_a_note() {
        let mut writers = vec![news(SenderType::Admin, 2, true)];
        let note = TypingNews {
            internal: true,
            ..news(SenderType::Admin, 2, true)
        };
        assert!(hear(&mut writers, &note));
        assert_eq!(writers, [note]);
    }
}
