//! What every handler can reach.

use sqlx::PgPool;

use crate::repository::{CourseRepository, StudentRepository};

/// The repositories.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) courses: CourseRepository,
    pub(super) students: StudentRepository,
}

impl State {
    /// Repositories on a database.
    pub fn new(pool: PgPool) -> Self {
        Self {
            courses: CourseRepository::new(pool.clone()),
            students: StudentRepository::new(pool),
        }
    }
}
