//! `/api/students`: list, profile, dashboard.

use axum::Json as Reply;
use axum::extract::State;
use uuid::Uuid;

use super::error::ApiError;
use super::extract::{Path, Query};
use super::paging::Paging;
use super::state::State as App;
use crate::model::{Dashboard, Page, StudentProfile, StudentSummary};

/// `GET /api/students?page=1&per_page=20&search=text`.
pub(super) async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Reply<Page<StudentSummary>>, ApiError> {
    Ok(Reply(app.students.list(&paging.check()?).await?))
}

/// `GET /api/students/{id}`.
pub(super) async fn profile(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Reply<StudentProfile>, ApiError> {
    let profile = app.students.profile(id).await?;
    Ok(Reply(profile.ok_or_else(|| no_student(id))?))
}

/// `GET /api/students/{id}/dashboard`.
pub(super) async fn dashboard(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Reply<Dashboard>, ApiError> {
    let dashboard = app.students.dashboard(id).await?;
    Ok(Reply(dashboard.ok_or_else(|| no_student(id))?))
}

fn no_student(id: Uuid) -> ApiError {
    ApiError::not_found(format!("there is no student {id}; GET /api/students lists them"))
}
