//! Students: list, profile, dashboard.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use uuid::Uuid;

use super::events::student_changed;
use super::outcome::WriteError;
use super::people;
use super::search::containing;
use crate::model::{
    Dashboard, DashboardCourse, Page, PageRequest, ProfileInput, StudentProfile, StudentSummary,
    UserRole,
};

/// Reads and writes students.
#[derive(Debug, Clone)]
pub struct StudentRepository {
    db: CachedPool,
}

impl StudentRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// One page of the students whose name or OULAD number contains the text searched for.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "students:list:<request.page>:<request.per_page>:<request.search>",
        tags = "students"
    )]
    pub async fn list(&self, request: &PageRequest) -> Result<Page<StudentSummary>, sqlx::Error> {
        let pattern = containing(&request.search);
        let total = sqlx::query_scalar(
            "SELECT count(*) FROM users
             WHERE role = 'student' AND (name ILIKE $1 OR oulad_id::text LIKE $1)",
        )
        .bind(&pattern)
        .fetch_one(self.db.pool())
        .await?;
        let items = sqlx::query_as(
            "SELECT u.id, u.name, u.oulad_id,
                    (SELECT count(*) FROM enrolments e WHERE e.student_id = u.id) AS courses
             FROM users u
             WHERE u.role = 'student' AND (u.name ILIKE $1 OR u.oulad_id::text LIKE $1)
             ORDER BY u.name, u.id LIMIT $2 OFFSET $3",
        )
        .bind(&pattern)
        .bind(i64::from(request.per_page))
        .bind(request.offset())
        .fetch_all(self.db.pool())
        .await?;
        Ok(Page { items, page: request.page, per_page: request.per_page, total })
    }

    /// Who a student is; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "long", key = "student:<id>", none = "short", tags = "student:<id>")]
    pub async fn profile(&self, id: Uuid) -> Result<Option<StudentProfile>, sqlx::Error> {
        sqlx::query_as(
            "SELECT u.id, u.name, u.email, u.oulad_id, p.region, p.education, u.about
             FROM users u JOIN student_profiles p ON p.user_id = u.id
             WHERE u.id = $1",
        )
        .bind(id)
        .fetch_optional(self.db.pool())
        .await
    }

    /// What a student sees first; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "dashboard:<id>",
        none = "short",
        tags = [
            "student:<id>",
            "course:<return.*.courses.*.course_id>",
            "teacher:<return.*.courses.*.teacher_id>",
        ]
    )]
    pub async fn dashboard(&self, id: Uuid) -> Result<Option<Dashboard>, sqlx::Error> {
        let Some(student) = self.profile(id).await? else { return Ok(None) };
        let courses: Vec<DashboardCourse> =
            sqlx::query_as(DASHBOARD).bind(id).fetch_all(self.db.pool()).await?;
        Ok(Some(Dashboard { student, courses }))
    }

    /// Changes what a student says of themselves, wherever it shows.
    ///
    /// # Errors
    ///
    /// There is no such student, somebody else has the address, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the commit, nothing is stored; after it, what it makes untrue is invalidated.
    pub async fn edit(&self, id: Uuid, profile: &ProfileInput) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        edit(&mut tx, id, profile).await?;
        Ok(tx.commit().await?)
    }
}

#[invalidates(in = tx, with = student_changed(id))]
async fn edit(
    tx: &mut CachedTransaction<'_>,
    id: Uuid,
    profile: &ProfileInput,
) -> Result<(), WriteError> {
    people::edit(tx, id, UserRole::Student, profile).await
}

/// Progress is how much of the course has gone by: all of it once there is a result, unless the
/// student left on a known day.
const DASHBOARD: &str = "
SELECT e.id AS enrolment_id, c.id AS course_id, c.code, c.presentation, c.title,
       c.teacher_id, t.name AS teacher_name, e.result, e.credits, progress.percent AS progress_percent,
       (SELECT count(*) FROM materials m WHERE m.course_id = c.id) AS materials,
       work.assessments, work.assessments_due, done.graded, done.mean_score,
       money.paid_pence, money.open_pence, money.refunded_pence
FROM enrolments e
JOIN courses c ON c.id = e.course_id
JOIN users t ON t.id = c.teacher_id
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN e.unregistered_day IS NOT NULL THEN e.unregistered_day
        WHEN e.result IS NOT NULL THEN c.length_days
        ELSE current_date - c.starts_on
    END AS day
) reached
CROSS JOIN LATERAL (
    SELECT greatest(0, least(100, 100 * reached.day / c.length_days)) AS percent
) progress
CROSS JOIN LATERAL (
    SELECT count(*) AS assessments,
           count(*) FILTER (WHERE a.due_day <= reached.day) AS assessments_due
    FROM assessments a WHERE a.course_id = c.id
) work
CROSS JOIN LATERAL (
    SELECT count(*) AS graded, avg(g.score)::float8 AS mean_score
    FROM grades g JOIN assessments a ON a.id = g.assessment_id
    WHERE g.student_id = e.student_id AND a.course_id = c.id
) done
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_pence) FILTER (WHERE status = 'paid'), 0)::bigint AS paid_pence,
           coalesce(sum(amount_pence) FILTER (WHERE status IN ('pending', 'failed')), 0)::bigint
               AS open_pence,
           coalesce(sum(amount_pence) FILTER (WHERE status = 'refunded'), 0)::bigint
               AS refunded_pence
    FROM payments p WHERE p.enrolment_id = e.id
) money
WHERE e.student_id = $1
ORDER BY c.starts_on DESC, c.code";
