//! One way to read a course, asked by many tasks at a time. Which cache stands behind it is not known here.

use crate::value::Course;
use std::borrow::Borrow;
use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Has so many tasks ask for so many ids in all: each goes through a part of the ids of its own, over and over.
pub(crate) type ManyRun = Arc<dyn Fn(&Runtime, &Arc<[Uuid]>, usize, u64) + Send + Sync>;

pub(crate) struct Concurrent {
    pub(crate) what: &'static str,
    pub(crate) run: ManyRun,
}

impl Concurrent {
    pub(crate) fn new<F, Fut>(what: &'static str, read: F) -> Self
    where
        F: Fn(Uuid) -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output: Borrow<Course>> + Send + 'static,
    {
        let run: ManyRun = Arc::new(move |runtime, ids, callers, operations| {
            runtime.block_on(async {
                let tasks: Vec<_> = (0..callers)
                    .map(|caller| {
                        let (ids, read) = (ids.clone(), read.clone());
                        let each = operations.div_ceil(callers as u64);
                        tokio::spawn(async move {
                            let part = ids.len() / callers;
                            let mut turn = ids[caller * part..][..part].iter().cycle();
                            for _ in 0..each {
                                let id = black_box(*turn.next().expect("there are ids"));
                                let course = read(id).await;
                                assert_eq!(course.borrow().id, id);
                                black_box(course);
                            }
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.expect("no task panics");
                }
            });
        });
        Self { what, run }
    }
}

/// A runtime of so many threads.
pub(crate) fn runtime(threads: usize) -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(threads).enable_all().build().expect("a runtime")
}
