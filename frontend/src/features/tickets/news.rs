//! What is told of a list's tickets while it is open: an answer on its way may be older than that, so it is told again.

use std::rc::Rc;

use shared::{live::ServerEvent, tickets::TicketPage};

use crate::reactive::StoredValue;

/// Takes an event into a page, and says whether that changed it.
type Fold = Rc<dyn Fn(&mut TicketPage, &ServerEvent) -> bool>;

/// Who takes the news in.
#[derive(Clone)]
struct Reader {
    anew: Rc<dyn Fn()>,
    fold: Fold,
}

/// The news of one list.
#[derive(Clone, Copy)]
pub(super) struct News {
    /// What came while an answer was on its way.
    meanwhile: StoredValue<Vec<ServerEvent>>,
    reader: StoredValue<Option<Reader>>,
}

impl News {
    pub(super) fn new() -> Self {
        Self {
            meanwhile: StoredValue::new(Vec::new()),
            reader: StoredValue::new(None),
        }
    }

    /// `fold` takes an event into a page and says whether that changed it; `anew` hears of each new page before.
    pub(super) fn read_by(
        self,
        anew: impl Fn() + 'static,
        fold: impl Fn(&mut TicketPage, &ServerEvent) -> bool + 'static,
    ) {
        self.reader.set_value(Some(Reader {
            anew: Rc::new(anew),
            fold: Rc::new(fold),
        }));
    }

    /// Tells an event; was the page changed?
    pub(super) fn tell(self, page: &mut TicketPage, event: &ServerEvent) -> bool {
        let reader = self.reader.get_value();
        reader.is_some_and(|reader| (reader.fold)(page, event))
    }

    /// Keeps an event for the answer that is on its way.
    pub(super) fn keep(self, event: &ServerEvent) {
        self.meanwhile.update_value(|all| all.push(event.clone()));
    }

    /// An answer is asked for: it will hold everything that was heard before.
    pub(super) fn forget(self) {
        self.meanwhile.set_value(Vec::new());
    }

    /// The answer is here, and told what came meanwhile.
    pub(super) fn tell_again(self, page: &mut TicketPage) {
        let Some(reader) = self.reader.get_value() else {
            return;
        };
        (reader.anew)();
        for event in self.meanwhile.get_value() {
            (reader.fold)(page, &event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use shared::{TicketId, live::UnreadNews};

    use super::*;

    fn read(id: i32) -> ServerEvent {
        ServerEvent::Unread(UnreadNews {
            ticket_id: TicketId(id),
            unread: 0,
            received: 1,
        })
    }

    #[test]
    fn an_answer_is_told_what_came_while_it_was_on_its_way() {
        let mut page = TicketPage {
            tickets: Vec::new(),
            total: 0,
            page: 1,
            per_page: 20,
        };
        let told = Rc::new(RefCell::new(Vec::new()));
        let (first, then) = (told.clone(), told.clone());
        let news = News::new();
        news.keep(&read(1));
        news.read_by(
            move || first.borrow_mut().push(None),
            move |_, event| {
                then.borrow_mut().push(Some(event.clone()));
                true
            },
        );
        // The answer to what is asked now knows of the first.
        news.forget();
        news.keep(&read(2));
        assert!(news.tell(&mut page, &read(2)));
        news.keep(&read(3));
        news.tell_again(&mut page);
        assert_eq!(told.take(), [Some(read(2)), None, Some(read(2)), Some(read(3))]);
        news.forget();
        news.tell_again(&mut page);
        assert_eq!(told.take(), [None]);
    }
}
