//! What the macros call. Not part of the public interface; it changes with the macros.
//!
//! `Shape<R>` decides by types how a return type is cached, through method resolution on references: a `Result`
//! with a clonable error, a `Result`, anything else, in this order (the receiver is `&&Shape<R>`). The methods' names
//! begin with `via_`, so that no trait of the user's with a method `read` is found first.

pub use crate::cache::Cache;
pub use crate::invalidation::{Collector, Collects, Gather, Invalidation, Target};
pub use crate::key::{EarlyPart, Key, KeyBuf, KeyPart, Part, Pattern};
pub use crate::outcome::Outcome;
pub use crate::read::{Batch, BatchMap, Read};
pub use crate::site::{Linked, Site, WriteSite, submit};
pub use crate::ttl::Ttl;
pub use crate::write::Write;

use crate::codec::CacheValue;
use crate::engine::EngineRef;
use crate::outcome::{Fallible, Plain, Shareable};
use std::marker::PhantomData;

/// Stands for a return type.
pub struct Shape<R>(PhantomData<fn() -> R>);

impl<R> Shape<R> {
    /// The stand-in.
    pub const NEW: Self = Self(PhantomData);
}

impl<R> Clone for Shape<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Shape<R> {}

/// What a batch finds its values by.
pub type IdOf<O> = <<O as Outcome>::Value as BatchMap>::Id;

macro_rules! via {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        pub trait $name: Sized {
            /// How the return type is taken apart.
            type Outcome: Outcome;

            /// A read in the default cache.
            #[inline]
            fn via_read<'a>(self, site: &'static Site, key: &KeyBuf) -> Read<'a, Self::Outcome>
            where
                <Self::Outcome as Outcome>::Value: CacheValue,
            {
                Read::begin(crate::current::engine(), site, key.rendered_bytes())
            }

            /// A read in a given cache.
            #[inline]
            fn via_read_in<'a>(
                self,
                cache: &'a Cache,
                site: &'static Site,
                key: &KeyBuf,
            ) -> Read<'a, Self::Outcome>
            where
                <Self::Outcome as Outcome>::Value: CacheValue,
            {
                Read::begin(EngineRef::Borrowed(&cache.engine), site, key.rendered_bytes())
            }

            /// A batch in the default cache.
            fn via_batch<'a>(
                self,
                site: &'static Site,
                ids: Vec<IdOf<Self::Outcome>>,
                key: impl FnMut(&IdOf<Self::Outcome>, &mut KeyBuf),
            ) -> Batch<'a, Self::Outcome>
            where
                <Self::Outcome as Outcome>::Value: BatchMap<Value: CacheValue>,
            {
                Batch::begin(crate::current::engine(), site, ids, key)
            }

            /// A batch in a given cache.
            fn via_batch_in<'a>(
                self,
                cache: &'a Cache,
                site: &'static Site,
                ids: Vec<IdOf<Self::Outcome>>,
                key: impl FnMut(&IdOf<Self::Outcome>, &mut KeyBuf),
            ) -> Batch<'a, Self::Outcome>
            where
                <Self::Outcome as Outcome>::Value: BatchMap<Value: CacheValue>,
            {
                Batch::begin(EngineRef::Borrowed(&cache.engine), site, ids, key)
            }

            /// A write that invalidates in the default cache.
            fn via_write<'a>(self, invalidation: Invalidation) -> Write<'a, Self::Outcome> {
                Write::begin(crate::current::engine(), invalidation)
            }

            /// A write that invalidates in a given cache.
            fn via_write_in(self, cache: &Cache, invalidation: Invalidation) -> Write<'_, Self::Outcome> {
                Write::begin(EngineRef::Borrowed(&cache.engine), invalidation)
            }

            /// A write inside a transaction, which invalidates when it has committed.
            fn via_write_to<'a>(self, collector: Collector, invalidation: Invalidation) -> Gather<'a, Self::Outcome> {
                Gather::begin(collector, invalidation)
            }
        }
    )* };
}

via! {
    /// `Result<T, E>` with `E: Clone`.
    ViaShared
    /// `Result<T, E>`.
    ViaResult
    /// Anything else.
    ViaValue
}

impl<T, E: Clone + Send + Sync + 'static> ViaShared for &&Shape<Result<T, E>> {
    type Outcome = Shareable<T, E>;
}

impl<T, E> ViaResult for &Shape<Result<T, E>> {
    type Outcome = Fallible<T, E>;
}

impl<R> ViaValue for Shape<R> {
    type Outcome = Plain<R>;
}

/// The traits behind `Shape`, for one import.
pub mod via {
    pub use super::{ViaOther, ViaResult, ViaShared, ViaTransaction, ViaValue};
}

/// Where the transaction of `in = ..` gathers.
pub fn collector(transaction: &impl Collects) -> Collector {
    transaction.collector()
}

/// What a closure over the returned value can have of an argument that the body takes.
#[diagnostic::on_unimplemented(
    message = "the closure of `with` uses an argument after the body has taken it, which takes a copy of `{Self}`",
    label = "cannot be cloned",
    note = "make it `Clone`, take it by reference, or say what depends on it before the body: `key = \"..<arg>..\"`, `with = EXPR`"
)]
pub trait Copied {
    /// Makes the copy.
    fn copied(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Copied for T {
    fn copied(&self) -> T {
        self.clone()
    }
}

/// A handle of the cache that `cache = EXPR` names, for the time of the body.
pub fn handle(cache: &Cache) -> Cache {
    cache.clone()
}

/// A copy of an argument.
pub fn copy<T: Copied>(argument: &T) -> T {
    argument.copied()
}

/// A value that is never made; behind `if false` it gives an async block its type.
pub fn never<R>() -> R {
    unreachable!("stands behind `if false`")
}

#[path = "private/background.rs"]
mod background;
pub use background::{Fails, Lent, Task, own, task};

#[path = "private/for_cache.rs"]
mod for_cache;
pub use for_cache::{ForCache, ViaCopy, ViaReference};

#[path = "private/transaction.rs"]
mod transaction;
pub use transaction::{
    Argument, Committed, NoTransaction, Other, Transaction, ViaOther, ViaTransaction, cached_of,
    invalidated_of,
};

#[path = "private/timeout.rs"]
mod timeout;
pub use timeout::{FromTimeout, Limited, LimitedByFrom};

/// The static of a cached function, listed when the program is linked.
#[doc(hidden)]
#[macro_export]
macro_rules! __cached_site {
    ($function:literal, $template:expr $(, $set:ident($($argument:expr),*))* $(,)?) => {{
        static SITE: $crate::__private::Site =
            $crate::__private::Site::new($function, ::core::module_path!(), $template)
                .at(::core::file!(), ::core::line!())$(.$set($($argument),*))*;
        $crate::__private::submit! { $crate::__private::Linked::Read(&SITE) }
        &SITE
    }};
}
pub use crate::__cached_site as site;

/// The static of an invalidating function, listed when the program is linked.
#[doc(hidden)]
#[macro_export]
macro_rules! __cached_write_site {
    ($function:literal $(, $set:ident($($argument:expr),*))* $(,)?) => {{
        static SITE: $crate::__private::WriteSite =
            $crate::__private::WriteSite::new($function, ::core::module_path!())
                .at(::core::file!(), ::core::line!())$(.$set($($argument),*))*;
        $crate::__private::submit! { $crate::__private::Linked::Write(&SITE) }
        &SITE
    }};
}
pub use crate::__cached_write_site as write_site;
pub use cached_macros::key as key_template;

impl Target {
    /// A key in the default cache.
    pub fn key(key: Key) -> Self {
        Self { cache: crate::current::engine().clone(), key }
    }

    /// A key in a given cache.
    pub fn key_in(cache: &Cache, key: Key) -> Self {
        Self { cache: cache.engine.clone(), key }
    }
}
