//! Why a write did not happen, in the words of the person who asked for it.

use sqlx::postgres::PgQueryResult;
use std::fmt;

/// Why a write did not happen. Nothing was changed then.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// What was to be changed is not there.
    Missing(&'static str),
    /// It is there, and something stands against the change.
    Refused {
        /// The field of the form that it is about, or empty.
        field: &'static str,
        /// What stands against it, as a sentence.
        message: &'static str,
    },
    /// The database is out of reach or failed.
    Database(sqlx::Error),
}

impl WriteError {
    /// A refusal that is about no single field.
    pub(super) fn refused(message: &'static str) -> Self {
        Self::Refused { field: "", message }
    }
}

/// Whether a statement met what it was to change: `what` is missing otherwise.
pub(super) fn must_meet(done: &PgQueryResult, what: &'static str) -> Result<(), WriteError> {
    if done.rows_affected() == 0 { Err(WriteError::Missing(what)) } else { Ok(()) }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "there is no such {what}"),
            Self::Refused { message, .. } => f.write_str(message),
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for WriteError {
    /// What somebody else was quicker with is a refusal, and no failure of the database.
    fn from(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|error| error.constraint());
        match constraint {
            Some("users_email_without_case") => {
                Self::Refused { field: "email", message: "somebody else has this address" }
            }
            Some("courses_code_presentation_key") => Self::Refused {
                field: "presentation",
                message: "this module has a presentation of that name already",
            },
            _ => Self::Database(error),
        }
    }
}
