//! `NodeRef` as in Leptos, in one form for all elements: the element that a view has drawn.

use std::marker::PhantomData;

use leptos::tachys::html::{element::ElementType, node_ref::NodeRefContainer};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{RwSignal, StoredValue};

/// An element, once it is drawn; `node_ref=` in a view names it.
pub(crate) struct NodeRef<T = HtmlElement> {
    element: StoredValue<Option<Element>>,
    drawn: RwSignal<()>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for NodeRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for NodeRef<T> {}

impl<T> Default for NodeRef<T> {
    fn default() -> Self {
        Self {
            element: StoredValue::new(None),
            drawn: RwSignal::new(()),
            of: PhantomData,
        }
    }
}

impl NodeRef {
    /// No element yet; `default()` is the same for one of a certain kind.
    pub(crate) fn new() -> Self {
        Self::default()
    }
}

impl<T: JsCast> NodeRef<T> {
    /// The element; whoever reads it hears of its being drawn.
    pub(crate) fn get(self) -> Option<T> {
        self.drawn.track();
        self.get_untracked()
    }

    /// The element as it is now, if its component is still there.
    pub(crate) fn get_untracked(self) -> Option<T> {
        self.element.try_get_value()??.dyn_into().ok()
    }
}

impl<E: ElementType, T: 'static> NodeRefContainer<E> for NodeRef<T> {
    fn load(self, element: &Element) {
        self.element.set_value(Some(element.clone()));
        self.drawn.set(());
    }
}
