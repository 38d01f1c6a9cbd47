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

/// Everybody and every open course, the most active and the most popular first.
///
/// # Errors
///
/// The database is out of reach.
pub async fn population(pool: &PgPool) -> Result<(Vec<Person>, Vec<Offer>), sqlx::Error> {
    let people = sqlx::query_as(
        "SELECT u.id, u.name, u.email FROM users u
         LEFT JOIN (SELECT student_id, count(*) FROM enrolments GROUP BY 1) e ON e.student_id = u.id
         WHERE u.role = 'student' ORDER BY e.count DESC NULLS LAST, u.id",
    )
    .fetch_all(pool)
    .await?;
    let offers = sqlx::query_as(
        "SELECT c.id, c.code, c.presentation, c.title, c.teacher_id,
                ARRAY(SELECT student_id FROM enrolments e WHERE e.course_id = c.id
                      ORDER BY md5(student_id::text) LIMIT 50) AS students,
                (SELECT a.id FROM assessments a WHERE a.course_id = c.id
                 ORDER BY a.due_day NULLS LAST, a.id LIMIT 1) AS assessment_id
         FROM courses c WHERE c.status = 'active' 
         ORDER BY (SELECT count(*) FROM enrolments e WHERE e.course_id = c.id) DESC, c.id",
    )
    .fetch_all(pool)
    .await?;
    Ok((people, offers))
}
