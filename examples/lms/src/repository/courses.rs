//! Courses: lists, details, statistics. Their writes stand in `course_writes`.

use cached_core::cached;
use cached_postgres::CachedPool;
use uuid::Uuid;

use super::search::containing;
use crate::model::{
    Assessment, CourseCard, CourseDetails, CourseStatistics, CourseSummary, MaterialCount, Page,
    PageRequest, ResultCount,
};

/// The columns of a `CourseSummary`; `c` is the course.
const SUMMARY: &str = "c.id, c.code, c.presentation, c.title, c.status, c.starts_on, c.length_days,
    c.teacher_id, t.name AS teacher_name,
    (SELECT count(*) FROM enrolments e WHERE e.course_id = c.id) AS students
    FROM courses c JOIN users t ON t.id = c.teacher_id";

/// Reads and writes courses.
#[derive(Debug, Clone)]
pub struct CourseRepository {
    pub(super) db: CachedPool,
}

impl CourseRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// All courses that are open, by module and presentation.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "medium", key = "courses:active")]
    pub async fn active(&self) -> Result<Vec<CourseSummary>, sqlx::Error> {
        let sql =
            concat_sql(&[SUMMARY, "WHERE c.status = 'active' ORDER BY c.code, c.presentation"]);
        sqlx::query_as(sql).fetch_all(self.db.pool()).await
    }

    /// One page of the open courses whose title, module or presentation contains the text searched for.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "courses:list:<request.page>:<request.per_page>:<request.search>",
        tags = ["courses", "roster:<return.items.*.id>"]
    )]
    pub async fn list(&self, request: &PageRequest) -> Result<Page<CourseSummary>, sqlx::Error> {
        let found = "WHERE c.status = 'active'
            AND (c.title ILIKE $1 OR c.code || ' ' || c.presentation ILIKE $1)";
        let pattern = containing(&request.search);
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM courses c {found}"));
        let total = sqlx::query_scalar(count).bind(&pattern).fetch_one(self.db.pool()).await?;
        let order = "ORDER BY c.code, c.presentation LIMIT $2 OFFSET $3";
        let items = sqlx::query_as(concat_sql(&[SUMMARY, found, order]))
            .bind(&pattern)
            .bind(i64::from(request.per_page))
            .bind(request.offset())
            .fetch_all(self.db.pool())
            .await?;
        Ok(Page { items, page: request.page, per_page: request.per_page, total })
    }

    /// A course with its assessments, materials and results; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "long",
        key = "course:<id>",
        none = "short",
        tags = ["course:<id>", "roster:<id>", "teacher:<return.*.course.teacher_id>"]
    )]
    pub async fn details(&self, id: Uuid) -> Result<Option<CourseDetails>, sqlx::Error> {
        let pool = self.db.pool();
        let course: Option<CourseSummary> =
            sqlx::query_as(concat_sql(&[SUMMARY, "WHERE c.id = $1"]))
                .bind(id)
                .fetch_optional(pool)
                .await?;
        let Some(course) = course else { return Ok(None) };
        let assessments: Vec<Assessment> = sqlx::query_as(
            "SELECT id, kind, due_day, weight::float8 AS weight FROM assessments
             WHERE course_id = $1 ORDER BY due_day NULLS LAST, id",
        )
        .bind(id)
        .fetch_all(pool)
        .await?;
        let materials: Vec<MaterialCount> = sqlx::query_as(
            "SELECT activity_type, count(*) AS count FROM materials
             WHERE course_id = $1 GROUP BY activity_type ORDER BY count DESC, activity_type",
        )
        .bind(id)
        .fetch_all(pool)
        .await?;
        let results: Vec<ResultCount> = sqlx::query_as(
            "SELECT result, count(*) AS count FROM enrolments
             WHERE course_id = $1 GROUP BY result ORDER BY result",
        )
        .bind(id)
        .fetch_all(pool)
        .await?;
        Ok(Some(CourseDetails { course, assessments, materials, results }))
    }

    /// What its students' pages show of a course; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "long",
        key = "course:<id>:card",
        none = "short",
        tags = ["course:<id>", "teacher:<return.*.teacher_id>"]
    )]
    pub async fn card(&self, id: Uuid) -> Result<Option<CourseCard>, sqlx::Error> {
        sqlx::query_as(
            "SELECT c.code, c.presentation, c.title, c.status, c.starts_on, c.length_days, c.teacher_id,
                    t.name AS teacher_name,
                    (SELECT count(*) FROM materials m WHERE m.course_id = c.id) AS materials,
                    ARRAY(SELECT a.due_day FROM assessments a WHERE a.course_id = c.id) AS due_days
             FROM courses c JOIN users t ON t.id = c.teacher_id WHERE c.id = $1",
        )
        .bind(id)
        .fetch_optional(self.db.pool())
        .await
    }

    /// How a course goes; zeros if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "medium", key = "course:<id>:statistics", tags = ["roster:<id>", "work:<id>"])]
    pub async fn statistics(&self, id: Uuid) -> Result<CourseStatistics, sqlx::Error> {
        sqlx::query_as(
            "SELECT count(*) AS students,
                    count(*) FILTER (WHERE result IS NULL) AS studying,
                    count(*) FILTER (WHERE result IN ('pass', 'distinction')) AS passed,
                    count(*) FILTER (WHERE result = 'withdrawn') AS withdrawn,
                    (SELECT count(*) FROM grades g JOIN assessments a ON a.id = g.assessment_id
                     WHERE a.course_id = $1) AS graded,
                    (SELECT avg(g.score)::float8 FROM grades g
                     JOIN assessments a ON a.id = g.assessment_id
                     WHERE a.course_id = $1) AS mean_score,
                    (SELECT coalesce(sum(p.amount_pence), 0)::bigint FROM payments p
                     JOIN enrolments paid ON paid.id = p.enrolment_id
                     WHERE paid.course_id = $1 AND p.status = 'paid') AS paid_pence
             FROM enrolments WHERE course_id = $1",
        )
        .bind(id)
        .fetch_one(self.db.pool())
        .await
    }
}

/// A query out of constant parts of this file.
fn concat_sql(parts: &[&'static str]) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("SELECT {}", parts.join(" ")))
}
