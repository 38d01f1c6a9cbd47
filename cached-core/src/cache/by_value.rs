//! Reads without the macros whose lifetime, or whether they are stored, depends on the value.

use crate::codec::CacheValue;
use crate::outcome::Outcome;
use crate::read::{Batch, BatchMap, Read};
use crate::ttl::Ttl;
use std::sync::Arc;

type OfValue<T, R> = Arc<dyn Fn(&T) -> R + Send + Sync>;

/// What a read asks of the values that it stores: nothing (`()`), or what [`ByValue`] holds.
pub trait Rules<T>: Clone + Send + Sync + 'static + sealed::Apply<T> {}

/// Rules for values of one type; see [`ReadBuilder::ttl_with`](super::ReadBuilder::ttl_with), [`ReadBuilder::cache_if`](super::ReadBuilder::cache_if), and those of
/// [`ReadMany`](super::ReadMany).
pub struct ByValue<T> {
    ttl: Option<OfValue<T, Ttl>>,
    cache_if: Option<OfValue<T, bool>>,
}

mod sealed {
    use super::{Batch, BatchMap, CacheValue, Outcome, Read};

    pub trait Apply<T> {
        #[doc(hidden)]
        fn apply<'a, O: Outcome<Value = T>>(&self, read: Read<'a, O>) -> Read<'a, O>
        where
            T: CacheValue;

        #[doc(hidden)]
        fn apply_to_each<'a, O>(&self, batch: Batch<'a, O>) -> Batch<'a, O>
        where
            O: Outcome<Value: BatchMap<Value = T>>,
            T: CacheValue;
    }
}

impl<T> Rules<T> for () {}

impl<T> sealed::Apply<T> for () {
    fn apply<'a, O: Outcome<Value = T>>(&self, read: Read<'a, O>) -> Read<'a, O>
    where
        T: CacheValue,
    {
        read
    }

    fn apply_to_each<'a, O>(&self, batch: Batch<'a, O>) -> Batch<'a, O>
    where
        O: Outcome<Value: BatchMap<Value = T>>,
        T: CacheValue,
    {
        batch
    }
}

impl<T: 'static> Rules<T> for ByValue<T> {}

impl<T: 'static> sealed::Apply<T> for ByValue<T> {
    fn apply<'a, O: Outcome<Value = T>>(&self, mut read: Read<'a, O>) -> Read<'a, O>
    where
        T: CacheValue,
    {
        if let Some(ttl) = self.ttl.clone() {
            read = read.ttl_with(move |value| ttl(value));
        }
        if let Some(accept) = self.cache_if.clone() {
            read = read.cache_if(move |value| accept(value));
        }
        read
    }

    fn apply_to_each<'a, O>(&self, mut batch: Batch<'a, O>) -> Batch<'a, O>
    where
        O: Outcome<Value: BatchMap<Value = T>>,
        T: CacheValue,
    {
        if let Some(ttl) = self.ttl.clone() {
            batch = batch.ttl_with(move |value| ttl(value));
        }
        if let Some(accept) = self.cache_if.clone() {
            batch = batch.cache_if(move |value| accept(value));
        }
        batch
    }
}

impl<T> ByValue<T> {
    pub(super) fn none() -> Self {
        Self { ttl: None, cache_if: None }
    }

    pub(super) fn set_ttl<W: Into<Ttl>>(&mut self, ttl: impl Fn(&T) -> W + Send + Sync + 'static) {
        self.ttl = Some(Arc::new(move |value| ttl(value).into()));
    }

    pub(super) fn set_cache_if(&mut self, accept: impl Fn(&T) -> bool + Send + Sync + 'static) {
        self.cache_if = Some(Arc::new(accept));
    }
}

impl<T> Clone for ByValue<T> {
    fn clone(&self) -> Self {
        Self { ttl: self.ttl.clone(), cache_if: self.cache_if.clone() }
    }
}
