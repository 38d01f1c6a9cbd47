//! What went wrong with a request, as JSON: `{"error": {"code": "..", "message": ".."}}`. Pages show the same
//! message in their own way.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::input::FieldErrors;
use crate::repository::WriteError;

/// An answer that is no success.
#[derive(Debug)]
pub(in crate::http) struct ApiError {
    pub(super) status: StatusCode,
    code: &'static str,
    pub(super) message: String,
}

impl ApiError {
    /// The request cannot be understood.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// The request is understood, but a value in it is not allowed.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    /// There is no such thing.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// Nobody is logged in.
    pub(super) fn unknown() -> Self {
        let message = "log in first: POST /api/login with {\"email\": \"..\"}";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// Somebody is logged in, who may not do this.
    pub(super) fn forbidden(message: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// An answer with a status of its own.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

impl From<sqlx::Error> for ApiError {
    /// Details go into the log, not to the client.
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database failed");
        let unavailable = matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed
        );
        if unavailable {
            let message = "the database is out of reach, try again later";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        }
        let message = "something failed here, the log of the server tells what";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Missing(_) => Self::not_found(error.to_string()),
            WriteError::Refused { field: "", message } => {
                Self::new(StatusCode::CONFLICT, "conflict", message)
            }
            WriteError::Refused { field, message } => {
                Self::new(StatusCode::CONFLICT, "conflict", format!("{field}: {message}"))
            }
            WriteError::Database(error) => error.into(),
        }
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        Self::invalid(errors.sentences())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}
