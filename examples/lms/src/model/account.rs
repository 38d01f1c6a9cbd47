//! Who is logged in, and what a login remembers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::vocabulary::UserRole;

/// Somebody who can log in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Account {
    /// The id.
    pub id: Uuid,
    /// What the account may do.
    pub role: UserRole,
    /// The name.
    pub name: String,
    /// The address, by which one logs in.
    pub email: String,
}

/// A login that holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromRow)]
pub struct Session {
    /// Who it is.
    pub user_id: Uuid,
    /// What they may do.
    pub role: UserRole,
    /// Their name.
    pub name: String,
    /// What every form of the session carries, so that no other site can send one.
    pub csrf: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}
