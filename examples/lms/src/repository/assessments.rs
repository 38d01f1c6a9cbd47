//! Marked work and its grades.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use uuid::Uuid;

use super::events::graded;
use super::outcome::WriteError;
use crate::model::{Grade, GradeInput};

/// Reads and writes grades.
#[derive(Debug, Clone)]
pub struct AssessmentRepository {
    db: CachedPool,
}

impl AssessmentRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// What of a student's work has been graded, by course.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "student:<student>:grades",
        tags = "course:<return.*.course_id>"
    )]
    pub async fn grades_of(&self, student: Uuid) -> Result<Vec<Grade>, sqlx::Error> {
        sqlx::query_as(
            "SELECT a.id AS assessment_id, c.id AS course_id, c.title, a.kind, g.score
             FROM grades g
             JOIN assessments a ON a.id = g.assessment_id
             JOIN courses c ON c.id = a.course_id
             WHERE g.student_id = $1
             ORDER BY c.starts_on DESC, c.code, a.due_day NULLS LAST, a.id",
        )
        .bind(student)
        .fetch_all(self.db.pool())
        .await
    }

    /// Gives a grade, or another one.
    ///
    /// # Errors
    ///
    /// The work is none of this course, the student is not in the course, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the commit, nothing is stored; after it, what it makes untrue is invalidated.
    pub async fn grade(&self, course: Uuid, grade: GradeInput) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        give(&mut tx, course, grade).await?;
        Ok(tx.commit().await?)
    }
}

#[invalidates(in = tx, with = graded(course, grade.student))]
async fn give(
    tx: &mut CachedTransaction<'_>,
    course: Uuid,
    grade: GradeInput,
) -> Result<(), WriteError> {
    let done = sqlx::query(
        "INSERT INTO grades (assessment_id, student_id, score)
         SELECT a.id, e.student_id, $4
         FROM assessments a JOIN enrolments e ON e.course_id = a.course_id
         WHERE a.course_id = $1 AND a.id = $2 AND e.student_id = $3
         ON CONFLICT (assessment_id, student_id)
         DO UPDATE SET score = excluded.score, graded_at = now()",
    )
    .bind(course)
    .bind(grade.assessment)
    .bind(grade.student)
    .bind(grade.score)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(());
    }
    let message = "this student or this work does not belong to the course";
    Err(WriteError::Refused { field: "student", message })
}
