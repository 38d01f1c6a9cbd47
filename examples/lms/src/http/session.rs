//! Who asks: the login behind a request's cookie, and what its owner may see and do.

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use chrono::Utc;
use uuid::Uuid;

use super::error::ApiError;
use crate::model::{CourseStatus, CourseSummary, Session, UserRole};
use crate::service::Services;

const COOKIE_NAME: &str = "lms_session";

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    pub(super) session: Session,
    pub(super) token: String,
}

impl Viewer {
    /// Whose cookie comes with a request.
    pub(super) async fn of(parts: &Parts, app: &Services) -> Result<Option<Self>, sqlx::Error> {
        let Some(token) = token(parts) else { return Ok(None) };
        let session = app.session(token).await?;
        let session = session.filter(|session| session.expires_at > Utc::now());
        Ok(session.map(|session| Self { session, token: token.to_owned() }))
    }

    pub(super) fn id(&self) -> Uuid {
        self.session.user_id
    }

    pub(super) fn is(&self, role: UserRole) -> bool {
        self.session.role == role
    }

    /// Administrators may all; others see and change what is their own.
    pub(super) fn must_be(&self, id: Uuid) -> Result<(), ApiError> {
        if self.is(UserRole::Admin) || self.id() == id {
            return Ok(());
        }
        Err(ApiError::forbidden("this belongs to somebody else"))
    }

    pub(super) fn must_be_admin(&self) -> Result<(), ApiError> {
        if self.is(UserRole::Admin) {
            return Ok(());
        }
        Err(ApiError::forbidden("this is for administrators"))
    }

    /// Whether they give the course, or run the place.
    pub(super) fn gives(&self, course: &CourseSummary) -> bool {
        self.is(UserRole::Admin) || self.id() == course.teacher_id
    }

    pub(super) fn must_give(&self, course: &CourseSummary) -> Result<(), ApiError> {
        if self.gives(course) {
            return Ok(());
        }
        Err(ApiError::forbidden("this is for the teacher of the course"))
    }
}

/// Drafts are for those who write them.
pub(super) fn may_see(viewer: Option<&Viewer>, course: &CourseSummary) -> bool {
    course.status != CourseStatus::Draft || viewer.is_some_and(|viewer| viewer.gives(course))
}

/// For the API: without a login the answer is 401, as JSON.
impl FromRequestParts<Services> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Services) -> Result<Self, ApiError> {
        Self::of(parts, app).await?.ok_or_else(ApiError::unknown)
    }
}

/// Whoever asks, logged in or not. Looked up only when it matters.
#[derive(Debug)]
pub(super) struct Anybody(Parts);

impl Anybody {
    pub(super) async fn viewer(&self, app: &Services) -> Result<Option<Viewer>, sqlx::Error> {
        Viewer::of(&self.0, app).await
    }
}

impl FromRequestParts<Services> for Anybody {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Services) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.clone()))
    }
}

/// The cookie that a login sets. Scripts cannot read it, and other sites' forms do not carry it.
pub(super) fn cookie(token: &str) -> String {
    format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200")
}

/// Takes the cookie away.
pub(super) fn no_cookie() -> String {
    format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// A token of ours is 64 hexadecimal digits; anything else is nobody's and asks no table.
fn token(parts: &Parts) -> Option<&str> {
    let headers = parts.headers.get_all(COOKIE).iter();
    let pairs = headers.filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    let mut ours =
        pairs.filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
    ours.find(|token| token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
