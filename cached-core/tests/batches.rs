//! Batches: many ids at once, each of which is cached, flown and invalidated as if it had been read alone.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, CacheBuilder, Clock, cached, invalidates, key};
use cached_testkit::unique_name;
use common::{listening, on_redis};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Course {
    id: u32,
    teacher: u32,
    version: u32,
}

/// The source of truth; knows the ids below 100, and what it was asked for.
#[derive(Clone)]
struct Source {
    version: Arc<Mutex<u32>>,
    asked: Arc<Mutex<Vec<Vec<u32>>>>,
    gate: Arc<Semaphore>,
}

impl Source {
    fn new() -> Self {
        Self {
            version: Arc::new(Mutex::new(1)),
            asked: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    async fn load(&self, ids: &[u32]) -> Result<HashMap<u32, Course>, String> {
        let version = *self.version.lock().unwrap();
        let mut asked = ids.to_vec();
        asked.sort_unstable();
        self.asked.lock().unwrap().push(asked);
        self.gate.acquire().await.map_err(|_| "closed".to_owned())?.forget();
        Ok(ids.iter().filter(|id| **id < 100).map(|id| (*id, course(*id, version))).collect())
    }

    /// What it was asked for since the last time.
    fn asked(&self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Lets no load end.
    fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    fn open(&self) {
        self.gate.add_permits(1_000);
    }
}

/// One process.
#[derive(Clone)]
struct Repo {
    cache: Cache,
    source: Source,
}

impl Repo {
    #[cached(cache = self.cache, key = "course:<id>", tags = "all")]
    async fn course(&self, id: u32) -> Result<Course, String> {
        self.source.load(&[id]).await?.remove(&id).ok_or_else(|| "not found".to_owned())
    }

    #[cached(cache = self.cache, key = "course:<ids>", tags = "all", batch = ids)]
    async fn courses(&self, ids: &[u32]) -> Result<HashMap<u32, Course>, String> {
        self.source.load(ids).await
    }

    #[cached(cache = self.cache, key = "taught:<school>:<ids>", batch = ids,
        tags = ["teacher:<return.teacher>:<school>", "pupil:<ids>"])]
    async fn taught(&self, school: &str, mut ids: Vec<u32>) -> BTreeMap<u32, Course> {
        ids.push(school.len() as u32);
        let found = self.source.load(&ids).await;
        found.into_iter().flatten().collect()
    }

    #[invalidates(self.course(id))]
    async fn rename(&self, id: u32) {
        *self.source.version.lock().unwrap() += 1;
    }

    #[invalidates(self.courses(id))]
    async fn rename_by_the_batch(&self, id: u32) {
        *self.source.version.lock().unwrap() += 1;
    }

    #[invalidates(cache = self.cache, tags = ["teacher:<teacher>:<school>"])]
    async fn retire(&self, school: &str, teacher: u32) {}

    fn new(builder: CacheBuilder) -> Self {
        Self { cache: builder.build().unwrap(), source: Source::new() }
    }

    /// Another process with the same source.
    fn beside(&self, builder: CacheBuilder) -> Self {
        Self { cache: builder.build().unwrap(), source: self.source.clone() }
    }

    async fn all(&self, ids: &[u32]) -> Vec<(u32, u32)> {
        sorted(self.courses(ids).await.unwrap())
    }
}

fn course(id: u32, version: u32) -> Course {
    Course { id, teacher: id % 2, version }
}

/// Ids and versions.
fn sorted(found: HashMap<u32, Course>) -> Vec<(u32, u32)> {
    let mut found: Vec<_> = found.into_iter().map(|(id, course)| (id, course.version)).collect();
    found.sort_unstable();
    found
}

/// Lets other tasks run until they wait.
async fn settle() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

/// Two processes: on a server in this process, and on Redis.
async fn pairs() -> Vec<(Repo, Repo)> {
    let server = Memory::new();
    let memory = || Cache::builder().transport(server.clone());
    let namespace = unique_name("batch");
    let mut pairs = Vec::new();
    for build in [&memory as &dyn Fn() -> CacheBuilder, &|| on_redis(&namespace)] {
        let first = Repo::new(build());
        let second = first.beside(build());
        listening(&first.cache).await;
        listening(&second.cache).await;
        pairs.push((first, second));
    }
    pairs
}

#[tokio::test]
async fn what_is_missing_is_loaded_at_once() {
    let repo = Repo::new(Cache::builder());
    assert_eq!(repo.all(&[3, 1, 2, 1]).await, [(1, 1), (2, 1), (3, 1)]);
    assert_eq!(repo.source.asked(), [[1, 2, 3]], "an id that is named twice is loaded once");
    assert_eq!(repo.all(&[4, 2, 3]).await, [(2, 1), (3, 1), (4, 1)]);
    assert_eq!(repo.source.asked(), [[4]]);
    assert_eq!(repo.all(&[]).await, []);
    assert_eq!(repo.source.asked(), [[0; 0]; 0]);
}

/// The load is asked for the first of them; all of them get its value, from every tier.
#[tokio::test]
async fn ids_that_share_a_key_are_all_in_the_result() {
    let server = Memory::new();
    let build = || Cache::builder().transport(server.clone()).build().unwrap();
    let (here, there) = (build(), build());
    let asked = Mutex::new(Vec::new());
    let read = async |cache: &Cache| {
        let key = |id: &&str| {
            let name = id.to_lowercase();
            key!("user:<name>")
        };
        let load = async |ids: Vec<&'static str>| {
            asked.lock().unwrap().extend(ids.clone());
            Ok::<_, Infallible>(ids.into_iter().map(|id| (id, id.len())).collect())
        };
        let read = cache.read_many(["Ada", "ada", "bob", "ADA"], key);
        let Ok(found): Result<BTreeMap<_, _>, _> = read.or_load(load).await;
        found.into_iter().collect::<Vec<_>>()
    };
    for cache in [&here, &here, &there] {
        assert_eq!(read(cache).await, [("ADA", 3), ("Ada", 3), ("ada", 3), ("bob", 3)]);
    }
    let bypassed = cached_core::bypass_scope(read(&here)).await;
    assert_eq!(bypassed, [("ADA", 3), ("Ada", 3), ("ada", 3), ("bob", 3)]);
    assert_eq!(*asked.lock().unwrap(), ["Ada", "bob", "Ada", "bob"]);
}

#[tokio::test]
async fn a_batch_and_the_function_of_one_id_share_entries() {
    for (repo, other) in pairs().await {
        repo.courses(&[1, 2]).await.unwrap();
        assert_eq!(repo.course(1).await, Ok(course(1, 1)));
        repo.course(3).await.unwrap();
        assert_eq!(repo.source.asked(), [vec![1, 2], vec![3]]);
        assert_eq!(other.all(&[1, 2, 3]).await, [(1, 1), (2, 1), (3, 1)]);
        assert_eq!(other.source.asked(), [[0; 0]; 0]);
        assert_eq!(other.cache.stats().remote_hits, 3);
        repo.rename(2).await;
        assert_eq!(other.all(&[1, 2]).await, [(1, 1), (2, 2)]);
        repo.rename_by_the_batch(1).await;
        assert_eq!(repo.all(&[1, 2, 3]).await, [(1, 3), (2, 2), (3, 1)]);
        assert_eq!(repo.source.asked(), [[2], [1]]);
        repo.cache.remove_tag("all").await;
        assert_eq!(other.all(&[1, 2, 3]).await, [(1, 3), (2, 3), (3, 3)]);
    }
}

#[tokio::test]
async fn tags_of_each_value_and_each_id_hold() {
    for (repo, other) in pairs().await {
        // The fourth id is one that the caller did not ask for.
        assert_eq!(repo.taught("abcd", vec![1, 2, 3]).await.len(), 3);
        other.taught("abc", vec![1, 2]).await;
        repo.source.asked();
        repo.retire("abcd", 1).await;
        other.taught("abcd", vec![1, 2, 3]).await;
        other.taught("abc", vec![1, 2]).await;
        assert_eq!(repo.source.asked(), [[1, 3, 4]]);
        repo.cache.remove_tag("pupil:2").await;
        other.taught("abcd", vec![1, 2, 3]).await;
        assert_eq!(repo.source.asked(), [[2, 4]]);
    }
}

#[tokio::test]
async fn an_id_that_is_not_found_is_asked_for_again() {
    for (repo, _) in pairs().await {
        assert_eq!(repo.all(&[1, 100]).await, [(1, 1)]);
        assert_eq!(repo.all(&[1, 100]).await, [(1, 1)]);
        assert_eq!(repo.course(100).await, Err("not found".into()), "nobody holds its lease");
        assert_eq!(repo.source.asked(), [vec![1, 100], vec![100], vec![100]]);
    }
}

/// The slow reader: what is invalidated while it loads is not stored, by its own process or by another.
#[tokio::test]
async fn a_batch_does_not_refill_what_was_invalidated() {
    for (repo, other) in pairs().await {
        repo.source.close();
        let slow = tokio::spawn({
            let repo = repo.clone();
            async move { repo.all(&[1, 2, 3]).await }
        });
        cached_testkit::eventually("the load has begun", || {
            std::future::ready(!repo.source.asked.lock().unwrap().is_empty())
        })
        .await;
        other.rename(2).await;
        repo.source.open();
        assert_eq!(slow.await.unwrap(), [(1, 1), (2, 1), (3, 1)]);
        repo.source.asked();
        assert_eq!(other.all(&[1, 2, 3]).await, [(1, 1), (2, 2), (3, 1)]);
        assert_eq!(repo.source.asked(), [[2]]);
    }
}

#[tokio::test(start_paused = true)]
async fn callers_share_flights_key_by_key() {
    let repo = Repo::new(Cache::builder());
    repo.source.close();
    let spawn = |ids: &'static [u32]| {
        let repo = repo.clone();
        tokio::spawn(async move { repo.all(ids).await })
    };
    let first = spawn(&[1, 2]);
    settle().await;
    let overlapping = spawn(&[2, 3]);
    let single = tokio::spawn({
        let repo = repo.clone();
        async move { repo.course(1).await }
    });
    settle().await;
    assert_eq!(repo.source.asked(), [[1, 2]], "the others wait");
    repo.source.open();
    assert_eq!(first.await.unwrap(), [(1, 1), (2, 1)]);
    assert_eq!(single.await.unwrap(), Ok(course(1, 1)));
    assert_eq!(overlapping.await.unwrap(), [(2, 1), (3, 1)]);
    assert_eq!(repo.source.asked(), [[3]]);
}

#[tokio::test(start_paused = true)]
async fn overlapping_batches_do_not_wait_for_each_other() {
    for processes in [1, 2] {
        let server = Memory::new();
        let build = || Cache::builder().transport(server.clone()).lease(Duration::from_secs(3_600));
        let first = Repo::new(build());
        let second = if processes == 1 { first.clone() } else { first.beside(build()) };
        for round in 0..50 {
            let begin = round * 7 % 90;
            let up: Vec<u32> = (begin..begin + 8).collect();
            let down: Vec<u32> = (begin + 4..begin + 12).rev().collect();
            let (up, down) = tokio::join!(first.all(&up), second.all(&down));
            assert_eq!((up.len(), down.len()), (8, 8), "round {round} of {processes} processes");
            let mut asked: Vec<u32> = first.source.asked().into_iter().flatten().collect();
            let all = asked.len();
            asked.sort_unstable();
            asked.dedup();
            assert_eq!(asked.len(), all, "each is loaded once");
            first.cache.clear().await;
        }
    }
}

/// What ended while others of its batch were waited for is no fill that was refused, and does not live on.
#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_keeps_nothing_beyond_its_lifetime() {
    let (server, (clock, hand)) = (Memory::new(), Clock::manual());
    let build = || {
        let builder = Cache::builder().transport(server.clone()).clock(clock.clone());
        builder.ttl_jitter(0.0).lease(Duration::from_secs(3_600))
    };
    let first = Repo::new(build());
    let second = first.beside(build());
    assert_eq!(first.all(&[1]).await, [(1, 1)]);
    first.source.close();
    let slow = tokio::spawn({
        let repo = first.clone();
        async move { repo.course(2).await }
    });
    settle().await;
    let waiting = tokio::spawn({
        let repo = second.clone();
        async move { repo.all(&[1, 2]).await }
    });
    settle().await;
    hand.advance(Duration::from_secs(24 * 3_600));
    first.source.open();
    assert_eq!(slow.await.unwrap(), Ok(course(2, 1)));
    assert_eq!(waiting.await.unwrap(), [(1, 1), (2, 1)]);
    assert_eq!(second.cache.stats().fills_refused, 0);
    second.source.asked();
    assert_eq!(second.all(&[1]).await, [(1, 1)]);
    assert_eq!(second.source.asked(), [[1]], "its lifetime has ended");
}

#[tokio::test(start_paused = true)]
async fn an_error_is_that_of_all_batches_and_is_not_stored() {
    let repo = Repo::new(Cache::builder().transport(Memory::new()));
    repo.source.gate.close();
    let (batch, other) = tokio::join!(repo.courses(&[1, 2]), repo.courses(&[2, 3]));
    assert_eq!((batch, other), (Err("closed".into()), Err("closed".into())));
    assert_eq!(repo.source.asked(), [[1, 2]]);
    let again = Repo { source: Source::new(), ..repo.clone() };
    assert_eq!(again.all(&[1, 2]).await, [(1, 1), (2, 1)], "no lease is left");
}

/// An error may be of one id, so it is nothing to who wants another, or knows how to do without.
#[tokio::test(start_paused = true)]
async fn a_batch_and_the_function_of_one_id_do_not_share_errors() {
    let repo = Repo::new(Cache::builder().transport(Memory::new()));
    let (single, batch) = tokio::join!(repo.course(100), repo.all(&[1, 100]));
    assert_eq!((single, batch), (Err("not found".into()), vec![(1, 1)]));
    let poisoned = repo.cache.read_many([2, 3], |id| key!("course:<id>"));
    let load = async |_: Vec<u32>| Err::<HashMap<u32, Course>, _>("3 is none".to_owned());
    let (batch, single) =
        tokio::join!(poisoned.tag(|_| "all".into()).or_load(load), repo.course(2));
    assert_eq!((batch, single), (Err("3 is none".into()), Ok(course(2, 1))));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_dropped_leaves_its_keys_to_others() {
    let repo = Repo::new(Cache::builder().transport(Memory::new()));
    repo.source.close();
    let dropped = tokio::spawn({
        let repo = repo.clone();
        async move { repo.all(&[1, 2]).await }
    });
    settle().await;
    let waiting = tokio::spawn({
        let repo = repo.clone();
        async move { repo.all(&[2, 3]).await }
    });
    settle().await;
    dropped.abort();
    repo.source.open();
    assert_eq!(waiting.await.unwrap(), [(2, 1), (3, 1)]);
    assert_eq!(repo.source.asked(), [[1, 2], [2, 3]]);
}

/// While keys are removed one after the other, what rests on cached values is for this process alone.
#[tokio::test]
async fn a_batch_amid_a_removal_fills_nothing() {
    let server = Memory::new();
    let repo = Repo::new(Cache::builder().transport(server.clone()));
    let notice = Command::new("SET").arg("cached:sweep").arg("mark").arg("PX").num(60_000);
    server.pipeline(vec![notice]).await.unwrap();
    let read = repo.cache.read_many([1, 2], |id| key!("outer:<id>"));
    let load = async |missing: Vec<u32>| repo.courses(&missing).await;
    let found: HashMap<u32, Course> = read.or_load(load).await.unwrap();
    assert_eq!((found.len(), repo.cache.stats().fills), (2, 2), "the inner batch rests on nothing");
}

/// Nothing is as long as what is empty: a batch has the right to replace the one, and not to fill the other.
#[tokio::test]
async fn an_empty_value_that_was_invalidated_is_not_replaced() {
    let (redis, memory) = (cached_testkit::RedisServer::start().unwrap(), Memory::new());
    let empty = ["t:k:k:1", "t:k:k:2"].map(|name| Command::new("SET").arg(name).arg(""));
    memory.pipeline(empty.to_vec()).await.unwrap();
    redis.cli(&["MSET", "t:k:k:1", "", "t:k:k:2", ""]);
    let builder = || Cache::builder().namespace("t");
    let builds: [&dyn Fn() -> Cache; 2] =
        [&|| builder().redis(redis.url()).build().unwrap(), &|| {
            builder().transport(memory.clone()).build().unwrap()
        }];
    for build in builds {
        let (cache, other) = (build(), build());
        let load = async |ids: Vec<u32>| {
            other.remove("k:1").await;
            Ok::<_, Infallible>(ids.into_iter().map(|id| (id, 7)).collect::<HashMap<u32, u32>>())
        };
        let found = cache.read_many([1, 2], |id| key!("k:<id>")).or_load(load).await;
        assert_eq!(found.map(|found| found.len()), Ok(2));
        let left = (other.get::<u32>("k:1").await, other.get::<u32>("k:2").await);
        assert_eq!(left, (None, Some(7)));
    }
}

/// What is there is read, and what it refuses for want of memory is no fault.
#[tokio::test]
async fn a_batch_of_a_full_server() {
    let redis = cached_testkit::RedisServer::start().unwrap();
    let build = || Cache::builder().redis(redis.url()).local_off();
    let repo = Repo::new(build());
    repo.all(&[1, 2]).await;
    repo.source.asked();
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    for _ in 0..5 {
        assert_eq!(repo.all(&[1, 2, 3]).await, [(1, 1), (2, 1), (3, 1)]);
        assert_eq!(repo.source.asked(), [[3]]);
    }
    repo.cache.remove_tag("all").await;
    repo.all(&[1, 2]).await;
    assert_eq!((repo.source.asked(), repo.cache.stats().remote_faults), (vec![vec![1, 2]], 0));
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    repo.all(&[1, 2]).await;
    repo.all(&[1, 2]).await;
    assert_eq!(repo.source.asked(), [[1, 2]]);
}

#[tokio::test(start_paused = true)]
async fn batches_over_outdated_entries_cause_one_load() {
    let server = Memory::new();
    let build = || Cache::builder().transport(server.clone());
    let repo = Repo::new(build());
    let other = repo.beside(build());
    repo.all(&[1, 2]).await;
    repo.cache.remove_tag("all").await;
    repo.source.asked();
    let (here, there) = tokio::join!(repo.all(&[1, 2]), other.all(&[1, 2]));
    assert_eq!((here.len(), there.len()), (2, 2));
    assert_eq!(repo.source.asked(), [[1, 2]]);
}

/// 1 rests on 3, and 4 on 1: no key rests on itself, but who loads 3 and 4 at once ties them together.
#[tokio::test(start_paused = true)]
async fn loads_that_rest_on_each_others_keys_do_not_wait_for_ever() {
    type Values = HashMap<u32, u32>;
    let cache = Cache::builder().build().unwrap();
    let (in_one, in_two) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let read = |cache: &Cache, id: u32| {
        let cache = cache.clone();
        async move {
            let load = async |_| Ok::<_, Infallible>(Values::from([(id, id)]));
            let Ok(found) = cache.read_many([id], |id| key!("n:<id>")).or_load(load).await;
            found[&id]
        }
    };
    let one = async {
        let load = async |_| {
            in_one.add_permits(1);
            in_two.acquire().await.unwrap().forget();
            Ok::<_, Infallible>(Values::from([(1, read(&cache, 3).await + 1)]))
        };
        cache.read_many([1], |id| key!("n:<id>")).or_load(load).await
    };
    let two = async {
        in_one.acquire().await.unwrap().forget();
        let load = async |_| {
            in_two.add_permits(1);
            // The other load has joined this one by then.
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, Infallible>(Values::from([(3, 3), (4, read(&cache, 1).await)]))
        };
        cache.read_many([3, 4], |id| key!("n:<id>")).or_load(load).await
    };
    let both = tokio::time::timeout(Duration::from_secs(3600), async { tokio::join!(one, two) });
    let (Ok(one), Ok(two)) = both.await.expect("neither waits for ever");
    assert_eq!((one[&1], two[&3], two[&4]), (4, 3, 1));
}

/// A connection that counts the pipelines that name an entry or a tag.
#[derive(Clone)]
struct Counting {
    server: Memory,
    pipelines: Arc<AtomicUsize>,
}

impl Counting {
    fn new() -> Self {
        Self { server: Memory::new(), pipelines: Arc::default() }
    }

    fn taken(&self) -> usize {
        self.pipelines.swap(0, Ordering::SeqCst)
    }
}

impl Transport for Counting {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let stream = |command: &Command| command.args().skip(1).any(|arg| arg.ends_with(b":bus"));
        if !commands.iter().any(stream) {
            self.pipelines.fetch_add(1, Ordering::SeqCst);
        }
        self.server.pipeline(commands)
    }

    common::in_all_else_as!(server);
}

#[tokio::test]
async fn a_batch_costs_two_round_trips_and_the_load() {
    let counting = Counting::new();
    let build = || Cache::builder().transport(counting.clone());
    let repo = Repo::new(build());
    let other = repo.beside(build());
    let ids: Vec<u32> = (0..100).collect();
    repo.all(&ids).await;
    assert_eq!(counting.taken(), 2, "leases, fills");
    other.all(&ids).await;
    assert_eq!(counting.taken(), 1, "all hits");
    repo.cache.remove_tag("all").await;
    counting.taken();
    assert_eq!(other.all(&ids).await.len(), 100);
    assert_eq!(counting.taken(), 3, "leases take the place of outdated entries");
    other.cache.remove("course:7").await;
    counting.taken();
    repo.all(&ids).await;
    assert_eq!(counting.taken(), 2, "hits and a miss");
    assert_eq!(repo.source.asked(), [ids.clone(), ids, vec![7]]);
}

/// Takes no more at once than a server behind HTTP does.
struct Bounded {
    server: Memory,
}

impl Transport for Bounded {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let size: usize = commands.iter().flat_map(Command::args).map(<[u8]>::len).sum();
        if size > 500_000 {
            return Box::pin(std::future::ready(Err(Fault::Refused("413".into()))));
        }
        self.server.pipeline(commands)
    }

    common::in_all_else_as!(server);
}

#[tokio::test]
async fn a_batch_is_stored_however_large_it_is() {
    let server = Memory::new();
    let build = || Cache::builder().transport(Bounded { server: server.clone() }).build().unwrap();
    let (here, there) = (build(), build());
    let read = async |cache: &Cache| {
        let load = async |ids: Vec<u32>| {
            let text = |id| (id, "x".repeat(20_000));
            Ok::<_, Infallible>(ids.into_iter().map(text).collect::<HashMap<_, _>>())
        };
        let read = cache.read_many(0..100, |id| key!("large:<id>")).tag(|id| key!("of:<id>"));
        let Ok(found) = read.or_load(load).await;
        found.len()
    };
    assert_eq!((read(&here).await, read(&there).await), (100, 100));
    assert_eq!((here.stats().fills, there.stats().loads, there.stats().remote_hits), (100, 0, 100));
    assert_eq!((here.stats().remote_faults, there.stats().remote_faults), (0, 0));
}

#[tokio::test]
async fn a_batch_with_nothing_to_keep_ends_the_older_values() {
    let server = Memory::new();
    let build = || Cache::builder().transport(server.clone()).build().unwrap();
    let (here, there) = (build(), build());
    let read = async |cache: &Cache, value: u32| {
        let load = async |ids: Vec<u32>| {
            Ok::<_, Infallible>(ids.into_iter().map(|id| (id, value)).collect())
        };
        let read = cache.read_many([1, 2], |id| key!("kept:<id>")).cache_if(|value| *value > 0);
        let Ok(found): Result<BTreeMap<_, _>, _> = read.or_load(load).await;
        found.into_values().collect::<Vec<_>>()
    };
    assert_eq!(read(&here, 1).await, [1, 1]);
    assert_eq!(cached_core::refresh_scope(read(&here, 0)).await, [0, 0]);
    assert_eq!((read(&here, 0).await, there.get::<u32>("kept:1").await), (vec![0, 0], None));
}
