//! Materials of courses. Only an import writes them, and that invalidates everything.

use cached_core::cached;
use cached_postgres::CachedPool;
use uuid::Uuid;

use crate::model::Material;

/// Reads materials.
#[derive(Debug, Clone)]
pub struct MaterialRepository {
    db: CachedPool,
}

impl MaterialRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// The materials that are planned for a week of a course, in that order.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "long", key = "course:<course>:materials", tags = "course:<course>")]
    pub async fn planned(&self, course: Uuid) -> Result<Vec<Material>, sqlx::Error> {
        sqlx::query_as(
            "SELECT id, activity_type, week_from, week_to FROM materials
             WHERE course_id = $1 AND week_from IS NOT NULL ORDER BY week_from, id",
        )
        .bind(course)
        .fetch_all(self.db.pool())
        .await
    }
}
