//! Who and what there is to be asked for: for the load, which needs all of it at once and caches nothing.

use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A student.
#[derive(Debug, Clone, FromRow)]
pub struct Person {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// An open course.
#[derive(Debug, Clone, FromRow)]
pub struct Offer {
    /// The id.
    pub id: Uuid,
    /// The module.
    pub code: String,
    /// The presentation.
    pub presentation: String,
    /// The title.
    pub title: String,
    /// Who gives it.
    pub teacher_id: Uuid,
    /// Some of its students.
    pub students: Vec<Uuid>,
    /// Its first piece of marked work, if there is any.
    pub assessment_id: Option<Uuid>,
}

/// Everybody and every open course, in an order that is always the same.
///
/// # Errors
///
/// The database is out of reach.
pub async fn population(pool: &PgPool) -> Result<(Vec<Person>, Vec<Offer>), sqlx::Error> {
    let people = sqlx::query_as(
        "SELECT id, name, email FROM users WHERE role = 'student' ORDER BY md5(id::text)",
    )
    .fetch_all(pool)
    .await?;
    let offers = sqlx::query_as(
        "SELECT c.id, c.code, c.presentation, c.title, c.teacher_id,
                ARRAY(SELECT student_id FROM enrolments e WHERE e.course_id = c.id
                      ORDER BY md5(student_id::text) LIMIT 50) AS students,
                (SELECT a.id FROM assessments a WHERE a.course_id = c.id
                 ORDER BY a.due_day NULLS LAST, a.id LIMIT 1) AS assessment_id
         FROM courses c WHERE c.status = 'active' ORDER BY md5(c.id::text)",
    )
    .fetch_all(pool)
    .await?;
    Ok((people, offers))
}
