//! Administrators: profile, dashboard.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use uuid::Uuid;

use super::events::admin_changed;
use super::outcome::WriteError;
use super::people;
use crate::model::{AdminDashboard, DraftCourse, ProfileInput, StaffProfile, UserRole};

/// Reads and writes administrators.
#[derive(Debug, Clone)]
pub struct AdminRepository {
    db: CachedPool,
}

impl AdminRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// Who an administrator is; nothing if there is none with this id.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "long", key = "admin:<id>", none = "short")]
    pub async fn profile(&self, id: Uuid) -> Result<Option<StaffProfile>, sqlx::Error> {
        sqlx::query_as("SELECT id, name, email, about FROM users WHERE id = $1 AND role = 'admin'")
            .bind(id)
            .fetch_optional(self.db.pool())
            .await
    }

    /// What waits for the administrators; the same for all of them.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(ttl = "medium", key = "dashboards:admin", tags = "courses")]
    pub async fn dashboard(&self) -> Result<AdminDashboard, sqlx::Error> {
        let drafts: Vec<DraftCourse> = sqlx::query_as(
            "SELECT c.id, c.title, t.name AS teacher_name
             FROM courses c JOIN users t ON t.id = c.teacher_id
             WHERE c.status = 'draft' ORDER BY c.updated_at DESC, c.id LIMIT 20",
        )
        .fetch_all(self.db.pool())
        .await?;
        let (open_payments, open_pence) = sqlx::query_as(
            "SELECT count(*), coalesce(sum(amount_pence), 0)::bigint
             FROM payments WHERE status IN ('pending', 'failed')",
        )
        .fetch_one(self.db.pool())
        .await?;
        Ok(AdminDashboard { drafts, open_payments, open_pence })
    }

    /// Changes what an administrator says of themselves.
    ///
    /// # Errors
    ///
    /// There is no such administrator, somebody else has the address, or the database is out of reach.
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

#[invalidates(in = tx, with = admin_changed(id))]
async fn edit(
    tx: &mut CachedTransaction<'_>,
    id: Uuid,
    profile: &ProfileInput,
) -> Result<(), WriteError> {
    people::edit(tx, id, UserRole::Admin, profile).await
}
