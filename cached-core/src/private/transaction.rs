//! Whether an argument gathers invalidations, as a transaction does, decided by its type through method resolution: the receiver is
//! `&Argument`.

use super::Collects;

/// Stands for an argument.
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized> Clone for Argument<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Argument<'_, T> {}

/// An argument that [`Collects`].
#[derive(Debug)]
pub struct Transaction;

/// Any other.
#[derive(Debug)]
pub struct Other;

/// Of what [`Collects`].
pub trait ViaTransaction: Sized {
    /// That it does.
    fn via_kind(self) -> Transaction {
        Transaction
    }
}

/// Of anything else.
pub trait ViaOther: Sized {
    /// That it does not.
    fn via_kind(self) -> Other {
        Other
    }
}

impl<T: Collects + ?Sized> ViaTransaction for &Argument<'_, T> {}

impl<T: ?Sized> ViaOther for Argument<'_, T> {}

/// What a write that invalidates when it returns may have.
#[diagnostic::on_unimplemented(
    message = "this writes in a transaction, and invalidates before that has committed",
    label = "a transaction, which nothing waits for",
    note = "add `in = ` and its name: what is named is then invalidated when it commits, and not at all when it rolls back"
)]
pub trait NoTransaction {}

/// What a function whose value is cached may have.
#[diagnostic::on_unimplemented(
    message = "this would cache for everybody what a transaction has not committed yet",
    label = "a transaction, in which a value was read that may be rolled back",
    note = "read by the pool here, and have the transaction read by a function without `#[cached]`"
)]
pub trait Committed {}

impl NoTransaction for Other {}

impl Committed for Other {}

/// Asked of each argument of a write without `in`.
pub fn invalidated_of<K: NoTransaction>(_: K) {}

/// Asked of each argument of a read.
pub fn cached_of<K: Committed>(_: K) {}
