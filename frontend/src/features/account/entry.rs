//! The frame of the pages before the product: the wave wall on one side, a form on the other.

use leptos::prelude::*;

use crate::{
    components::logo::Brand,
    layout::switches::{LangSwitch, ThemeSwitch},
    paths,
    text::use_text,
};

/// The frame; the children are the form.
#[component]
pub(super) fn Entry(children: Children) -> impl IntoView {
    let t = use_text();
    view! {
        <div class="login">
            <aside class="login-art" aria-hidden="true" inert>
                <Waves/>
                <Brand href=paths::SUBMIT/>
                <div>
                    <h2>{t.account.slogan}</h2>
                    <p>{t.account.promise}</p>
                </div>
            </aside>
            <main class="login-main" id="main">
                <div class="login-brand">
                    <Brand href=paths::SUBMIT/>
                </div>
                <div class="login-corner">
                    <LangSwitch/>
                    <ThemeSwitch/>
                </div>
                {children()}
            </main>
        </div>
    }
    .into_any()
}

/// 青海波: rows of discs, each covering half of the row behind it.
#[component]
fn Waves() -> impl IntoView {
    const STEP: i32 = 120;
    const RISE: i32 = 34;
    let discs = (0..9)
        .flat_map(|row| {
            let shift = if row % 2 == 0 { 0 } else { STEP / 2 };
            (-1..10).map(move |column| (column * STEP + shift, 70 + row * RISE))
        })
        .map(|(x, y)| view! { <use href="#wave" x=x.to_string() y=y.to_string()></use> })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <svg class="waves" viewBox="0 0 640 330" preserveAspectRatio="xMidYMin slice">
            <defs>
                <g id="wave">
                    <circle r="60" fill="var(--wall)"></circle>
                    <g fill="none" stroke="currentColor">
                        <circle r="59" stroke-width="1.4" opacity=".6"></circle>
                        <circle r="46" opacity=".42"></circle>
                        <circle r="33" opacity=".3"></circle>
                        <circle r="20" opacity=".22"></circle>
                        <circle r="8" fill="currentColor" stroke="none" opacity=".16"></circle>
                    </g>
                </g>
            </defs>
            {discs}
        </svg>
    }
}
