//! Cache-aside by hand over redis-rs, as a careful programmer writes it: `GET`, on a miss load and
//! `SET EX`; after a write `DEL` of each key that shows what changed, and a version number in the
//! keys of lists. It is here to be measured against the annotations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands as _, RedisResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

/// A cache-aside over one Redis. Cloning gives the same one.
#[derive(Clone)]
pub struct ByHand {
    redis: ConnectionManager,
    /// What every key begins with, and a colon.
    prefix: Arc<str>,
    pool: PgPool,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl std::fmt::Debug for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByHand").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl ByHand {
    /// Connects to a Redis; the database tells whose pages a write concerns. Keys begin with the namespace.
    ///
    /// # Errors
    ///
    /// The Redis does not answer.
    pub async fn connect(url: &str, namespace: &str, pool: PgPool) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(Duration::from_millis(500)))
            .set_connection_timeout(Some(Duration::from_millis(500)))
            .set_number_of_retries(1);
        let redis = ConnectionManager::new_with_config(redis::Client::open(url)?, config).await?;
        Ok(Self { redis, prefix: format!("{namespace}:").into(), pool, counts: Arc::default() })
    }

    /// Hits and misses so far.
    pub(super) fn counts(&self) -> (u64, u64) {
        let Counts { hits, misses } = &*self.counts;
        (hits.load(Ordering::Relaxed), misses.load(Ordering::Relaxed))
    }

    fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The value of a key; loaded and stored if it is not there. A Redis that fails is no error.
    pub(super) async fn read<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        seconds: u64,
        load: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let mut redis = self.redis.clone();
        let key = self.name(key);
        let found: RedisResult<Option<Vec<u8>>> = redis.get(&key).await;
        if let Ok(Some(bytes)) = found
            && let Ok(value) = serde_json::from_slice(&bytes)
        {
            self.counts.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(value);
        }
        self.counts.misses.fetch_add(1, Ordering::Relaxed);
        let value = load.await?;
        if let Ok(bytes) = serde_json::to_vec(&value) {
            let _: RedisResult<()> = redis.set_ex(&key, bytes, seconds).await;
        }
        Ok(value)
    }

    /// The version that stands in the keys of all course lists, so that one `INCR` makes them untrue.
    pub(super) async fn courses_version(&self) -> u64 {
        let version: RedisResult<Option<u64>> =
            self.redis.clone().get(self.name("hand:courses:version")).await;
        version.ok().flatten().unwrap_or_default()
    }

    /// Title, dates or status: on the course's pages, on those of its teacher and of all its students.
    pub(super) async fn course_changed(&self, course: Uuid) {
        let teacher = sqlx::query_scalar("SELECT teacher_id FROM courses WHERE id = $1");
        let teacher: Option<Uuid> =
            teacher.bind(course).fetch_optional(&self.pool).await.ok().flatten();
        let students = sqlx::query_scalar("SELECT student_id FROM enrolments WHERE course_id = $1");
        let students: Vec<Uuid> =
            students.bind(course).fetch_all(&self.pool).await.unwrap_or_default();
        let mut keys = vec![
            format!("hand:course:{course}"),
            format!("hand:course:{course}:statistics"),
            "hand:dashboard:admin".to_owned(),
            "hand:analytics:enrolments".to_owned(),
        ];
        keys.extend(teacher.map(|id| format!("hand:dashboard:teacher:{id}")));
        let pages = ["dashboard", "courses", "grades", "payments"];
        keys.extend(
            students
                .iter()
                .flat_map(|student| pages.map(|page| format!("hand:student:{student}:{page}"))),
        );
        self.delete(keys).await;
        self.lists_changed().await;
    }

    /// Some pages of a student: `dashboard`, `profile`, `courses`, `grades`, `payments`.
    pub(super) async fn student_changed(&self, student: Uuid, pages: &[&str]) {
        self.delete(pages.iter().map(|page| format!("hand:student:{student}:{page}")).collect())
            .await;
    }

    /// Who takes a course.
    pub(super) async fn roster_changed(&self, course: Uuid) {
        self.delete(vec![format!("hand:course:{course}")]).await;
        self.work_changed(course).await;
    }

    /// What students did in a course: grades, payments.
    pub(super) async fn work_changed(&self, course: Uuid) {
        let teacher = sqlx::query_scalar("SELECT teacher_id FROM courses WHERE id = $1");
        let teacher: Option<Uuid> =
            teacher.bind(course).fetch_optional(&self.pool).await.ok().flatten();
        let mut keys = vec![format!("hand:course:{course}:statistics")];
        keys.extend(teacher.map(|id| format!("hand:dashboard:teacher:{id}")));
        self.delete(keys).await;
    }

    /// A teacher has another name, or other courses: too many pages show it to name them, so all go.
    pub(super) async fn teacher_changed(&self, teacher: Uuid) {
        let courses = sqlx::query_scalar("SELECT id FROM courses WHERE teacher_id = $1");
        let courses: Vec<Uuid> =
            courses.bind(teacher).fetch_all(&self.pool).await.unwrap_or_default();
        for course in courses {
            self.course_changed(course).await;
        }
        self.delete(vec![format!("hand:dashboard:teacher:{teacher}")]).await;
        self.lists_changed().await;
    }

    /// A login has ended.
    pub(super) async fn logged_out(&self, token: &str) {
        self.delete(vec![session_key(token)]).await;
    }

    /// Some list of courses is not right any more.
    pub(super) async fn lists_changed(&self) {
        let _: RedisResult<u64> =
            self.redis.clone().incr(self.name("hand:courses:version"), 1).await;
    }

    /// Some of what is counted over the whole platform: `analytics:platform`, `analytics:enrolments`,
    /// `analytics:revenue`, `dashboard:admin`.
    pub(super) async fn counts_changed(&self, names: &[&str]) {
        self.delete(names.iter().map(|name| format!("hand:{name}")).collect()).await;
    }

    async fn delete(&self, keys: Vec<String>) {
        let keys: Vec<String> = keys.iter().map(|key| self.name(key)).collect();
        for some in keys.chunks(500) {
            let gone: RedisResult<u64> = self.redis.clone().del(some).await;
            if let Err(error) = gone {
                tracing::warn!(%error, "a key could not be deleted; its old value stays until it expires");
            }
        }
    }
}

/// Where a login is. Redis keeps a digest of the token alone, as the database does.
pub(super) fn session_key(token: &str) -> String {
    let digest = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("hand:session:{digest}")
}
