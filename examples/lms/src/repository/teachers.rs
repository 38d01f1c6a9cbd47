//! Teachers: list, profile, dashboard.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use uuid::Uuid;

use super::events::teacher_changed;
use super::outcome::WriteError;
use super::people;
use crate::model::{ProfileInput, StaffProfile, TaughtCourse, TeacherDashboard, UserRole};

/// Reads and writes teachers.
#[derive(Debug, Clone)]
pub struct TeacherRepository {
    db: CachedPool,
}

impl TeacherRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// All teachers, by name.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "medium", key = "teachers:list", tags = "teachers")]
    pub async fn list(&self) -> Result<Vec<StaffProfile>, sqlx::Error> {
        sqlx::query_as(
            "SELECT id, name, email, about FROM users WHERE role = 'teacher' ORDER BY name, id",
        )
        .fetch_all(self.db.pool())
        .await
    }

    /// Who a teacher is; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "long", key = "teacher:<id>", none = "short", tags = "teacher:<id>")]
    pub async fn profile(&self, id: Uuid) -> Result<Option<StaffProfile>, sqlx::Error> {
        sqlx::query_as(
            "SELECT id, name, email, about FROM users WHERE id = $1 AND role = 'teacher'",
        )
        .bind(id)
        .fetch_optional(self.db.pool())
        .await
    }

    /// What a teacher sees first; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "dashboard:teacher:<id>",
        none = "short",
        tags = [
            "teacher:<id>",
            "course:<return.*.courses.*.id>",
            "roster:<return.*.courses.*.id>",
            "work:<return.*.courses.*.id>",
        ]
    )]
    pub async fn dashboard(&self, id: Uuid) -> Result<Option<TeacherDashboard>, sqlx::Error> {
        let Some(teacher) = self.profile(id).await? else { return Ok(None) };
        let courses: Vec<TaughtCourse> =
            sqlx::query_as(TAUGHT).bind(id).fetch_all(self.db.pool()).await?;
        Ok(Some(TeacherDashboard { teacher, courses }))
    }

    /// Changes what a teacher says of themselves, wherever it shows.
    ///
    /// # Errors
    ///
    /// There is no such teacher, somebody else has the address, or the database is out of reach.
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

#[invalidates(in = tx, with = teacher_changed(id))]
async fn edit(
    tx: &mut CachedTransaction<'_>,
    id: Uuid,
    profile: &ProfileInput,
) -> Result<(), WriteError> {
    people::edit(tx, id, UserRole::Teacher, profile).await
}

const TAUGHT: &str = "
SELECT c.id, c.code, c.presentation, c.title, c.status, c.starts_on,
       takes.students, takes.studying, work.graded, work.mean_score
FROM courses c
CROSS JOIN LATERAL (
    SELECT count(*) AS students, count(*) FILTER (WHERE result IS NULL) AS studying
    FROM enrolments e WHERE e.course_id = c.id
) takes
CROSS JOIN LATERAL (
    SELECT count(*) AS graded, avg(g.score)::float8 AS mean_score
    FROM grades g JOIN assessments a ON a.id = g.assessment_id
    WHERE a.course_id = c.id
) work
WHERE c.teacher_id = $1
ORDER BY c.status, c.code, c.presentation";
