//! What `stale_while_revalidate` and `stale_if_error` ask of an annotated function, as bounds whose errors say what to
//! write. What is done with stale values is in `read`.

use crate::codec::CacheValue;
use crate::outcome::{Fallible, Outcome, Shareable};
use crate::read::Read;
use std::future::Future;
use std::pin::Pin;

/// A call of the annotated function that owns its arguments.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes one.
pub fn task(call: impl Future<Output = ()> + Send + 'static) -> Task {
    Box::pin(call)
}

/// What a background task can own a copy of.
#[diagnostic::on_unimplemented(
    message = "a load in the background takes a copy of `{Self}`",
    label = "cannot be cloned and sent to another task",
    note = "`stale_while_revalidate` loads in the background, and so does `timeout` beside `stale_if_error`: make it `Clone + Send + Sync + 'static`, take it as an `Arc<..>`, or leave the option out"
)]
pub trait Lent<Copy> {
    /// Makes the copy.
    fn copy(&self) -> Copy;
}

impl<T: ?Sized + ToOwned<Owned = Copy>, Copy: Send + 'static> Lent<Copy> for T {
    fn copy(&self) -> Copy {
        self.to_owned()
    }
}

/// An owned copy. A function of its type, so that an error shows the argument's type.
pub fn own<T: ?Sized + Lent<Copy>, Copy>(value: &T) -> Copy {
    value.copy()
}

/// How a function returns that can fail.
#[diagnostic::on_unimplemented(
    message = "`stale_if_error` is for functions that return a `Result`",
    label = "this function has no error to serve a stale value in place of"
)]
pub trait Fails {}

#[diagnostic::do_not_recommend]
impl<T, E> Fails for Fallible<T, E> {}
#[diagnostic::do_not_recommend]
impl<T, E: Clone + Send + Sync + 'static> Fails for Shareable<T, E> {}

impl<O: Outcome> Read<'_, O>
where
    O::Value: CacheValue,
{
    /// Asks for a function that can fail.
    pub fn can_fail(self) -> Self
    where
        O: Fails,
    {
        self
    }
}
