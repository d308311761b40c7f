//! Reading for a page: a call that repeats when its input changes and while it fails, keeps the old answer meanwhile, and
//! stops when the page is left.

use gloo_timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use shared::{Endpoint, Method, endpoint::path_of};

use crate::{
    api::{Api, ApiError, Extras, use_api},
    backoff,
    json::{self, Value},
    reactive::{RwSignal, StoredValue, dynamic, effect},
};

/// What a page has of an answer.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    data: RwSignal<Option<T>>,
    state: State,
}

/// What is the same for all answers.
#[derive(Clone, Copy)]
struct State {
    failure: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
    again: RwSignal<u32>,
    /// The call under way may read what is old already: ask again after it.
    late: StoredValue<bool>,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Send + Sync + 'static> Loaded<T> {
    /// The latest answer; stays while the next one is on its way.
    pub(crate) const fn data(self) -> RwSignal<Option<T>> {
        self.data
    }

    /// Why there is no newer answer.
    pub(crate) const fn failure(self) -> RwSignal<Option<ApiError>> {
        self.state.failure
    }

    /// Is a call on its way?
    pub(crate) fn is_busy(self) -> bool {
        self.state.busy.get()
    }

    /// Asks again.
    pub(crate) fn reload(self) {
        self.state.ask_again();
    }

    /// Asks again, but lets the call under way be answered first: an answer that is a little old is better than none.
    pub(crate) fn renew(self) {
        if self.state.busy.get_untracked() {
            self.state.late.set_value(true);
        } else {
            self.reload();
        }
    }
}

impl State {
    fn ask_again(self) {
        self.again.update(|n| *n = n.wrapping_add(1));
    }

    /// Says why there is no newer answer, if that is news: a failure that stays must not be drawn again and again.
    fn fail(self, failure: Option<ApiError>) {
        self.failure.maybe_update(|known| {
            let is_known = match (&*known, &failure) {
                (Some(known), Some(failure)) => known.is_like(failure),
                (known, failure) => known == failure,
            };
            if !is_known {
                *known = failure;
            }
            !is_known
        });
    }
}

impl<T: Clone + Send + Sync + 'static> Loaded<T> {
    /// Draws whichever of the three states holds. An old answer stays on screen while a newer one is fetched.
    pub(crate) fn view(
        self,
        waiting: impl Fn() -> AnyView + Send + 'static,
        failed: impl Fn(ApiError, Callback<()>) -> AnyView + Send + 'static,
        ready: impl Fn(T) -> AnyView + Send + 'static,
    ) -> impl IntoView {
        let retry = Callback::new(move |()| self.reload());
        dynamic(move || match (self.data.get(), self.state.failure.get()) {
            (_, Some(error)) => failed(error, retry),
            (Some(data), None) => ready(data),
            (None, None) => waiting(),
        })
    }
}

/// Calls an endpoint now, again whenever a signal read by `request` changes, and after a while where it failed but may not
/// the next time.
pub(crate) fn load<E: Endpoint>(
    endpoint: E,
    request: impl Fn() -> (E::Path, E::Input) + 'static,
) -> Loaded<E::Output>
where
    E::Output: Send + Sync,
{
    load_amended(endpoint, request, |_| {})
}

/// The same; `amend` may change each answer before it is shown.
pub(crate) fn load_amended<E: Endpoint>(
    _endpoint: E,
    request: impl Fn() -> (E::Path, E::Input) + 'static,
    amend: impl Fn(&mut E::Output) + 'static,
) -> Loaded<E::Output>
where
    E::Output: Send + Sync,
{
    let state = State {
        failure: RwSignal::new(None),
        busy: RwSignal::new(true),
        again: RwSignal::new(0),
        late: StoredValue::new(false),
    };
    let data = RwSignal::new(None);
    let request = move || {
        let (path, input) = request();
        (path_of::<E>(&path), json::value(&input))
    };
    let arrive = move |answer: Value| {
        let mut output = json::take::<E::Output>(answer);
        let Some(understood) = &mut output else {
            return false;
        };
        amend(understood);
        data.set(output);
        true
    };
    keep_asking(
        use_api(),
        E::METHOD,
        state,
        Box::new(request),
        std::rc::Rc::new(arrive),
    );
    Loaded { data, state }
}

/// The part of `load` that is the same for all endpoints, compiled once. `arrive` tells whether it understood.
fn keep_asking(
    api: Api,
    method: Method,
    state: State,
    request: Box<dyn Fn() -> (String, Value)>,
    arrive: std::rc::Rc<dyn Fn(Value) -> bool>,
) {
    let running = StoredValue::new(None::<web_sys::AbortController>);
    let waiting = StoredValue::new(None::<Timeout>);
    let failures = StoredValue::new(0_u32);
    let is_retry = StoredValue::new(false);
    let stop = move || {
        waiting.set_value(None);
        if let Some(Some(controller)) = running.try_update_value(Option::take) {
            controller.abort();
        }
    };
    on_cleanup(stop);
    effect(move || {
        state.again.track();
        let (path, input) = request();
        stop();
        if is_retry.try_update_value(std::mem::take) != Some(true) {
            // Another question, or somebody asks.
            failures.set_value(0);
        }
        let Ok(controller) = web_sys::AbortController::new() else {
            return;
        };
        let signal = controller.signal();
        running.set_value(Some(controller));
        state.late.set_value(false);
        state.busy.set(true);
        let arrive = arrive.clone();
        spawn_local(async move {
            let extras = Extras {
                abort: Some(&signal),
                ..Extras::default()
            };
            let answer = api.exchange(method, path, input, extras).await;
            // A newer call, or none at all, has taken over.
            if signal.aborted() || state.busy.is_disposed() {
                return;
            }
            let failure = match answer {
                Ok(answer) => (!arrive(answer)).then(ApiError::unreadable),
                Err(error) => Some(error),
            };
            let hope = failure.as_ref().is_some_and(ApiError::may_pass);
            state.fail(failure);
            state.busy.set(false);
            if state.late.get_value() {
                state.ask_again();
            } else if hope {
                let before = failures.get_value();
                failures.set_value(before.saturating_add(1));
                let ms = backoff::ASK.wait_ms(before, js_sys::Math::random());
                waiting.set_value(Some(Timeout::new(ms, move || {
                    is_retry.set_value(true);
                    state.ask_again();
                })));
            }
        });
    });
}
