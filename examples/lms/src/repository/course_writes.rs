//! Writes of courses: create, edit, publish, archive. Each is one transaction, and what it makes
//! untrue is invalidated once it has committed.

use cached_core::invalidates;
use cached_postgres::CachedTransaction;
use uuid::Uuid;

use super::courses::CourseRepository;
use super::events::{course_changed, course_created, course_moved_on};
use super::outcome::{WriteError, must_meet};
use crate::model::{CourseEdit, CourseInput, CourseStatus};

impl CourseRepository {
    /// Adds a draft, and tells its id.
    ///
    /// # Errors
    ///
    /// The module has such a presentation already, the teacher is none, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the commit, nothing is stored; after it, what it makes untrue is invalidated.
    pub async fn create(&self, input: &CourseInput, teacher: Uuid) -> Result<Uuid, WriteError> {
        let mut tx = self.db.begin().await?;
        let id = create(&mut tx, input, teacher).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes title and, where they are given, dates, in every list and dashboard that shows them.
    ///
    /// # Errors
    ///
    /// There is no such course, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// As [`create`](Self::create).
    pub async fn edit(&self, id: Uuid, edit: &CourseEdit) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        set(&mut tx, id, edit).await?;
        Ok(tx.commit().await?)
    }

    /// Changes the title alone.
    ///
    /// # Errors
    ///
    /// As [`edit`](Self::edit).
    ///
    /// # Cancel safety
    ///
    /// As [`create`](Self::create).
    pub async fn rename(&self, id: Uuid, title: &str) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        rename(&mut tx, id, title).await?;
        Ok(tx.commit().await?)
    }

    /// Opens a draft to students.
    ///
    /// # Errors
    ///
    /// There is no such course, it is no draft, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// As [`create`](Self::create).
    pub async fn publish(&self, id: Uuid) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        move_on(&mut tx, id, CourseStatus::Draft, CourseStatus::Active).await?;
        Ok(tx.commit().await?)
    }

    /// Closes an open course.
    ///
    /// # Errors
    ///
    /// There is no such course, it is not open, or the database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// As [`create`](Self::create).
    pub async fn archive(&self, id: Uuid) -> Result<(), WriteError> {
        let mut tx = self.db.begin().await?;
        move_on(&mut tx, id, CourseStatus::Active, CourseStatus::Archived).await?;
        Ok(tx.commit().await?)
    }
}

#[invalidates(in = tx, with = course_created(teacher))]
async fn create(
    tx: &mut CachedTransaction<'_>,
    input: &CourseInput,
    teacher: Uuid,
) -> Result<Uuid, WriteError> {
    let id = Uuid::new_v4();
    let inserted = sqlx::query(
        "INSERT INTO courses (id, code, presentation, title, status, starts_on, length_days, teacher_id,
                              changed_here)
         SELECT $1, $2, $3, $4, 'draft', $5, $6, id, true FROM users WHERE id = $7 AND role = 'teacher'",
    )
    .bind(id)
    .bind(&input.code)
    .bind(&input.presentation)
    .bind(&input.title)
    .bind(input.starts_on)
    .bind(input.length_days)
    .bind(teacher)
    .execute(&mut **tx)
    .await?;
    must_meet(&inserted, "teacher")?;
    Ok(id)
}

#[invalidates(in = tx, with = course_changed(id))]
async fn set(
    tx: &mut CachedTransaction<'_>,
    id: Uuid,
    edit: &CourseEdit,
) -> Result<(), WriteError> {
    // Dates that somebody set here no longer follow the source of an import.
    let done = sqlx::query(
        "UPDATE courses SET title = $2, starts_on = coalesce($3, starts_on),
                length_days = coalesce($4, length_days), updated_at = now(),
                changed_here = changed_here OR starts_on <> coalesce($3, starts_on)
                    OR length_days <> coalesce($4, length_days)
         WHERE id = $1",
    )
    .bind(id)
    .bind(&edit.title)
    .bind(edit.starts_on)
    .bind(edit.length_days)
    .execute(&mut **tx)
    .await?;
    must_meet(&done, "course")
}

#[invalidates(in = tx, with = course_changed(id))]
async fn rename(tx: &mut CachedTransaction<'_>, id: Uuid, title: &str) -> Result<(), WriteError> {
    let done = sqlx::query("UPDATE courses SET title = $2, updated_at = now() WHERE id = $1")
        .bind(id)
        .bind(title)
        .execute(&mut **tx)
        .await?;
    must_meet(&done, "course")
}

#[invalidates(in = tx, with = course_moved_on(id))]
async fn move_on(
    tx: &mut CachedTransaction<'_>,
    id: Uuid,
    from: CourseStatus,
    to: CourseStatus,
) -> Result<(), WriteError> {
    let status: Option<CourseStatus> =
        sqlx::query_scalar("SELECT status FROM courses WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    match status {
        None => return Err(WriteError::Missing("course")),
        Some(status) if status == from => {}
        Some(_) if from == CourseStatus::Draft => {
            return Err(WriteError::refused("only a draft can be published"));
        }
        Some(_) => return Err(WriteError::refused("only an open course can be archived")),
    }
    sqlx::query("UPDATE courses SET status = $2, updated_at = now() WHERE id = $1")
        .bind(id)
        .bind(to)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
