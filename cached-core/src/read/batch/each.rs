//! What a batch returns, taken apart: a map from ids to values.

use crate::outcome::Outcome;
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::sync::Arc;

/// A map that a batch returns.
#[diagnostic::on_unimplemented(
    message = "a function with `batch` returns a map from ids to values, not `{Self}`",
    label = "not a `HashMap` or a `BTreeMap`",
    note = "return `HashMap<Id, Value>` or `BTreeMap<Id, Value>`, or a `Result` of one"
)]
pub trait BatchMap: Sized {
    /// What a value is found by.
    type Id: Clone + Send + Sync;
    /// What is cached, each under its own key.
    type Value;

    /// Makes the map of what was found.
    fn gather(found: Vec<(Self::Id, Self::Value)>) -> Self;
    /// Takes one value out.
    fn take(&mut self, id: &Self::Id) -> Option<Self::Value>;
}

impl<K, V, S> BatchMap for HashMap<K, V, S>
where
    K: Clone + Eq + Hash + Send + Sync,
    S: BuildHasher + Default,
{
    type Id = K;
    type Value = V;

    fn gather(found: Vec<(K, V)>) -> Self {
        found.into_iter().collect()
    }
    fn take(&mut self, id: &K) -> Option<V> {
        self.remove(id)
    }
}

impl<K: Clone + Ord + Send + Sync, V> BatchMap for BTreeMap<K, V> {
    type Id = K;
    type Value = V;

    fn gather(found: Vec<(K, V)>) -> Self {
        found.into_iter().collect()
    }
    fn take(&mut self, id: &K) -> Option<V> {
        self.remove(id)
    }
}

pub(super) type Value<O> = <<O as Outcome>::Value as BatchMap>::Value;
pub(super) type Id<O> = <<O as Outcome>::Value as BatchMap>::Id;

/// The ids of one key, in their order.
pub(super) struct Ids<O: Outcome>
where
    O::Value: BatchMap,
{
    /// What the load is asked for, and what gives the tags.
    pub(super) first: Id<O>,
    pub(super) others: Vec<Id<O>>,
}

/// One value of a batch, with the batch's error.
pub(super) struct Each<O>(PhantomData<fn() -> O>);

impl<O: Outcome> Outcome for Each<O>
where
    O::Value: BatchMap,
{
    type Return = Result<<O::Value as BatchMap>::Value, O::Error>;
    type Value = <O::Value as BatchMap>::Value;
    type Error = O::Error;

    fn open(returned: Self::Return) -> Self::Return {
        returned
    }
    fn close(result: Self::Return) -> Self::Return {
        result
    }
    fn peek(returned: &Self::Return) -> Option<&Self::Value> {
        returned.as_ref().ok()
    }
    fn share(error: &O::Error) -> Option<Arc<dyn Any + Send + Sync>> {
        O::share(error)
    }
    fn unshare(error: &Arc<dyn Any + Send + Sync>) -> Option<O::Error> {
        O::unshare(error)
    }
}
