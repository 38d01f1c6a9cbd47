//! Enrolments: of a student, of a course; enrolling and withdrawing.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use sqlx::PgConnection;
use uuid::Uuid;

use super::events::enrolment_changed;
use super::outcome::WriteError;
use crate::model::{CourseStatus, Enrolment, PENCE_A_CREDIT, Page, RosterEntry};

/// Rows of a roster on one page.
const ROSTER_PAGE: u32 = 20;

/// Credits of an enrolment that is made here.
const CREDITS: i32 = 60;

/// Reads and writes enrolments.
#[derive(Debug, Clone)]
pub struct EnrolmentRepository {
    db: CachedPool,
}

impl EnrolmentRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// What a student takes, in no order.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "medium", key = "student:<student>:courses")]
    pub async fn of_student(&self, student: Uuid) -> Result<Vec<Enrolment>, sqlx::Error> {
        sqlx::query_as("SELECT course_id, credits, result FROM enrolments WHERE student_id = $1")
            .bind(student)
            .fetch_all(self.db.pool())
            .await
    }

    /// One page of the students of a course, those in the middle of it first. Which students stand on a page depends on the
    /// names of all of them, so that another name of any student concerns every page.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "course:<course>:students:<page>",
        tags = ["roster:<course>", "work:<course>", "students"]
    )]
    pub async fn of_course(
        &self,
        course: Uuid,
        page: u32,
    ) -> Result<Page<RosterEntry>, sqlx::Error> {
        let total = sqlx::query_scalar("SELECT count(*) FROM enrolments WHERE course_id = $1")
            .bind(course)
            .fetch_one(self.db.pool())
            .await?;
        let items = sqlx::query_as(ROSTER)
            .bind(course)
            .bind(i64::from(ROSTER_PAGE))
            .bind(i64::from(page.saturating_sub(1)) * i64::from(ROSTER_PAGE))
            .fetch_all(self.db.pool())
            .await?;
        Ok(Page { items, page, per_page: ROSTER_PAGE, total })
    }

    /// Takes a student into an open course, and asks for the money: what the credits of the enrolment cost, without what was
    /// paid for it before and kept.
    ///
    /// # Errors
    ///
    /// There is no such course or student, the course is not open, the student is in it already, or
    /// the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the commit, nothing is stored; after it, what it makes untrue is invalidated.
    pub async fn enrol(&self, course: Uuid, student: Uuid) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        take_in(&mut tx, course, student).await?;
        Ok(tx.commit().await?)
    }

    /// Lets a student out of an open course; what is still to be paid for it is forgiven.
    ///
    /// # Errors
    ///
    /// There is no such course, it is not open, the student is not in the middle of it, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// As [`enrol`](Self::enrol).
    pub async fn withdraw(&self, course: Uuid, student: Uuid) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        let_out(&mut tx, course, student).await?;
        Ok(tx.commit().await?)
    }
}

#[invalidates(in = tx, with = enrolment_changed(course, student))]
async fn take_in(
    tx: &mut CachedTransaction<'_>,
    course: Uuid,
    student: Uuid,
) -> Result<(), WriteError> {
    must_be_open(tx, course, "only an open course takes students").await?;
    must_be_student(tx, student).await?;
    let enrolment: Option<(Uuid, i32)> = sqlx::query_as(ENROL)
        .bind(Uuid::new_v4())
        .bind(course)
        .bind(student)
        .bind(CREDITS)
        .fetch_optional(&mut **tx)
        .await?;
    let Some((enrolment, credits)) = enrolment else {
        return Err(WriteError::refused("the student is in this course already"));
    };
    sqlx::query(BILL)
        .bind(Uuid::new_v4())
        .bind(enrolment)
        .bind(i64::from(credits) * PENCE_A_CREDIT)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[invalidates(in = tx, with = enrolment_changed(course, student))]
async fn let_out(
    tx: &mut CachedTransaction<'_>,
    course: Uuid,
    student: Uuid,
) -> Result<(), WriteError> {
    // Who has been to the end owes what it costs.
    must_be_open(tx, course, "only an open course can be left").await?;
    let enrolment: Option<Uuid> = sqlx::query_scalar(
        "UPDATE enrolments e SET result = 'withdrawn', changed_here = true,
                unregistered_day = greatest(e.registered_day, current_date - c.starts_on)
         FROM courses c
         WHERE c.id = e.course_id AND e.course_id = $1 AND e.student_id = $2
           AND e.result IS NULL
         RETURNING e.id",
    )
    .bind(course)
    .bind(student)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(enrolment) = enrolment else {
        return Err(WriteError::refused("the student is not in the middle of this course"));
    };
    sqlx::query("DELETE FROM payments WHERE enrolment_id = $1 AND status IN ('pending', 'failed')")
        .bind(enrolment)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Holds the course as it is until the transaction ends.
async fn must_be_open(
    connection: &mut PgConnection,
    course: Uuid,
    otherwise: &'static str,
) -> Result<(), WriteError> {
    let status: Option<CourseStatus> =
        sqlx::query_scalar("SELECT status FROM courses WHERE id = $1 FOR SHARE")
            .bind(course)
            .fetch_optional(connection)
            .await?;
    match status {
        None => Err(WriteError::Missing("course")),
        Some(CourseStatus::Active) => Ok(()),
        Some(_) => Err(WriteError::refused(otherwise)),
    }
}

async fn must_be_student(connection: &mut PgConnection, student: Uuid) -> Result<(), WriteError> {
    let is_student: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM users WHERE id = $1 AND role = 'student')")
            .bind(student)
            .fetch_one(connection)
            .await?;
    if is_student { Ok(()) } else { Err(WriteError::Missing("student")) }
}

const ROSTER: &str = "
SELECT e.student_id, u.name, u.oulad_id, e.result, work.graded, work.mean_score
FROM enrolments e
JOIN users u ON u.id = e.student_id
CROSS JOIN LATERAL (
    SELECT count(*) AS graded, avg(g.score)::float8 AS mean_score
    FROM grades g JOIN assessments a ON a.id = g.assessment_id
    WHERE g.student_id = e.student_id AND a.course_id = $1
) work
WHERE e.course_id = $1
ORDER BY e.result IS NOT NULL, u.name, e.student_id LIMIT $2 OFFSET $3";

/// What is left of the price when all that was asked for before is taken off, but for what was given back. Nothing where
/// nothing is left.
const BILL: &str = "
INSERT INTO payments (id, enrolment_id, instalment, amount_pence, method, status, due_on)
SELECT $1, $2, last + 1, $3 - asked, 'card', 'pending', current_date + 30
FROM (
    SELECT coalesce(max(instalment), 0) AS last,
           coalesce(sum(amount_pence) FILTER (WHERE status <> 'refunded'), 0)::bigint AS asked
    FROM payments WHERE enrolment_id = $2
) before
WHERE $3 > asked";

/// Who left may come back, with the credits of before; who is in the course or has ended it may not.
const ENROL: &str = "
INSERT INTO enrolments AS e
    (id, course_id, student_id, registered_day, age_band, previous_attempts, credits, changed_here)
SELECT $1, c.id, $3, current_date - c.starts_on,
       coalesce((SELECT max(age_band) FROM enrolments WHERE student_id = $3), 'unknown'),
       (SELECT count(*) FROM enrolments past JOIN courses other ON other.id = past.course_id
        WHERE past.student_id = $3 AND other.code = c.code),
       $4, true
FROM courses c WHERE c.id = $2
ON CONFLICT (student_id, course_id)
DO UPDATE SET result = NULL, unregistered_day = NULL, registered_day = excluded.registered_day,
              changed_here = true
WHERE e.result = 'withdrawn'
RETURNING e.id, e.credits";
