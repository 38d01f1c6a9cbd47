//! What `timeout` asks of an annotated function, as bounds whose errors say what to write. What is done when the time is
//! over is in `read`.

use crate::codec::CacheValue;
use crate::error::LoadTimeout;
use crate::outcome::{Fallible, Outcome, Shareable};
use crate::read::Read;

/// How a function returns that can say that its load took too long.
#[diagnostic::on_unimplemented(
    message = "`timeout` is for functions that return a `Result`",
    label = "this function has no error to return when the time is over"
)]
pub trait Limited {}

#[diagnostic::do_not_recommend]
impl<T, E> Limited for Fallible<T, E> {}
#[diagnostic::do_not_recommend]
impl<T, E: Clone + Send + Sync + 'static> Limited for Shareable<T, E> {}

/// How a function returns whose error is made by `From`.
#[diagnostic::on_unimplemented(
    message = "`timeout` is for functions that return a `Result`",
    label = "this function has no error to return when the time is over"
)]
pub trait LimitedByFrom: Outcome {
    /// The error for it.
    fn timed_out(timeout: LoadTimeout) -> Self::Error;
}

impl<T, E: FromTimeout> LimitedByFrom for Fallible<T, E> {
    fn timed_out(timeout: LoadTimeout) -> E {
        E::from_timeout(timeout)
    }
}

impl<T, E: FromTimeout + Clone + Send + Sync + 'static> LimitedByFrom for Shareable<T, E> {
    fn timed_out(timeout: LoadTimeout) -> E {
        E::from_timeout(timeout)
    }
}

/// An error that a timeout becomes.
#[diagnostic::on_unimplemented(
    message = "`timeout` returns the function's own error, and `{Self}` cannot be made of a `LoadTimeout`",
    label = "no `From<cached_core::LoadTimeout>`",
    note = "write `timeout_error = EXPR` for what to return then, or `impl From<cached_core::LoadTimeout>` for the error (`#[from]` of thiserror)"
)]
pub trait FromTimeout {
    /// Makes it.
    fn from_timeout(timeout: LoadTimeout) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<LoadTimeout>> FromTimeout for E {
    fn from_timeout(timeout: LoadTimeout) -> E {
        timeout.into()
    }
}

impl<'a, O: Outcome> Read<'a, O>
where
    O::Value: CacheValue,
{
    /// When the time is over, the error is made of a [`LoadTimeout`].
    pub fn timeout(self) -> Self
    where
        O: LimitedByFrom + 'a,
    {
        self.timeout_with(O::timed_out)
    }

    /// When the time is over, the error is what a closure gives.
    pub fn timeout_error(self, error: impl Fn(LoadTimeout) -> O::Error + Send + Sync + 'a) -> Self
    where
        O: Limited,
    {
        self.timeout_with(error)
    }
}
