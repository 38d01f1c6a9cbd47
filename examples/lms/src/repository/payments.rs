//! Payments: of a student; completing one.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use uuid::Uuid;

use super::events::paid;
use super::outcome::WriteError;
use crate::model::Payment;

/// Reads and writes payments.
#[derive(Debug, Clone)]
pub struct PaymentRepository {
    db: CachedPool,
}

impl PaymentRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// The instalments of a student, open ones first.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "student:<student>:payments",
        tags = "course:<return.*.course_id>"
    )]
    pub async fn of_student(&self, student: Uuid) -> Result<Vec<Payment>, sqlx::Error> {
        sqlx::query_as(
            "SELECT p.id, c.id AS course_id, c.title, p.instalment, p.amount_pence, p.method,
                    p.status, p.due_on, p.paid_on
             FROM payments p
             JOIN enrolments e ON e.id = p.enrolment_id
             JOIN courses c ON c.id = e.course_id
             WHERE e.student_id = $1
             ORDER BY p.status NOT IN ('pending', 'failed'), p.due_on DESC, p.id",
        )
        .bind(student)
        .fetch_all(self.db.pool())
        .await
    }

    /// Completes an open instalment of a student, and tells for which course it was.
    ///
    /// # Errors
    ///
    /// The student has no such instalment that is open, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the commit, nothing is stored; after it, what it makes untrue is invalidated.
    pub async fn complete(&self, id: Uuid, student: Uuid) -> Result<Uuid, WriteError> {
        let mut tx = self.db.begin().await?;
        let course = complete(&mut tx, id, student).await?;
        tx.commit().await?;
        Ok(course)
    }
}

#[invalidates(in = tx, with = |course| paid(*course, student))]
async fn complete(
    tx: &mut CachedTransaction<'_>,
    id: Uuid,
    student: Uuid,
) -> Result<Uuid, WriteError> {
    let course: Option<Uuid> = sqlx::query_scalar(
        "UPDATE payments p SET status = 'paid', paid_on = current_date
         FROM enrolments e
         WHERE e.id = p.enrolment_id AND p.id = $1 AND e.student_id = $2
           AND p.status IN ('pending', 'failed')
         RETURNING e.course_id",
    )
    .bind(id)
    .bind(student)
    .fetch_optional(&mut **tx)
    .await?;
    course.ok_or_else(|| WriteError::refused("there is no such open payment of this student"))
}
