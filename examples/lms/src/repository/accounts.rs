//! Accounts and logins. A login is an opaque token; the database keeps a digest of it alone.

use cached_core::{cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::model::{Account, Session, UserRole};

/// Reads accounts; opens and closes logins.
#[derive(Debug, Clone)]
pub struct AccountRepository {
    db: CachedPool,
}

impl AccountRepository {
    /// A repository on a database.
    pub fn new(db: CachedPool) -> Self {
        Self { db }
    }

    /// The account with an address. Not cached: people log in once. Nobody's address holds a control character, and Postgres
    /// would fail at a NUL.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    pub async fn by_email(&self, email: &str) -> Result<Option<Account>, sqlx::Error> {
        if email.contains(char::is_control) {
            return Ok(None);
        }
        sqlx::query_as("SELECT id, role, name, email FROM users WHERE lower(email) = lower($1)")
            .bind(email)
            .fetch_optional(self.db.pool())
            .await
    }

    /// The account of a role that has most to show: for who only wants to look around.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "medium",
        key = "accounts:busiest:<role>",
        none = off,
        tags = ["account:<return.*.id>", "students", "courses"]
    )]
    pub async fn busiest(&self, role: UserRole) -> Result<Option<Account>, sqlx::Error> {
        sqlx::query_as(
            "SELECT u.id, u.role, u.name, u.email FROM users u
             LEFT JOIN (SELECT student_id AS id, count(*) FROM enrolments GROUP BY 1
                        UNION ALL
                        SELECT teacher_id, count(*) FROM courses GROUP BY 1) work USING (id)
             WHERE u.role = $1
             ORDER BY work.count DESC NULLS LAST, u.id LIMIT 1",
        )
        .bind(role)
        .fetch_optional(self.db.pool())
        .await
    }

    /// Logs somebody in for twelve hours; returns the token, which nobody else ever sees.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    pub async fn log_in(&self, user: Uuid) -> Result<String, sqlx::Error> {
        // From the system's source of secrets, 122 bits each.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        sqlx::query("DELETE FROM sessions WHERE expires_at < now()")
            .execute(self.db.pool())
            .await?;
        sqlx::query(
            "INSERT INTO sessions (token_digest, user_id, csrf, expires_at)
             VALUES ($1, $2, $3, now() + interval '12 hours')",
        )
        .bind(digest(&token))
        .bind(user)
        .bind(Uuid::new_v4().simple().to_string())
        .execute(self.db.pool())
        .await?;
        Ok(token)
    }

    /// Whose token this is; nothing if it is nobody's. The caller looks at when it expires.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    #[cached(
        ttl = "long",
        key = "session:<token:hash>",
        none = off,
        tags = "account:<return.*.user_id>"
    )]
    pub async fn session(&self, token: &str) -> Result<Option<Session>, sqlx::Error> {
        sqlx::query_as(
            "SELECT s.user_id, u.role, u.name, s.csrf, s.expires_at
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_digest = $1",
        )
        .bind(digest(token))
        .fetch_optional(self.db.pool())
        .await
    }

    /// Ends a login, in every process.
    ///
    /// # Errors
    ///
    /// The database is out of reach.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the commit, the login goes on; after it, what it makes untrue is invalidated.
    pub async fn log_out(&self, token: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin().await?;
        log_out(&mut tx, token).await?;
        tx.commit().await
    }
}

#[invalidates(in = tx, AccountRepository::session(token))]
async fn log_out(tx: &mut CachedTransaction<'_>, token: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sessions WHERE token_digest = $1")
        .bind(digest(token))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
