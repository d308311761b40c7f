//! Reading for a page: a call that repeats when its input changes, keeps the old answer meanwhile, and stops when
//! the page is left.

use leptos::{prelude::*, task::spawn_local};
use shared::Endpoint;

use crate::api::{ApiError, Extras, use_api};

/// What a page has of an answer.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    data: RwSignal<Option<T>>,
    failure: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
    again: RwSignal<u32>,
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
        self.failure
    }

    /// Is a call on its way?
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Asks again.
    pub(crate) fn reload(self) {
        self.again.update(|n| *n = n.wrapping_add(1));
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
        move || match (self.data.get(), self.failure.get()) {
            (_, Some(error)) => failed(error, retry),
            (Some(data), None) => ready(data),
            (None, None) => waiting(),
        }
    }
}

/// Calls an endpoint now, and again whenever a signal read by `request` changes.
pub(crate) fn load<E: Endpoint>(
    endpoint: E,
    request: impl Fn() -> (E::Path, E::Input) + 'static,
) -> Loaded<E::Output>
where
    E::Output: Send + Sync,
{
    let api = use_api();
    let loaded = Loaded {
        data: RwSignal::new(None),
        failure: RwSignal::new(None),
        busy: RwSignal::new(true),
        again: RwSignal::new(0),
    };
    let running = StoredValue::new_local(None::<web_sys::AbortController>);
    let stop = move || {
        if let Some(Some(controller)) = running.try_update_value(Option::take) {
            controller.abort();
        }
    };
    on_cleanup(stop);
    Effect::new(move |_| {
        loaded.again.track();
        let (path, input) = request();
        stop();
        let Ok(controller) = web_sys::AbortController::new() else {
            return;
        };
        let signal = controller.signal();
        running.set_value(Some(controller));
        loaded.busy.set(true);
        spawn_local(async move {
            let extras = Extras {
                abort: Some(&signal),
                ..Extras::default()
            };
            let answer = api.call_with(endpoint, path, input, extras).await;
            // A newer call, or none at all, has taken over.
            if signal.aborted() || loaded.busy.is_disposed() {
                return;
            }
            match answer {
                Ok(output) => {
                    loaded.failure.set(None);
                    loaded.data.set(Some(output));
                }
                Err(error) => loaded.failure.set(Some(error)),
            }
            loaded.busy.set(false);
        });
    });
    loaded
}
