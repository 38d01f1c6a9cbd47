//! Numbers over the whole platform: dear to compute, so they live an hour, or until they change.

use cached_core::cached;
use cached_postgres::CachedPool;
use uuid::Uuid;

use crate::model::{
    Count, EnrolmentAnalytics, MonthlyRevenue, PlatformAnalytics, PopularCourse, RevenueAnalytics,
};

/// Reads numbers over everything.
#[derive(Debug, Clone)]
pub struct AnalyticsRepository {
    db: CachedPool,
}

impl AnalyticsRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// Accounts, courses, grades.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "very_long", key = "analytics:platform")]
    pub async fn platform(&self) -> Result<PlatformAnalytics, sqlx::Error> {
        let users = self
            .counts("SELECT role::text AS label, count(*) FROM users GROUP BY role ORDER BY role");
        let courses = self.counts(
            "SELECT status::text AS label, count(*) FROM courses GROUP BY status ORDER BY status",
        );
        let (users, courses) = (users.await?, courses.await?);
        let (graded, mean_score) =
            sqlx::query_as("SELECT count(*), avg(score)::float8 FROM grades")
                .fetch_one(self.db.pool())
                .await?;
        Ok(PlatformAnalytics { users, courses, mean_score, graded })
    }

    /// Enrolments by result and by presentation, and the courses that most take.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "very_long", key = "analytics:enrolments")]
    pub async fn enrolments(&self) -> Result<EnrolmentAnalytics, sqlx::Error> {
        let results = self
            .counts(
                "SELECT coalesce(result::text, 'studying') AS label, count(*) FROM enrolments
                 GROUP BY result ORDER BY result NULLS FIRST",
            )
            .await?;
        let presentations = self
            .counts(
                "SELECT c.presentation AS label, count(*)
                 FROM enrolments e JOIN courses c ON c.id = e.course_id
                 GROUP BY c.presentation ORDER BY min(c.starts_on), c.presentation",
            )
            .await?;
        let popular: Vec<PopularCourse> = sqlx::query_as(
            "SELECT c.id, c.title, count(*) AS students
             FROM courses c JOIN enrolments e ON e.course_id = c.id
             GROUP BY c.id ORDER BY students DESC, c.id LIMIT 8",
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(EnrolmentAnalytics { results, presentations, popular })
    }

    /// What comes in, in all and month by month.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "very_long", key = "analytics:revenue")]
    pub async fn revenue(&self) -> Result<RevenueAnalytics, sqlx::Error> {
        let (paid_pence, open_pence, refunded_pence) = sqlx::query_as(
            "SELECT coalesce(sum(amount_pence) FILTER (WHERE status = 'paid'), 0)::bigint,
                    coalesce(sum(amount_pence) FILTER (WHERE status IN ('pending', 'failed')), 0)::bigint,
                    coalesce(sum(amount_pence) FILTER (WHERE status = 'refunded'), 0)::bigint
             FROM payments",
        )
        .fetch_one(self.db.pool())
        .await?;
        let months: Vec<MonthlyRevenue> = sqlx::query_as(
            "SELECT date_trunc('month', paid_on)::date AS month,
                    sum(amount_pence)::bigint AS paid_pence
             FROM payments WHERE status = 'paid' GROUP BY 1 ORDER BY 1",
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(RevenueAnalytics { paid_pence, open_pence, refunded_pence, months })
    }

    /// The students with the most courses, for warming. Not cached: who warms asks once.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    pub async fn most_active_students(&self, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT student_id FROM enrolments GROUP BY student_id
             ORDER BY count(*) DESC, student_id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(self.db.pool())
        .await
    }

    async fn counts(&self, sql: &'static str) -> Result<Vec<Count>, sqlx::Error> {
        sqlx::query_as(sql).fetch_all(self.db.pool()).await
    }
}
