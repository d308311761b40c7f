//! `RwSignal`, `Memo` and `Signal` with the names and ways of Leptos, over one of each that holds anything. Leptos' own
//! are compiled again for every type of value, two kilobytes a time.

use std::{any::Any, marker::PhantomData, sync::Arc};

use leptos::prelude::{self as plain, Get, GetUntracked, GetValue, IsDisposed, Set, Track, Update, untrack};

/// A value of any type.
type Anything = Arc<dyn Any + Send + Sync>;

fn seen<T: 'static>(value: &Anything) -> &T {
    let Some(value) = value.downcast_ref() else {
        unreachable!("it holds what it was made for")
    };
    value
}

/// A value that changes.
pub(crate) struct RwSignal<T> {
    inner: plain::RwSignal<Anything>,
    of: PhantomData<fn() -> T>,
}

/// A value that is worked out from signals, and tells of a change only when it differs.
pub(crate) struct Memo<T> {
    inner: plain::Memo<Known>,
    of: PhantomData<fn() -> T>,
}

/// A value that is worked out each time it is asked for; what components take as a property.
pub(crate) struct Signal<T> {
    inner: plain::StoredValue<Arc<dyn Fn() -> Anything + Send + Sync>>,
    of: PhantomData<fn() -> T>,
}

/// What a memo knows, and how to tell whether it differs.
#[derive(Clone)]
struct Known {
    value: Anything,
    same: fn(&Anything, &Anything) -> bool,
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&self.value, &other.value)
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal that lives as long as the calling component.
    pub(crate) fn new(value: T) -> Self {
        Self {
            inner: plain::RwSignal::new(Arc::new(value)),
            of: PhantomData,
        }
    }

    fn value(self) -> Anything {
        self.inner.get()
    }

    fn value_untracked(self) -> Anything {
        self.inner.get_untracked()
    }

    /// Another value.
    pub(crate) fn set(self, value: T) {
        self.inner.set(Arc::new(value));
    }

    /// Another value, and whether the signal was still there to take it.
    pub(crate) fn try_set(self, value: T) -> bool {
        self.inner.try_set(Arc::new(value)).is_none()
    }

    /// Changes the value.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// Changes the value, if it is still there.
    pub(crate) fn try_update<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.alter(|value| (true, change(value)))
    }

    /// Looks at the value and perhaps changes it; `change` says whether it did.
    pub(crate) fn maybe_update(self, change: impl FnOnce(&mut T) -> bool) {
        self.alter(|value| (change(value), ()));
    }

    fn alter<R>(self, change: impl FnOnce(&mut T) -> (bool, R)) -> Option<R> {
        fn boxed(signal: plain::RwSignal<Anything>, change: &mut dyn FnMut(&mut Anything) -> bool) {
            signal.maybe_update(change);
        }
        let mut change = Some(change);
        let mut result = None;
        if self.is_disposed() {
            return None;
        }
        boxed(self.inner, &mut |value| {
            let Some((value, change)) = Arc::get_mut(value)
                .and_then(|value| value.downcast_mut())
                .zip(change.take())
            else {
                unreachable!("a value is not changed by those who look at it")
            };
            let (changed, answer) = change(value);
            result = Some(answer);
            changed
        });
        result
    }

    /// Is the component gone that made it?
    pub(crate) fn is_disposed(self) -> bool {
        self.inner.is_disposed()
    }

    /// The value, if it is still there.
    pub(crate) fn try_get_untracked(self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_untracked(T::clone)
    }

    /// Looks at the value, if it is still there.
    pub(crate) fn try_with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let value = self.inner.try_get_untracked()?;
        Some(look(seen(&value)))
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo that lives as long as the calling component.
    pub(super) fn new(of: impl Fn() -> T + Send + Sync + 'static) -> Self {
        fn boxed(of: Box<dyn Fn() -> Known + Send + Sync>) -> plain::Memo<Known> {
            plain::Memo::new(move |_| of())
        }
        let known = move || Known {
            value: Arc::new(of()),
            same: |a, b| seen::<T>(a) == seen::<T>(b),
        };
        Self {
            inner: boxed(Box::new(known)),
            of: PhantomData,
        }
    }
}

impl<T> Memo<T> {
    fn value(self) -> Anything {
        self.inner.get().value
    }

    fn value_untracked(self) -> Anything {
        self.inner.get_untracked().value
    }
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// A signal that lives as long as the calling component.
    pub(super) fn new(of: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self {
            inner: plain::StoredValue::new(Arc::new(move || Arc::new(of()))),
            of: PhantomData,
        }
    }
}

impl<T> Signal<T> {
    fn value(self) -> Anything {
        (self.inner.get_value())()
    }

    fn value_untracked(self) -> Anything {
        untrack(|| self.value())
    }
}

impl<T: Clone + Send + Sync + 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self::new(move || value.clone())
    }
}

impl From<&'static str> for Signal<String> {
    fn from(text: &'static str) -> Self {
        Self::new(|| text.to_owned())
    }
}

impl<T: Clone + Default + Send + Sync + 'static> Default for Signal<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for Signal<T> {
    fn from(source: RwSignal<T>) -> Self {
        Self::new(move || source.get())
    }
}

impl<T: Clone + Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(source: Memo<T>) -> Self {
        Self::new(move || source.get())
    }
}

macro_rules! readable {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T: Send + Sync + 'static> $name<T> {
            /// The value; whoever reads it follows its changes.
            pub(crate) fn get(self) -> T
            where
                T: Clone,
            {
                seen::<T>(&self.value()).clone()
            }

            /// The value as it is now.
            pub(crate) fn get_untracked(self) -> T
            where
                T: Clone,
            {
                seen::<T>(&self.value_untracked()).clone()
            }

            /// Looks at the value; whoever does follows its changes.
            pub(crate) fn with<R>(self, look: impl FnOnce(&T) -> R) -> R {
                look(seen(&self.value()))
            }
        }
    };
}

/// What only those can do that hold a value.
macro_rules! holding {
    ($name:ident) => {
        impl<T: Send + Sync + 'static> $name<T> {
            /// Looks at the value as it is now.
            pub(crate) fn with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> R {
                look(seen(&self.value_untracked()))
            }

            /// Follows its changes without looking.
            pub(crate) fn track(self) {
                self.inner.track();
            }
        }
    };
}

readable!(RwSignal);
readable!(Memo);
readable!(Signal);
holding!(RwSignal);
holding!(Memo);
