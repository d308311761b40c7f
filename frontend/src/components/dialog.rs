//! Modal dialogs on the native `<dialog>`: it traps the focus, takes Esc, and gives the focus back to the opener.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use super::button::{Button, Look};
use crate::{
    dom,
    reactive::{NodeRef, RwSignal, Signal, effect, handler, optional},
    text::use_text,
};

/// A dialog. Its children are drawn while it is open: a `.dialog-body` and a `.dialog-foot`, usually in a form.
#[component]
pub(crate) fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Something was typed: Esc and a click beside it do not close it any more.
    #[prop(optional, into)]
    dirty: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<web_sys::HtmlDialogElement>::default();
    let title_id = dom::uid();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            spawn_local(async move {
                // The children are drawn first, so that the first field gets the focus.
                dom::sleep(0).await;
                if open.try_get_untracked() == Some(true) && dialog.is_connected() {
                    let _ = dialog.show_modal();
                    if let Some(field) = dom::first(&dialog, "input, textarea, select") {
                        dom::focus(&field);
                    }
                }
            });
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let may_leave = move || !dirty.get_untracked();
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !may_leave() {
            event.prevent_default();
        }
    };
    let on_press = move |event: web_sys::PointerEvent| {
        let beside = event
            .target()
            .zip(node.get_untracked())
            .is_some_and(|(target, dialog)| {
                target
                    .dyn_ref::<web_sys::Node>()
                    .is_some_and(|target| target.is_same_node(Some(dialog.as_ref())))
            });
        if beside && may_leave() {
            open.set(false);
        }
    };
    let heading = title_id.clone();
    view! {
        <dialog
            class="dialog"
            node_ref=node
            aria-labelledby=title_id
            on:close=handler(move |_| open.set(false))
            on:keydown=handler(on_key)
            on:pointerdown=handler(on_press)
        >
            {optional(move || {
                open.get()
                    .then(|| {
                        view! {
                            <h2 class="dialog-head" id=heading.clone()>{move || title.get()}</h2>
                            {children()}
                        }
                    })
            })}
        </dialog>
    }
    .into_any()
}

/// Cancel and the verb, at the foot of a dialog's form.
#[component]
pub(crate) fn DialogFoot(
    open: RwSignal<bool>,
    /// The verb, the same as in the title.
    #[prop(into)]
    action: Signal<String>,
    #[prop(optional)] look: Option<Look>,
    #[prop(optional, into)] busy: Signal<bool>,
) -> impl IntoView {
    let t = use_text();
    view! {
        <div class="dialog-foot">
            <Button on_click=move |()| open.set(false)>{t.cancel}</Button>
            <Button submit=true look=look.unwrap_or(Look::Primary) busy=busy>
                {move || action.get()}
            </Button>
        </div>
    }
    .into_any()
}

/// Asks before something that cannot be undone.
#[component]
pub(crate) fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] action: Signal<String>,
    #[prop(optional)] look: Option<Look>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(into)] on_confirm: Callback<()>,
) -> impl IntoView {
    let look = look.unwrap_or(Look::Danger);
    view! {
        <Dialog open=open title=title>
            <form on:submit=handler(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                on_confirm.run(());
            })>
                <div class="dialog-body">
                    <p>{move || text.get()}</p>
                </div>
                <DialogFoot open=open action=action look=look busy=busy/>
            </form>
        </Dialog>
    }
}
