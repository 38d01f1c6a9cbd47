//! Loading a data set, from CSV text to the database: one path for the real and the generated one.

use std::fmt;
use std::path::Path;

use cached_postgres::CachedPool;
use sqlx::PgPool;

use crate::dataset;
use crate::oulad::{self, Problems, Source};
use crate::repository::{Counts, ImportRepository};

/// Why nothing was loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The tables cannot be read.
    Unreadable(String),
    /// Rows are damaged.
    Damaged(Problems),
    /// The database is out of reach or refused a record.
    Database(sqlx::Error),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => f.write_str(reason),
            Self::Damaged(problems) => problems.fmt(f),
            Self::Database(error) => write!(f, "nothing was loaded, the database said: {error}"),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for LoadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Loads the OULAD tables of a folder: all of it, or nothing.
///
/// # Errors
///
/// See [`LoadError`].
pub async fn folder(pool: &PgPool, folder: &Path) -> Result<Counts, LoadError> {
    source(pool, &Source::folder(folder).map_err(LoadError::Unreadable)?).await
}

/// Loads the generated data set.
///
/// # Errors
///
/// See [`LoadError`].
pub async fn generated(pool: &PgPool) -> Result<Counts, LoadError> {
    source(pool, &Source::generated(oulad::SEED)).await
}

async fn source(pool: &PgPool, source: &Source) -> Result<Counts, LoadError> {
    // Seconds in a debug build; an import has the process to itself, so no thread of its own.
    let rows = oulad::read(source).map_err(LoadError::Damaged)?;
    let dataset = dataset::build(&rows);
    let db = CachedPool::new(pool.clone(), cached_core::current());
    Ok(ImportRepository::new(db).store(&dataset).await?)
}
