//! What only the REST transport must do: send again what may be sent again, stay in sync, and keep its token to itself.

use cached_core::{Cache, CacheBuilder, ErrorKind, key};
use cached_testkit::{Exchange, RedisServer, RestFront, eventually};
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

struct World {
    redis: RedisServer,
    front: RestFront,
}

impl World {
    fn start() -> Self {
        let redis = RedisServer::start().unwrap();
        let front = RestFront::start(&redis).unwrap();
        Self { redis, front }
    }

    fn builder(&self) -> CacheBuilder {
        let builder = Cache::builder().namespace("t").operation_timeout(Duration::from_secs(20));
        builder.upstash(self.front.url(), self.front.token())
    }

    /// Requests that hold a command of this name on this key.
    fn asked(&self, name: &str, key: &str) -> Vec<Exchange> {
        let holds = |exchange: &Exchange| {
            let commands = exchange.body.as_array().into_iter().flatten();
            commands.into_iter().any(|c| c[0] == name && (c[1] == key || c[3] == key))
        };
        self.front.exchanges().into_iter().filter(holds).collect()
    }

    /// Runs a request's script on a key once more.
    fn run_again(&self, exchange: &Exchange, key: &str) -> String {
        let commands = exchange.body.as_array().unwrap();
        let script = commands.iter().find(|it| it[0] == "EVAL" && it[3] == key).unwrap();
        let words = script.as_array().unwrap().iter();
        self.redis.cli(&words.map(|it| it.as_str().unwrap()).collect::<Vec<_>>())
    }
}

/// Reads one key past the local tier.
async fn read(cache: &Cache, key: &str, value: u32) -> u32 {
    let load = || async { Ok::<_, Infallible>(value) };
    let Ok(found) = cache.read(key).local_off().or_load(load).await;
    found
}

/// A cache whose backplane asks once, and so takes none of the faults that a test plans.
async fn quiet(world: &World) -> Cache {
    let cache = world.builder().backplane_poll(Duration::from_secs(3_600)).build().unwrap();
    eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
    cache
}

#[tokio::test]
async fn refusals_for_haste_and_failures_of_the_server_are_asked_again() {
    let world = World::start();
    let cache = quiet(&world).await;
    for (status, key) in [(429, "a"), (500, "b"), (503, "c")] {
        world.front.fail_next(2, status);
        assert_eq!(read(&cache, key, 1).await, 1);
        let statuses: Vec<_> =
            world.asked("EVAL", &format!("t:k:{key}")).iter().map(|e| e.status).collect();
        assert_eq!(statuses, [status, status, 200, 200], "a look-up and a fill");
        assert_eq!(read(&cache, key, 2).await, 1);
    }
    assert_eq!((cache.stats().remote_faults, cache.stats().fills), (0, 3));
}

#[tokio::test]
async fn other_refusals_are_final() {
    let world = World::start();
    let cache = quiet(&world).await;
    for (status, key) in [(400, "a"), (401, "b"), (404, "c"), (413, "d")] {
        world.front.fail_next(1, status);
        assert_eq!(read(&cache, key, 1).await, 1);
        assert_eq!(world.asked("EVAL", &format!("t:k:{key}")).len(), 1, "{status}");
        assert_eq!(read(&cache, key, 1).await, 1, "asked again, it is stored");
    }
    assert_eq!((cache.stats().remote_faults, cache.stats().fills), (4, 4));
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up() {
    let world = World::start();
    let cache = quiet(&world).await;
    world.front.fail_next(u32::MAX, 429);
    assert_eq!(read(&cache, "k", 1).await, 1);
    assert_eq!(world.asked("EVAL", "t:k:k").len(), 4, "four attempts");
    assert_eq!(cache.stats().remote_faults, 1);
}

/// Each step of a miss runs twice, its first answer lost: the second answers as the first did.
#[tokio::test]
async fn answers_that_get_lost_change_nothing() {
    let world = World::start();
    let cache = quiet(&world).await;
    world.front.lose_next("EVAL");
    let load = || async {
        world.front.lose_next("EVAL");
        Ok::<_, Infallible>(1)
    };
    assert_eq!(cache.read("k").local_off().or_load(load).await, Ok(1));
    assert_eq!(world.asked("EVAL", "t:k:k").len(), 4, "a look-up and a fill, twice each");
    let stats = cache.stats();
    assert_eq!((stats.remote_faults, stats.fills, stats.fills_refused), (0, 1, 0));
    // Foreign bytes are replaced by a lease, twice too.
    world.redis.command(&[&b"SET"[..], b"t:k:foreign", b"\xffx"]).unwrap();
    world.front.lose_next("EVAL");
    let load = || async {
        let replacement = &world.asked("EVAL", "t:k:foreign")[2];
        let lease = world.redis.cli(&["GET", "t:k:foreign"]);
        assert_eq!(world.run_again(replacement, "t:k:foreign"), lease, "answered as before");
        Ok::<_, Infallible>(2)
    };
    assert_eq!(cache.read("foreign").local_off().or_load(load).await, Ok(2));
    let asked = world.asked("EVAL", "t:k:foreign");
    assert_eq!(asked.len(), 4, "two look-ups, a replacement, a fill");
    assert_eq!((cache.stats().fills, cache.stats().undecodable), (2, 1));
}

/// Whatever a lost generation was ended by in between, the one that its repetition makes is another.
#[tokio::test]
async fn a_generation_is_not_put_back_by_a_command_that_runs_twice() {
    let world = World::start();
    let cache = quiet(&world).await;
    world.front.lose_next("EVAL");
    let load = || async { Ok::<_, Infallible>(1) };
    assert_eq!(cache.read("k").tag("a").local_off().or_load(load).await, Ok(1));
    assert_eq!((cache.stats().remote_faults, cache.stats().fills), (0, 1));
    let asked = world.asked("EVAL", "t:t:a");
    assert_eq!((asked.len(), &asked[0].body), (2, &asked[1].body), "sent again as it was");
    let first = world.redis.cli(&["GET", "t:t:a"]);
    assert_eq!(world.run_again(&asked[0], "t:t:a"), first, "it stands");
    assert_eq!(world.redis.cli(&["DEL", "t:t:a"]), "1");
    assert_ne!(world.run_again(&asked[0], "t:t:a"), first);
}

/// What a reader holds is the lease of the repetition. The request that was given up for lost makes another, and so gives
/// nobody the right to store what is older than the invalidation in between.
#[tokio::test]
async fn a_look_up_that_runs_late_does_not_put_its_lease_back() {
    let world = World::start();
    let (cache, other) = (quiet(&world).await, quiet(&world).await);
    world.front.lose_next("EVAL");
    let load = || async {
        other.remove("k").await;
        world.run_again(&world.asked("EVAL", "t:k:k")[0], "t:k:k");
        Ok::<_, Infallible>(1)
    };
    assert_eq!(cache.read("k").local_off().or_load(load).await, Ok(1));
    assert_eq!((cache.stats().fills, cache.stats().fills_refused), (0, 1));
    assert!(world.redis.cli(&["GET", "t:k:k"]).starts_with("cached1L"), "nobody's, until it ends");
}

/// The same of many keys at a time.
#[tokio::test]
async fn a_batch_that_runs_late_does_not_put_its_leases_back() {
    let world = World::start();
    let (cache, other) = (quiet(&world).await, quiet(&world).await);
    world.front.lose_next("EVAL");
    let load = async |ids: Vec<u32>| {
        other.remove("k:1").await;
        world.run_again(&world.asked("EVAL", "t:k:k:1")[0], "t:k:k:1");
        Ok::<_, Infallible>(ids.into_iter().map(|id| (id, id)).collect::<HashMap<u32, u32>>())
    };
    let found = cache.read_many([1, 2], |id| key!("k:<id>")).or_load(load).await;
    assert_eq!(found.map(|found: HashMap<u32, u32>| found.len()), Ok(2));
    assert_eq!((cache.stats().fills, cache.stats().fills_refused), (1, 1));
}

/// What one transport stored the other replaces, though it is no text: by its digits, so that a request which runs late replaces
/// nothing else, as long as it may be.
#[tokio::test]
async fn a_replacement_that_runs_late_replaces_nothing_else() {
    let world = World::start();
    let (rest, other) = (quiet(&world).await, quiet(&world).await);
    let redis = Cache::builder().namespace("t").redis(world.redis.url()).build().unwrap();
    let by_redis = async |value: u32| {
        let load = || async { Ok::<_, Infallible>(value) };
        redis.read("k").tag("a").local_off().or_load(load).await
    };
    assert_eq!(by_redis(1).await, Ok(1));
    redis.remove_tag("a").await;
    let load = || async {
        other.remove("k").await;
        assert_eq!(by_redis(3).await, Ok(3));
        let asked = world.asked("EVAL", "t:k:k");
        assert_eq!(asked.len(), 2, "a look-up and a replacement");
        world.run_again(&asked[1], "t:k:k");
        Ok::<_, Infallible>(2)
    };
    assert_eq!(rest.read("k").tag("a").local_off().or_load(load).await, Ok(2));
    assert_eq!((rest.stats().fills, rest.stats().fills_refused), (0, 1));
    assert_eq!(by_redis(9).await, Ok(3), "what was loaded before its invalidation is not stored");
}

/// Between the first `SET` and its repetition somebody may have invalidated it.
#[tokio::test]
async fn a_plain_set_whose_answer_got_lost_becomes_an_invalidation() {
    let world = World::start();
    let cache = quiet(&world).await;
    world.front.lose_next("SET");
    cache.set("k", 7, Duration::from_secs(60)).await;
    assert_eq!(world.asked("SET", "t:k:k").len(), 1);
    eventually("it is delivered", || async { cache.queued() == 0 }).await;
    assert_eq!(world.redis.cli(&["EXISTS", "t:k:k"]), "0");
}

/// A lease is of no use where a tag's generation cannot be read: given back, so that nobody waits for it.
#[tokio::test]
async fn leases_of_no_use_are_given_back() {
    let world = World::start();
    let cache = quiet(&world).await;
    world.redis.cli(&["LPUSH", "t:t:a", "no generation"]);
    let load = || async { Ok::<_, Infallible>(1) };
    assert_eq!(cache.read("k:0").tag("a").local_off().or_load(load).await, Ok(1));
    let load = async |ids: Vec<u32>| {
        Ok::<_, Infallible>(ids.into_iter().map(|id| (id, id)).collect::<HashMap<u32, u32>>())
    };
    let batch = cache.read_many([1, 2], |id| key!("k:<id>")).tag(|_| "a".into());
    assert_eq!(batch.or_load(load).await.map(|found| found.len()), Ok(2));
    assert_eq!(world.redis.cli(&["EXISTS", "t:k:k:0", "t:k:k:1", "t:k:k:2"]), "0");
}

#[tokio::test]
async fn each_request_carries_the_last_sync_token() {
    let world = World::start();
    let cache = quiet(&world).await;
    for key in ["a", "b", "c"] {
        read(&cache, key, 1).await;
    }
    let exchanges = world.front.exchanges();
    assert!(exchanges.len() >= 7, "{exchanges:?}");
    let mut last = String::new();
    for exchange in exchanges {
        assert_eq!(exchange.headers["upstash-sync-token"], last);
        last = exchange.sync_token.unwrap();
    }
}

/// Applications of both kinds share one database: Upstash speaks Redis' protocol as well.
#[tokio::test]
async fn either_transport_reads_what_the_other_stored() {
    let world = World::start();
    let rest = quiet(&world).await;
    let redis = Cache::builder().namespace("t").redis(world.redis.url()).build().unwrap();
    read(&rest, "by-rest", 1).await;
    read(&redis, "by-redis", 2).await;
    assert_eq!((read(&redis, "by-rest", 9).await, read(&rest, "by-redis", 9).await), (1, 2));
    let stored = world.redis.cli(&["GET", "t:k:by-rest"]);
    assert!(stored.starts_with("cached1Et") && stored.ends_with(".1"), "{stored}");
    // And each removes what the other stored.
    rest.remove("by-redis").await;
    redis.remove("by-rest").await;
    assert_eq!((read(&redis, "by-rest", 3).await, read(&rest, "by-redis", 4).await), (3, 4));
    assert_eq!((rest.stats().undecodable, redis.stats().undecodable), (0, 0));
}

#[tokio::test]
async fn a_wrong_token_costs_loads_only_and_is_not_repeated() {
    let world = World::start();
    let builder = Cache::builder().upstash(world.front.url(), "wr0ng-token");
    assert!(!format!("{builder:?}").contains("wr0ng"));
    let cache = builder.build().unwrap();
    assert_eq!((read(&cache, "k", 1).await, read(&cache, "k", 2).await), (1, 2));
    assert!(cache.stats().remote_faults > 0);
    for exchange in world.front.exchanges() {
        assert_eq!((exchange.status, &exchange.answer["error"]), (401, &"Unauthorized".into()));
    }
}

/// The variables are those of a process, so it is asked in a process of its own.
#[tokio::test]
async fn the_environment_says_where_the_database_is() {
    if std::env::var_os("UPSTASH_REDIS_REST_URL").is_some() {
        let cache = Cache::builder().namespace("t").upstash_from_env().build().unwrap();
        assert_eq!(read(&cache, "k", 1).await, 1);
        assert_eq!(cache.stats().fills, 1);
        return;
    }
    let error = Cache::builder().upstash_from_env().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().starts_with("`UPSTASH_REDIS_REST_URL` is not set"), "{error}");
    let world = World::start();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_environment_says_where_the_database_is"])
        .env("UPSTASH_REDIS_REST_URL", world.front.url())
        .env("UPSTASH_REDIS_REST_TOKEN", world.front.token())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert_eq!(world.redis.cli(&["EXISTS", "t:k:k"]), "1");
}
