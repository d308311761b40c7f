//! `StoredValue` as in Leptos, over one that holds anything: a value that lives as long as its component and tells
//! nobody of its changes. It need not be fit for other threads, there are none.

use std::{any::Any, cell::RefCell, marker::PhantomData, rc::Rc};

use leptos::prelude::{self as plain, GetValue, LocalStorage};

/// A value kept for a component.
pub(crate) struct StoredValue<T> {
    inner: plain::StoredValue<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

fn cell<T: 'static>(value: &Rc<dyn Any>) -> &RefCell<T> {
    let Some(cell) = value.downcast_ref() else {
        unreachable!("it holds what it was made for")
    };
    cell
}

impl<T: 'static> StoredValue<T> {
    /// Keeps a value as long as the calling component lives.
    pub(crate) fn new(value: T) -> Self {
        Self {
            inner: plain::StoredValue::new_local(Rc::new(RefCell::new(value))),
            of: PhantomData,
        }
    }

    /// The value.
    pub(crate) fn get_value(self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// The value, if it is still there.
    pub(crate) fn try_get_value(self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }

    /// Looks at the value.
    pub(crate) fn with_value<R>(self, look: impl FnOnce(&T) -> R) -> R {
        look(&cell(&self.inner.get_value()).borrow())
    }

    /// Looks at the value, if it is still there.
    pub(crate) fn try_with_value<R>(self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let value = self.inner.try_get_value()?;
        Some(look(&cell(&value).borrow()))
    }

    /// Another value, if the old one is still there.
    pub(crate) fn set_value(self, value: T) {
        self.update_value(|old| *old = value);
    }

    /// Changes the value.
    pub(crate) fn update_value(self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Changes the value, if it is still there.
    pub(crate) fn try_update_value<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let value = self.inner.try_get_value()?;
        Some(change(&mut cell(&value).borrow_mut()))
    }
}
