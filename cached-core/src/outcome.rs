//! What an annotated function returns, taken apart: `Result<T, E>` caches `Ok`, anything else is the value itself.
//!
//! Types decide, not spelling, so aliases of `Result` behave the same. How the macros reach this is in `private`.

use std::any::Any;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

/// How a return type holds a value or an error.
pub trait Outcome {
    /// The declared return type.
    type Return;
    /// What is cached.
    type Value;
    /// What is not.
    type Error;

    /// Takes a return value apart.
    fn open(returned: Self::Return) -> Result<Self::Value, Self::Error>;
    /// Puts one together.
    fn close(result: Result<Self::Value, Self::Error>) -> Self::Return;
    /// The cached part of a return value, if it has one.
    fn peek(returned: &Self::Return) -> Option<&Self::Value>;
    /// Whether the value is one to keep.
    fn is_cacheable() -> bool {
        true
    }
    /// An error that waiting callers can take a clone of, if it can be cloned.
    fn share(_: &Self::Error) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }
    /// A clone of a shared error.
    fn unshare(_: &Arc<dyn Any + Send + Sync>) -> Option<Self::Error> {
        None
    }
}

/// Any type but `Result`: there is no error.
pub struct Plain<T>(PhantomData<fn() -> T>);

impl<T> Outcome for Plain<T> {
    type Return = T;
    type Value = T;
    type Error = Infallible;

    fn open(returned: T) -> Result<T, Infallible> {
        Ok(returned)
    }
    fn close(result: Result<T, Infallible>) -> T {
        match result {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }
    fn peek(returned: &T) -> Option<&T> {
        Some(returned)
    }
    /// In a function that returns a bare `T`, which implementation applies is chosen before `T` is known. If it is a
    /// `Result` after all, an error would be kept as a value.
    fn is_cacheable() -> bool {
        !std::any::type_name::<T>().starts_with("core::result::Result<")
    }
}

/// A `Result` whose error cannot be cloned: callers that wait for a load which fails load one after the other.
pub struct Fallible<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E> Outcome for Fallible<T, E> {
    type Return = Result<T, E>;
    type Value = T;
    type Error = E;

    fn open(returned: Result<T, E>) -> Result<T, E> {
        returned
    }
    fn close(result: Result<T, E>) -> Result<T, E> {
        result
    }
    fn peek(returned: &Result<T, E>) -> Option<&T> {
        returned.as_ref().ok()
    }
}

/// A `Result` whose error can be cloned: callers that wait for a load which fails are given a clone.
pub struct Shareable<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E: Clone + Send + Sync + 'static> Outcome for Shareable<T, E> {
    type Return = Result<T, E>;
    type Value = T;
    type Error = E;

    fn open(returned: Result<T, E>) -> Result<T, E> {
        returned
    }
    fn close(result: Result<T, E>) -> Result<T, E> {
        result
    }
    fn peek(returned: &Result<T, E>) -> Option<&T> {
        returned.as_ref().ok()
    }
    fn share(error: &E) -> Option<Arc<dyn Any + Send + Sync>> {
        Some(Arc::new(error.clone()))
    }
    fn unshare(error: &Arc<dyn Any + Send + Sync>) -> Option<E> {
        error.downcast_ref::<E>().cloned()
    }
}
