//! The notice that stands while keys are removed one after the other: it ends with the removal, however that went, and
//! nobody's depends on another's. Virtual time.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, CacheBuilder, Delivery, Invalidation, Pattern};
use common::{Source, eventually, read};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn build(builder: CacheBuilder) -> Cache {
    builder.build().expect("the settings are valid")
}

fn pattern() -> Invalidation {
    Invalidation::new().pattern(Pattern::parse("x*").unwrap())
}

/// Whether a value that rests on another cached one is stored for everybody.
async fn stores(cache: &Cache, name: &str) -> bool {
    let before = cache.stats().fills;
    let inner = format!("inner:{name}");
    let load = || async { Ok::<_, Infallible>(read(cache, &inner, &Source::default()).await) };
    let Ok(_) = cache.read(format!("outer:{name}")).or_load(load).await;
    cache.stats().fills == before + 2
}

/// A connection over which so many scans fail.
#[derive(Clone)]
struct FailingScan {
    server: Memory,
    left: Arc<AtomicU32>,
}

impl Transport for FailingScan {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let scans = commands.iter().any(|command| command.name() == b"SCAN");
        let fails = |left: u32| left.checked_sub(1).filter(|_| scans);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
            return Box::pin(async { Err(Fault::Timeout) });
        }
        self.server.pipeline(commands)
    }

    common::in_all_else_as!(server);
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_failed_on_the_way_leaves_no_notice_when_it_is_done() {
    let server = Memory::new();
    let failing = FailingScan { server: server.clone(), left: Arc::new(AtomicU32::new(2)) };
    let writer = build(Cache::builder().transport(failing));
    let reader = build(Cache::builder().transport(server));
    writer.invalidate(pattern()).await;
    eventually("it is delivered", || writer.queued() == 0).await;
    assert!(stores(&reader, "a").await, "a notice still stands");
}

#[tokio::test(start_paused = true)]
async fn a_dead_process_leaves_its_notice_for_its_life_only() {
    let server = Memory::new();
    let failing = FailingScan { server: server.clone(), left: Arc::new(AtomicU32::new(u32::MAX)) };
    let dead = build(Cache::builder().transport(failing));
    dead.invalidate(pattern()).await;
    drop(dead);
    let (writer, reader) = (
        build(Cache::builder().transport(server.clone())),
        build(Cache::builder().transport(server)),
    );
    // Others go on removing meanwhile.
    let mut stored = Vec::new();
    for second in 0..15 {
        assert_eq!(writer.invalidate(pattern()).await, Delivery::Done);
        stored.push(stores(&reader, &second.to_string()).await);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!(!stored[0], "the dead one's notice stands: {stored:?}");
    assert!(stored[14], "and is kept alive by nobody: {stored:?}");
}

#[tokio::test(start_paused = true)]
async fn removals_side_by_side_do_not_end_each_others_notice() {
    let server = Memory::new();
    let caches = [(); 4].map(|()| build(Cache::builder().transport(server.clone())));
    let removals = caches.clone().map(|cache| {
        tokio::spawn(async move {
            for _ in 0..50 {
                assert_eq!(cache.invalidate(pattern()).await, Delivery::Done);
            }
        })
    });
    for removal in removals {
        removal.await.unwrap();
    }
    let faults: u64 = caches.iter().map(|cache| cache.stats().remote_faults).sum();
    assert_eq!(faults, 0);
    assert!(stores(&caches[0], "a").await, "a notice still stands");
}

/// A connection to a server that loses the notice once, between two steps of a removal.
#[derive(Clone, Default)]
struct LosingNotice {
    server: Memory,
    scans: Arc<AtomicU32>,
}

impl Transport for LosingNotice {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            let scans = commands.iter().any(|command| command.name() == b"SCAN");
            let replies = self.server.pipeline(commands).await;
            if scans && self.scans.fetch_add(1, Ordering::SeqCst) == 0 {
                let lose = Command::new("DEL").arg("cached:sweep");
                assert_eq!(self.server.pipeline(vec![lose]).await, Ok(vec![Reply::Int(1)]));
            }
            replies
        })
    }

    common::in_all_else_as!(server);
}

/// Loads may have begun while it did not stand, and stored what they had read before it was removed.
#[tokio::test(start_paused = true)]
async fn a_removal_whose_notice_was_lost_on_the_way_is_done_again() {
    let losing = LosingNotice::default();
    let cache = build(Cache::builder().transport(losing.clone()));
    assert_eq!(cache.invalidate(pattern()).await, Delivery::Done);
    // What matches, and what ends in a digest: twice, since the second found no notice.
    assert_eq!((losing.scans.load(Ordering::SeqCst), cache.stats().remote_faults), (4, 1));
    assert_eq!(losing.server.pipeline(vec![exists("cached:sweep")]).await, Ok(vec![Reply::Int(0)]));
}

fn exists(name: &str) -> Command {
    Command::new("EXISTS").arg(name)
}

/// A server that is full until something is removed; then somebody stores that once more.
#[derive(Clone, Default)]
struct Full {
    server: Memory,
    has_room: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<&'static str>>>,
}

impl Full {
    async fn run(&self, command: Command) -> Result<Reply, Fault> {
        let raises = command.name() == b"EVAL" && command.args().any(|arg| arg == b"cached:sweep");
        let puts_up = raises && command.args().last() == Some(b"1");
        let removes = command.name() == b"UNLINK";
        self.asked.lock().unwrap().extend(puts_up.then_some("notice"));
        self.asked.lock().unwrap().extend(removes.then_some("removal"));
        if puts_up && !self.has_room.load(Ordering::SeqCst) {
            return Ok(Reply::Error(
                "OOM command not allowed when used memory > 'maxmemory'.".into(),
            ));
        }
        let mut replies = self.server.pipeline(vec![command]).await?;
        if removes && !self.has_room.swap(true, Ordering::SeqCst) {
            self.server.pipeline(vec![older()]).await?;
        }
        Ok(replies.remove(0))
    }
}

fn older() -> Command {
    Command::new("SET").arg("cached:k:x").arg("older")
}

impl Transport for Full {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            let mut replies = Vec::new();
            for command in commands {
                replies.push(self.run(command).await?);
            }
            Ok(replies)
        })
    }

    common::in_all_else_as!(server);
}

/// What was removed makes room for a notice, and for loads from the middle: with the notice up, all is removed once more.
#[tokio::test(start_paused = true)]
async fn a_server_that_gets_room_by_a_removal_is_cleaned_twice() {
    let full = Full::default();
    full.server.pipeline(vec![older()]).await.unwrap();
    let cache = build(Cache::builder().transport(full.clone()));
    assert_eq!(cache.invalidate(pattern()).await, Delivery::Done);
    assert_eq!(*full.asked.lock().unwrap(), ["notice", "removal", "notice", "removal"]);
    let left = vec![exists("cached:k:x"), exists("cached:sweep")];
    assert_eq!(full.server.pipeline(left).await, Ok(vec![Reply::Int(0), Reply::Int(0)]));
    assert_eq!(cache.stats().remote_faults, 0);
}

/// A connection on which nobody can learn whether a notice stands.
#[derive(Clone)]
struct Unknowing(Memory);

impl Transport for Unknowing {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        if commands.iter().any(|command| command.name() == b"EXISTS") {
            return Box::pin(async { Err(Fault::Timeout) });
        }
        self.0.pipeline(commands)
    }

    fn reset(&self) {}

    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        self.0.block(command, wait)
    }
}

#[tokio::test(start_paused = true)]
async fn who_cannot_look_for_a_notice_does_not_store_what_rests_on_other_values() {
    let server = Memory::new();
    let unknowing = build(Cache::builder().transport(Unknowing(server.clone())));
    assert!(!stores(&unknowing, "a").await);
    assert_eq!((unknowing.stats().fills, unknowing.stats().remote_faults), (1, 1));
    assert!(stores(&build(Cache::builder().transport(server)), "b").await);
}

/// A cluster, as far as which of an invalidation's removals may run side by side.
#[derive(Clone, Default)]
struct Spread {
    server: Memory,
    removals: Arc<Mutex<Vec<(String, bool)>>>,
}

impl Transport for Spread {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        for command in commands.iter().filter(|command| command.name() == b"UNLINK") {
            let name = String::from_utf8_lossy(command.args().nth(1).unwrap()).into_owned();
            self.removals.lock().unwrap().push((name, command.is_alongside()));
        }
        self.server.pipeline(commands)
    }

    common::in_all_else_as!(server);

    fn is_spread(&self) -> bool {
        true
    }
}

/// A fill reads the generations of its tags first and the sequence after: the sequence ends before they do.
#[tokio::test(start_paused = true)]
async fn on_several_servers_tags_are_removed_after_the_sequence() {
    let spread = Spread::default();
    let cache = build(Cache::builder().transport(spread.clone()));
    let removals = async |what: Invalidation| {
        assert_eq!(cache.invalidate(what).await, Delivery::Done);
        std::mem::take(&mut *spread.removals.lock().unwrap())
    };
    let beside = |removals: &[(String, bool)]| -> Vec<bool> {
        removals.iter().map(|(_, beside)| *beside).collect()
    };
    let keys = removals(Invalidation::new().key("a").key("b")).await;
    assert_eq!(beside(&keys), [false, true]);
    let all = removals(Invalidation::new().key("a").tag("t").tag("u")).await;
    assert!(all[0].0 == "cached:seq" && all[1].0.starts_with("cached:t:"), "{all:?}");
    assert_eq!(beside(&all), [false, false, true, true]);
}
