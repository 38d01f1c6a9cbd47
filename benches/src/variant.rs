//! One way to read a course by its id, whatever cache stands behind it.

use crate::callers::{Concurrent, ManyRun};
use crate::value::Course;
use std::borrow::Borrow;
use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Asks for ids in turn, so many times.
type Run = Arc<dyn Fn(&Runtime, &[Uuid], u64) + Send + Sync>;

pub(crate) struct Variant {
    /// One word, for the command line.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) run: Run,
    /// The same from many tasks.
    pub(crate) by_many: ManyRun,
}

impl Variant {
    pub(crate) fn new<F, Fut>(name: &'static str, what: &'static str, read: F) -> Self
    where
        F: Fn(Uuid) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output: Borrow<Course>> + Send + 'static,
    {
        let by_many = Concurrent::new(what, read.clone()).run;
        let run: Run = Arc::new(move |runtime, ids, operations| {
            runtime.block_on(async {
                let mut turn = ids.iter().cycle();
                for _ in 0..operations {
                    let id = black_box(*turn.next().expect("there are ids"));
                    let course = read(id).await;
                    assert_eq!(course.borrow().id, id);
                    black_box(course);
                }
            });
        });
        Self { name, what, run, by_many }
    }
}

/// A cache for as long as the program runs: what asks it counts no reference, as with an annotated function's.
pub(crate) fn forever<T>(cache: T) -> &'static T {
    Box::leak(Box::new(cache))
}

/// A runtime of one thread.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
