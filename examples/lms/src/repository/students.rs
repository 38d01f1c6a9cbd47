//! Students: list, profile, dashboard.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use uuid::Uuid;

use super::events::student_changed;
use super::outcome::WriteError;
use super::people;
use super::search::containing;
use crate::model::{
    Page, PageRequest, ProfileInput, StudentProfile, StudentRecord, StudentSummary, Study, UserRole,
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

    /// What a student sees first, without what is the courses' own; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "medium", key = "dashboard:<id>", none = "short", tags = "student:<id>")]
    pub async fn record(&self, id: Uuid) -> Result<Option<StudentRecord>, sqlx::Error> {
        let Some(student) = self.profile(id).await? else { return Ok(None) };
        let courses: Vec<Study> = sqlx::query_as(RECORD).bind(id).fetch_all(self.db.pool()).await?;
        Ok(Some(StudentRecord { student, courses }))
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

const RECORD: &str = "
SELECT e.id AS enrolment_id, e.course_id, e.unregistered_day, e.result, e.credits,
       done.graded, done.mean_score, money.paid_pence, money.open_pence, money.refunded_pence
FROM enrolments e
CROSS JOIN LATERAL (
    SELECT count(*) AS graded, avg(g.score)::float8 AS mean_score
    FROM grades g JOIN assessments a ON a.id = g.assessment_id
    WHERE g.student_id = e.student_id AND a.course_id = e.course_id
) done
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_pence) FILTER (WHERE status = 'paid'), 0)::bigint AS paid_pence,
           coalesce(sum(amount_pence) FILTER (WHERE status IN ('pending', 'failed')), 0)::bigint
               AS open_pence,
           coalesce(sum(amount_pence) FILTER (WHERE status = 'refunded'), 0)::bigint
               AS refunded_pence
    FROM payments p WHERE p.enrolment_id = e.id
) money
WHERE e.student_id = $1";
