//! Starts the SPA: panic hook, mount.

mod alerts;
mod api;
mod app;
mod backoff;
mod components;
mod dom;
mod features;
mod fetch;
mod json;
mod later;
mod layout;
mod live;
mod number;
mod pages;
mod paths;
mod query;
mod reactive;
mod refusal;
mod router;
mod session;
mod storage;
mod text;
mod theme;
mod time;

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
    leptos::mount::mount_to_body(app::App);
}
