//! Who is writing, in one line below the thread.

use leptos::prelude::*;
use shared::live::TypingNews;

use crate::{
    features::tickets::conversation::Conversation,
    reactive::optional,
    text::{fill, tickets::LogText, use_text},
};

/// The line; its room is always there, so that nothing moves.
#[component]
pub(super) fn Writing(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    view! {
        <p class="typing" aria-live="polite">
            {optional(move || {
                let words = conversation.typing().with(|writers| words(&t.tickets.log, writers))?;
                Some(
                    view! {
                        <i aria-hidden="true">
                            <span></span>
                            <span></span>
                            <span></span>
                        </i>
                        <span>{words}</span>
                    },
                )
            })}
        </p>
    }
}

/// `甲、乙 正在输入 · 丙 正在写内部备注`; nothing while nobody writes.
fn words(t: &LogText, writers: &[TypingNews]) -> Option<String> {
    let part = |internal| {
        let names: Vec<&str> = writers
            .iter()
            .filter(|one| one.internal == internal)
            .map(|one| one.name.as_str())
            .collect();
        let template = if internal { t.typing_note } else { t.typing };
        let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
        (count > 0).then(|| fill(&template.of(count), &[("names", &names.join(t.and))]))
    };
    let parts: Vec<String> = [part(false), part(true)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use shared::{TicketId, UserId, messages::SenderType};

    use super::*;
    use crate::text::{EN, ZH};

    #[test]
    fn writers_are_named_together_and_notes_apart() {
        let one = |name: &str, internal| TypingNews {
            ticket_id: TicketId(1),
            user_id: UserId(1),
            name: name.to_owned(),
            sender_type: SenderType::Admin,
            typing: true,
            internal,
        };
        let (zh, en) = (&ZH.tickets.log, &EN.tickets.log);
        assert_eq!(words(zh, &[]), None);
        let all = [one("陈默", false), one("周宁", true), one("林晓雯", false)];
        assert_eq!(
            words(zh, &all).unwrap(),
            "陈默、林晓雯 正在输入 · 周宁 正在写内部备注"
        );
        let all = [one("Ann", true), one("Bob", true)];
        assert_eq!(words(en, &all).unwrap(), "Ann and Bob are writing notes");
        assert_eq!(words(en, &all[..1]).unwrap(), "Ann is writing a note");
    }
}
