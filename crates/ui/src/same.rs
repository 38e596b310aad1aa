//! Shared values that a component compares by identity, so that an unchanged one costs nothing.

use std::ops::Deref;
use std::rc::Rc;

/// An `Rc` that equals another only when both are the same allocation.
pub struct Same<T: ?Sized>(pub Rc<T>);

impl<T: ?Sized> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: ?Sized> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Deref for Same<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Same<T> {
    /// A new allocation, equal only to its clones.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}
