//! Sharing one load: every way in which the leader can end, and what its followers get.

mod common;

use cached_core::{Cache, Key};
use common::eventually;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

fn cache() -> Cache {
    Cache::builder().build().unwrap()
}

#[derive(Debug, PartialEq)]
struct NotClone(u32);

/// A loader that counts its calls and waits for a sign.
#[derive(Clone, Default)]
struct Gate {
    calls: Arc<AtomicU32>,
    open: Arc<Notify>,
}

impl Gate {
    async fn pass(&self) -> u32 {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.open.notified().await;
        call
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    async fn entered(&self, calls: u32) {
        eventually("the loader is entered", || self.calls() == calls).await;
    }
}

/// A reader whose loader fails on calls up to `failures`.
fn reader<E: Send + 'static>(
    cache: &Cache,
    gate: &Gate,
    outcome: impl Fn(u32) -> Result<u32, E> + Send + Sync + 'static,
) -> JoinHandle<Result<u32, E>> {
    let (cache, gate) = (cache.clone(), gate.clone());
    tokio::spawn(async move { cache.read("k").or_load(async || outcome(gate.pass().await)).await })
}

/// Lets every spawned reader run until it waits.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn followers_take_the_leaders_value() {
    let (cache, gate) = (cache(), Gate::default());
    let readers: Vec<_> = (0..10).map(|_| reader(&cache, &gate, Ok::<_, NotClone>)).collect();
    gate.entered(1).await;
    settle().await;
    gate.open.notify_one();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), Ok(1));
    }
    assert_eq!((gate.calls(), cache.stats().shared, cache.flights()), (1, 9, 0));
}

#[tokio::test]
async fn a_cancelled_leader_hands_over() {
    let (cache, gate) = (cache(), Gate::default());
    let leader = reader(&cache, &gate, Ok::<_, NotClone>);
    gate.entered(1).await;
    let followers: Vec<_> = (0..5).map(|_| reader(&cache, &gate, Ok::<_, NotClone>)).collect();
    settle().await;
    leader.abort();
    gate.entered(2).await;
    gate.open.notify_one();
    for follower in followers {
        assert_eq!(follower.await.unwrap(), Ok(2));
    }
    assert_eq!((gate.calls(), cache.flights()), (2, 0));
}

#[tokio::test]
async fn a_panicking_leader_hands_over() {
    let (cache, gate) = (cache(), Gate::default());
    let panics = |call| if call == 1 { panic!("on purpose") } else { Ok::<_, NotClone>(call) };
    let leader = reader(&cache, &gate, panics);
    gate.entered(1).await;
    let followers: Vec<_> = (0..5).map(|_| reader(&cache, &gate, panics)).collect();
    settle().await;
    gate.open.notify_one();
    assert!(leader.await.unwrap_err().is_panic());
    gate.entered(2).await;
    gate.open.notify_one();
    for follower in followers {
        assert_eq!(follower.await.unwrap(), Ok(2));
    }
    assert_eq!((gate.calls(), cache.flights()), (2, 0));
}

#[tokio::test]
async fn an_error_that_cannot_be_cloned_makes_followers_try_one_at_a_time() {
    let (cache, gate) = (cache(), Gate::default());
    let fails = |call| if call < 3 { Err(NotClone(call)) } else { Ok(call) };
    let readers: Vec<_> = (0..4).map(|_| reader(&cache, &gate, fails)).collect();
    for call in 1..=3 {
        gate.entered(call).await;
        settle().await;
        assert_eq!(gate.calls(), call, "one at a time");
        gate.open.notify_one();
    }
    let mut outcomes = Vec::new();
    for reader in readers {
        outcomes.push(reader.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 2);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Ok(3)).count(), 2);
}

mod annotated {
    //! The macros know whether an error can be cloned.

    use super::Gate;
    use cached_core::cached;

    #[derive(Debug, Clone, PartialEq)]
    pub(super) struct Cloneable(pub u32);

    #[cached(key = "annotated", skip(gate))]
    pub(super) async fn fails(gate: Gate) -> Result<u32, Cloneable> {
        Err(Cloneable(gate.pass().await))
    }
}

#[tokio::test]
async fn an_error_that_can_be_cloned_is_shared() {
    let (cache, gate) = (cache(), Gate::default());
    let spawn = || {
        let (cache, gate) = (cache.clone(), gate.clone());
        tokio::spawn(async move { cache.scope(annotated::fails(gate)).await })
    };
    let readers: Vec<_> = (0..5).map(|_| spawn()).collect();
    gate.entered(1).await;
    settle().await;
    gate.open.notify_one();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), Err(annotated::Cloneable(1)));
    }
    let stats = cache.stats();
    assert_eq!((gate.calls(), stats.load_errors), (1, 1));
    assert_eq!((stats.misses, stats.shared), (5, 0), "each read counts once");
}

/// Who comes after an invalidation is not given what a load brings that began before it.
#[tokio::test]
async fn a_flight_from_before_an_invalidation_is_not_joined() {
    let (cache, gate) = (cache(), Gate::default());
    let early = reader(&cache, &gate, Ok::<_, NotClone>);
    gate.entered(1).await;
    cache.remove("k").await;
    let late = reader(&cache, &gate, Ok::<_, NotClone>);
    gate.entered(2).await;
    gate.open.notify_waiters();
    assert_eq!(early.await.unwrap(), Ok(1));
    assert_eq!(late.await.unwrap(), Ok(2));
    let kept = cache.read("k").or_load(async || Ok::<u32, NotClone>(0)).await;
    assert_eq!(kept, Ok(2));
}

/// A service and its repository may both be annotated with one key: the inner read must not wait for the outer.
#[tokio::test]
async fn a_load_that_reads_its_own_key_runs_through() {
    let cache = cache();
    let inner = async || cache.read("k").or_load(async || Ok::<u32, NotClone>(1)).await;
    let outer = cache.read("k").or_load(async || Ok::<u32, NotClone>(inner().await? + 1)).await;
    assert_eq!(outer, Ok(2));
    assert_eq!(cache.get::<u32>("k").await, Some(2), "what the outer read returns is kept");
}

/// The error's type decides nothing about the future: `Box<dyn Error>` is not `Send`.
#[tokio::test]
async fn a_future_is_send_although_its_error_is_not() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let cache = cache();
    let load = async || Ok::<u32, Box<dyn std::error::Error>>(1);
    let value = send(cache.read("k").or_load(load)).await;
    assert_eq!(value.unwrap(), 1);
}

/// A process that hears of no invalidation trusts nothing that began before its caller came. Those who come while one loads
/// load once more for all of them, and not each for itself: the source has the most to do when Redis is gone.
#[tokio::test]
async fn callers_who_may_not_join_a_load_share_the_next_one() {
    let builder = Cache::builder().redis("redis://127.0.0.1:1").synchronous_invalidation();
    let (cache, gate) = (builder.build().unwrap(), Gate::default());
    let early = reader(&cache, &gate, Ok::<_, NotClone>);
    gate.entered(1).await;
    let late: Vec<_> = (0..10).map(|_| reader(&cache, &gate, Ok::<_, NotClone>)).collect();
    let batch = tokio::spawn({
        let (cache, gate) = (cache.clone(), gate.clone());
        async move {
            let load = async |keys: Vec<String>| {
                let value = gate.pass().await;
                Ok::<_, NotClone>(
                    keys.into_iter().map(|key| (key, value)).collect::<HashMap<_, _>>(),
                )
            };
            cache.read_many(["k".to_owned()], |key| Key::from(key.as_str())).or_load(load).await
        }
    });
    settle().await;
    assert_eq!(gate.calls(), 1, "they wait");
    gate.open.notify_one();
    assert_eq!(early.await.unwrap(), Ok(1));
    gate.entered(2).await;
    settle().await;
    assert_eq!(gate.calls(), 2, "one of them loads");
    gate.open.notify_one();
    for reader in late {
        assert_eq!(reader.await.unwrap(), Ok(2));
    }
    assert_eq!(batch.await.unwrap().unwrap()["k"], 2);
    assert_eq!(cache.flights(), 0);
}
