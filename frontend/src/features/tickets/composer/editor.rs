//! The composer on screen: tabs for agents, the field, the files, and the button that sends.

use leptos::prelude::*;
use shared::{Status, messages::SenderType};

use super::Writing;
use crate::{
    components::{
        banner::{Banner, Tone},
        button::{Button, IconButton, Look},
        icon::{Icon, icon},
        mark::StatusMark,
        menu::{Menu, MenuItem},
    },
    dom,
    features::tickets::{
        conversation::Conversation,
        draft::Mode,
        files::{Drop, FileRows, Picker},
        guard::Guard,
    },
    reactive::{NodeRef, Signal, derived, dynamic, handler, optional},
    text::use_text,
};

/// The composer. `target` is the pane on which files may be dropped.
#[component]
pub(in super::super) fn Composer(
    conversation: Conversation,
    writing: Writing,
    target: Drop,
) -> impl IntoView {
    let t = use_text();
    let is_agent = conversation.viewer().side == SenderType::Admin;
    let note = move || writing.mode.get() == Mode::Note;
    let picker = NodeRef::new();
    let hint = dom::uid();
    let fault_id = dom::uid();
    let described = {
        let (hint, fault_id) = (hint.clone(), fault_id.clone());
        move || match (writing.fault.get(), note()) {
            (Some(_), _) => Some(fault_id.clone()),
            (None, true) => Some(hint.clone()),
            (None, false) => None,
        }
    };
    let fault = optional(move || {
        let id = fault_id.clone();
        writing.fault.get().map(move |fault| view! { <p class="composer-fault" id=id role="alert">{icon(Icon::Alert)} {fault}</p> })
    });
    view! {
        <Guard
            held=writing.held
            on_look=move |()| writing.look()
            on_anyway=move |()| writing.send_anyway()
        />
        {optional(move || {
            (!conversation.thread().with(|thread| thread.ticket.status.is_open()) && !is_agent)
                .then(|| view! { <Banner tone=Tone::Info><span>{t.tickets.composer.reopens}</span></Banner> })
        })}
        <form
            class="composer"
            aria-label=move || if note() { t.tickets.composer.note } else { t.tickets.composer.reply }
            data-mode=move || note().then_some("note")
            data-filled=move || writing.is_filled().then_some("")
            on:submit=handler(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                writing.send(None);
            })
        >
            {is_agent.then(|| view! { <Modes writing=writing hint=hint.clone()/> })}
            <Field conversation=conversation writing=writing target=target described=derived(described)/>
            {dynamic(move || {
                let files = writing.sheet().files;
                let retry = move |key: String| files.upload(key, conversation.id, true);
                view! { <FileRows files=files retry=retry/> }
            })}
            {fault}
            <div class="composer-bar">
                <Picker
                    node=picker
                    label=t.tickets.files.title
                    behind=true
                    on_files=move |files| writing.add_files(files)
                />
                <IconButton
                    glyph=Icon::Clip
                    label=t.tickets.files.add
                    on_click=move |()| {
                        if let Some(input) = picker.get_untracked() {
                            input.click();
                        }
                    }
                />
                <span class="muted small wide-only">
                    {move || writing.saved.get().then_some(t.tickets.composer.saved)}
                </span>
                <span class="split">
                    {dynamic(move || {
                        view! {
                            <Button
                                submit=true
                                look=if note() { Look::Note } else { Look::Primary }
                                busy=derived(move || writing.pending.get().is_some())
                            >
                                {t.tickets.composer.send}
                                <span class="kbd wide-only" aria-hidden="true">{send_key()}</span>
                            </Button>
                        }
                    })}
                    {is_agent.then(|| view! { <SendAnd conversation=conversation writing=writing/> })}
                </span>
            </div>
        </form>
    }
    .into_any()
}

/// Answer or note.
#[component]
fn Modes(writing: Writing, hint: String) -> impl IntoView {
    let t = use_text();
    let tab = move |mode: Mode, glyph: Option<Icon>, word: &'static str| {
        let here = move || writing.mode.get() == mode;
        view! {
            <button
                type="button"
                role="tab"
                aria-selected=move || here().to_string()
                tabindex=move || if here() { "0" } else { "-1" }
                on:click=handler(move |_| writing.write(mode))
            >
                {glyph.map(icon)}
                {word}
            </button>
        }
    };
    let steer = move |event: web_sys::KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
            event.prevent_default();
            let other = match writing.mode.get_untracked() {
                Mode::Reply => Mode::Note,
                Mode::Note => Mode::Reply,
            };
            writing.mode.set(other);
            let tab = event
                .current_target()
                .and_then(|tabs| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(tabs).ok());
            if let Some(tab) = tab.and_then(|tabs| dom::first(&tabs, "[aria-selected=true]")) {
                dom::focus(&tab);
            }
        }
    };
    view! {
        <div class="tabs" role="tablist" on:keydown=handler(steer)>
            {tab(Mode::Reply, None, t.tickets.composer.reply)}
            {tab(Mode::Note, Some(Icon::Lock), t.tickets.composer.note)}
        </div>
        <span class="sr-only" id=hint>{t.tickets.composer.note_hint}</span>
    }
    .into_any()
}

/// The field; one node for both modes, so that the focus stays.
#[component]
fn Field(
    conversation: Conversation,
    writing: Writing,
    target: Drop,
    described: Signal<Option<String>>,
) -> impl IntoView {
    let t = use_text();
    let tell_typing = conversation.tell_typing();
    let is_agent = conversation.viewer().side == SenderType::Admin;
    let placeholder = move || match (writing.mode.get(), is_agent) {
        (Mode::Note, _) => t.tickets.composer.note_hint,
        (Mode::Reply, true) => t.tickets.composer.to_customer,
        (Mode::Reply, false) => t.tickets.composer.to_agent,
    };
    let typed = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        tell_typing(
            !text.trim().is_empty(),
            writing.mode.get_untracked() == Mode::Note,
        );
        writing.fault.set(None);
        untrack(|| writing.sheet()).text.set(text);
    };
    view! {
        <textarea
            rows=if is_agent { "3" } else { "1" }
            aria-label=t.tickets.composer.label
            aria-describedby=move || described.get()
            aria-invalid=move || writing.fault.get().map(|_| "true")
            placeholder=placeholder
            node_ref=writing.field
            prop:value=move || writing.sheet().text.get()
            on:input=handler(typed)
            on:blur=handler(move |_| tell_typing(false, false))
            on:paste=handler(move |event: web_sys::ClipboardEvent| target.paste(&event))
            on:keydown=handler(move |event: web_sys::KeyboardEvent| {
                let with_modifier = event.ctrl_key() || event.meta_key();
                if event.key() == "Enter" && with_modifier && !event.is_composing() {
                    event.prevent_default();
                    tell_typing(false, false);
                    writing.send(None);
                } else if event.key() == "Escape" && let Some(field) = writing.field.get_untracked() {
                    let _ = field.blur();
                }
            })
        ></textarea>
    }
}

/// Sends and moves the ticket in one go.
#[component]
fn SendAnd(conversation: Conversation, writing: Writing) -> impl IntoView {
    let t = use_text();
    let status = conversation.part(|ticket| ticket.status);
    dynamic(move || {
        let targets = targets(status.get());
        if targets.is_empty() {
            return ().into_any();
        }
        let class = if writing.mode.get() == Mode::Note {
            "btn btn--note"
        } else {
            "btn btn--primary"
        };
        view! {
            <Menu label=t.tickets.composer.more class=class trigger=|| icon(Icon::Down)>
                {targets
                    .iter()
                    .map(|&status| {
                        view! {
                            <MenuItem on_pick=move |()| writing.send(Some(status))>
                                {t.tickets.composer.send_and}
                                <StatusMark status=status/>
                            </MenuItem>
                        }
                    })
                    .map(IntoAny::into_any).collect::<Vec<_>>()}
            </Menu>
        }
        .into_any()
    })
}

/// Where a message may take the ticket; closing asks for a result first and has its own dialog.
fn targets(from: Status) -> Vec<Status> {
    // The first answer moves a pending ticket to processing by itself.
    let worth = |to: &&Status| {
        matches!(to, Status::Resolved) || (**to == Status::Pending && from == Status::Processing)
    };
    from.next().iter().filter(worth).copied().collect()
}

/// The keys that send, as this system names them.
fn send_key() -> &'static str {
    let apple = window()
        .navigator()
        .user_agent()
        .is_ok_and(|agent| agent.contains("Mac") || agent.contains("iPhone"));
    if apple { "⌘↵" } else { "Ctrl ↵" }
}
