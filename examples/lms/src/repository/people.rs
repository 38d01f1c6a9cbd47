//! The part of a profile that people of all roles have. Invalidates nothing: its callers do.

use sqlx::PgConnection;
use uuid::Uuid;

use super::outcome::{WriteError, must_meet};
use crate::model::{ProfileInput, UserRole};

/// Changes name, address and text of somebody who has a role.
pub(super) async fn edit(
    connection: &mut PgConnection,
    id: Uuid,
    role: UserRole,
    profile: &ProfileInput,
) -> Result<(), WriteError> {
    let done = sqlx::query(
        "UPDATE users SET name = $3, email = $4, about = coalesce($5, about)
         WHERE id = $1 AND role = $2",
    )
    .bind(id)
    .bind(role)
    .bind(&profile.name)
    .bind(&profile.email)
    .bind(&profile.about)
    .execute(connection)
    .await?;
    must_meet(&done, role.as_str())
}
