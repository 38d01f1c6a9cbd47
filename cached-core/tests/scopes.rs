//! Request, refresh and bypass scopes: what a stretch of one task changes for its reads, and for nobody else's.

mod common;

use cached_core::{
    Cache, Clock, ReadSource, bypass_scope, cached, invalidates, refresh_scope, request_scope,
    request_scope_with_report,
};
use common::{Source, eventually, pair, read};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[tokio::test]
async fn in_a_request_a_key_is_read_once_whatever_the_tiers_say() {
    let cache = Cache::builder().build().unwrap();
    let source = Source::default();
    // No tier keeps it: only the request does.
    let unkept = async || {
        cache.read("k").ttl(Duration::ZERO).local_off().or_load(|| source.load()).await.unwrap()
    };
    let (values, report) =
        request_scope_with_report(async { [unkept().await, unkept().await, unkept().await] }).await;
    assert_eq!((values, source.loads()), ([0; 3], 1));
    assert_eq!((report.count(ReadSource::Load), report.count(ReadSource::Request)), (1, 2));
    assert_eq!(cache.stats().request_hits, 2);
    unkept().await;
    assert_eq!(source.loads(), 2, "outside it is as ever");
}

#[tokio::test]
async fn a_request_sees_its_own_invalidations() {
    let cache = Cache::builder().build().unwrap();
    let source = Source::default();
    request_scope(async {
        assert_eq!(read(&cache, "k", &source).await, 0);
        source.write();
        assert_eq!(read(&cache, "k", &source).await, 0);
        cache.remove("k").await;
        assert_eq!(read(&cache, "k", &source).await, 1);
        let tagged = async || cache.read("t").tag("tag").or_load(|| source.load()).await.unwrap();
        assert_eq!(tagged().await, 1);
        source.write();
        cache.remove_tag("tag").await;
        assert_eq!(tagged().await, 2);
    })
    .await;
}

#[tokio::test]
async fn requests_do_not_share_what_they_read() {
    let cache = Cache::builder().build().unwrap();
    let source = Source::default();
    let unkept =
        async || cache.read("k").ttl(Duration::ZERO).or_load(|| source.load()).await.unwrap();
    request_scope(unkept()).await;
    source.write();
    assert_eq!(request_scope(unkept()).await, 1);
}

/// A cache that was dropped may leave its place in memory to the next one.
#[tokio::test]
async fn a_request_does_not_take_one_cache_for_another() {
    request_scope(async {
        for built in 0..20 {
            let cache = Cache::builder().build().unwrap();
            let load = async || Ok::<_, std::convert::Infallible>(built);
            assert_eq!(cache.read("k").or_load(load).await, Ok(built));
        }
    })
    .await;
}

#[tokio::test]
async fn a_refresh_scope_loads_each_key_anew_once_and_stores_it_everywhere() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    read(&a, "k", &source).await;
    source.write();
    assert_eq!(read(&a, "k", &source).await, 0);
    let twice =
        refresh_scope(async { [read(&a, "k", &source).await, read(&a, "k", &source).await] }).await;
    assert_eq!((twice, source.loads()), ([1, 1], 2));
    assert_eq!(read(&a, "k", &source).await, 1);
    assert_eq!(read(&b, "k", &source).await, 1);
    assert_eq!(source.loads(), 2, "the other process finds the refreshed entry");
}

#[tokio::test]
async fn a_refresh_that_fails_leaves_the_entry_to_others() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    read(&a, "k", &source).await;
    let failing = a.read("k").or_load(|| async {
        assert_eq!(b.get("k").await, Some(0_u32), "it is there meanwhile");
        Err::<u32, _>("broken")
    });
    assert_eq!(refresh_scope(failing).await, Err("broken"));
    assert_eq!((read(&b, "k", &source).await, source.loads()), (0, 1));
}

/// The refreshed value was read before the invalidation.
#[tokio::test]
async fn a_refresh_stores_nothing_that_was_invalidated_meanwhile() {
    for tagged in [false, true] {
        let (a, b, _) = pair().await;
        let source = Source::default();
        let reading = || a.read("k").tag("t");
        assert_eq!(reading().or_load(|| source.load()).await, Ok(0));
        let refreshing = reading().or_load(|| async {
            let old = source.load().await;
            source.write();
            if tagged {
                b.remove_tag("t").await
            } else {
                b.remove("k").await
            };
            old
        });
        assert_eq!(refresh_scope(refreshing).await, Ok(0));
        assert_eq!(b.get("k").await, None::<u32>, "tagged {tagged}");
        assert_eq!(read(&b, "k", &source).await, 1);
    }
}

#[tokio::test]
async fn a_refresh_with_nothing_to_keep_removes_the_entry() {
    let (a, b, _) = pair().await;
    let source = Source::default();
    let reading = || a.read("k").cache_if(|value| *value == 0);
    assert_eq!(reading().or_load(|| source.load()).await, Ok(0));
    source.write();
    assert_eq!(refresh_scope(reading().or_load(|| source.load())).await, Ok(1));
    assert_eq!(b.get("k").await, None::<u32>);
    assert_eq!((read(&b, "k", &source).await, source.loads()), (1, 3));
}

#[tokio::test]
async fn a_bypass_scope_neither_asks_nor_fills() {
    let cache = Cache::builder().build().unwrap();
    let source = Source::default();
    assert_eq!(bypass_scope(read(&cache, "k", &source)).await, 0);
    source.write();
    assert_eq!(read(&cache, "k", &source).await, 1);
    source.write();
    assert_eq!(bypass_scope(read(&cache, "k", &source)).await, 2);
    assert_eq!(read(&cache, "k", &source).await, 1);
}

#[tokio::test]
async fn a_stale_value_is_one_of_the_requests_reads() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let source = Source::default();
    let ttl = Duration::from_secs(10);
    let revalidated = async || {
        let source = source.clone();
        let read = cache.read("k").ttl(ttl).stale_while_revalidate(ttl);
        let load = move || {
            let source = source.clone();
            async move { source.load().await }
        };
        read.or_load_owned(load).await.unwrap()
    };
    revalidated().await;
    source.write();
    hand.advance(ttl);
    let (values, report) = request_scope_with_report(async {
        let first = revalidated().await;
        eventually("it was loaded anew", || source.loads() == 2 && cache.flights() == 0).await;
        [first, revalidated().await]
    })
    .await;
    assert_eq!(values, [0, 0], "the same value all through the request");
    assert_eq!((report.count(ReadSource::Stale), report.count(ReadSource::Request)), (1, 1));
    assert!(report.reads.iter().all(|read| read.ttl.is_some_and(|ttl| ttl <= 0)));
}

#[tokio::test]
async fn what_went_past_the_cache_and_what_failed_is_accounted_for() {
    let cache = Cache::builder().build().unwrap();
    let failing = async || cache.read("f").or_load(async || Err::<u32, &str>("no")).await;
    let source = Source::default();
    let (_, report) = request_scope_with_report(async {
        assert_eq!(failing().await, Err("no"));
        bypass_scope(read(&cache, "k", &source)).await;
        bypass_scope(read(&cache, "k", &source)).await;
    })
    .await;
    assert_eq!((report.count(ReadSource::Failed), report.count(ReadSource::Bypass)), (1, 2));
    let status = report.cache_status().unwrap();
    assert_eq!(status, "cached; fwd=miss; detail=failed, cached; fwd=bypass, cached; fwd=bypass");
}

/// A course is in the repository's cache, its teacher in the current one.
#[derive(Clone)]
struct Courses {
    cache: Cache,
}

static TEACHER: AtomicU32 = AtomicU32::new(1);
static COURSES: AtomicU32 = AtomicU32::new(0);

#[cached(key = "teacher", ttl = "1h")]
async fn teacher() -> u32 {
    TEACHER.load(Ordering::SeqCst)
}

#[invalidates(teacher())]
async fn set_teacher(to: u32) {
    TEACHER.store(to, Ordering::SeqCst);
}

impl Courses {
    #[cached(cache = self.cache, key = "course", ttl = "10s", stale_while_revalidate = "1h")]
    async fn course(&self) -> u32 {
        let teacher = teacher().await;
        COURSES.fetch_add(1, Ordering::SeqCst);
        teacher
    }

    async fn loaded(&self, times: u32) {
        let loaded = || COURSES.load(Ordering::SeqCst) == times && self.cache.flights() == 0;
        eventually("it was loaded anew", loaded).await;
    }
}

/// Else the copy that the background load makes in the other cache would never be invalidated.
#[tokio::test]
async fn a_background_load_uses_the_current_cache_of_its_caller() {
    let (clock, hand) = Clock::manual();
    let build = || Cache::builder().clock(clock.clone()).ttl_jitter(0.0).build().unwrap();
    let (current, courses) = (build(), Courses { cache: build() });
    current
        .scope(async {
            assert_eq!(courses.course().await, 1);
            hand.advance(Duration::from_secs(10));
            assert_eq!(courses.course().await, 1, "stale");
            courses.loaded(2).await;
            set_teacher(2).await;
            courses.cache.remove("course").await;
            assert_eq!(courses.course().await, 2);
            hand.advance(Duration::from_secs(10));
            assert_eq!(courses.course().await, 2, "stale");
            courses.loaded(4).await;
            assert_eq!(courses.course().await, 2);
        })
        .await;
}
