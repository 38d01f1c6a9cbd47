//! What becomes of entries that the map evicts: values are the user's, and so is what their end does. It waits until the
//! map is not locked any more.

use super::entry::{LocalKey, Value};
use quick_cache::Lifecycle;

/// Keeps what one insertion evicts until that is over, however many they are.
#[derive(Clone)]
pub(super) struct DroppedLater;

/// The first is kept without an allocation: as a rule there is no second.
#[derive(Default)]
pub(super) struct Evicted {
    first: Option<Value>,
    others: Vec<Value>,
}

impl Lifecycle<LocalKey, Value> for DroppedLater {
    type RequestState = Evicted;

    fn on_evict(&self, evicted: &mut Evicted, _: LocalKey, value: Value) {
        match evicted.first {
            None => evicted.first = Some(value),
            Some(_) => evicted.others.push(value),
        }
    }
}
