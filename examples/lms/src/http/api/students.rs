//! `/api/students`: what students see and do, and what administrators do for them.

use axum::Json as Reply;
use axum::extract::State;
use uuid::Uuid;

use super::people::Profile;
use crate::http::error::ApiError;
use crate::http::extract::{Json, Path, Query};
use crate::http::paging::Paging;
use crate::http::session::Viewer;
use crate::input;
use crate::model::{
    Dashboard, Grade, Page, Payment, StudentCourse, StudentProfile, StudentSummary,
};
use crate::service::Services as App;

/// `GET /api/students?page=1&per_page=20&search=text`, for administrators.
pub(super) async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
    viewer: Viewer,
) -> Result<Reply<Page<StudentSummary>>, ApiError> {
    viewer.must_be_admin()?;
    Ok(Reply(app.students(&paging.check()?).await?))
}

/// `GET /api/students/{id}`.
pub(super) async fn profile(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<StudentProfile>, ApiError> {
    viewer.must_be(id)?;
    find(&app, id).await
}

/// `PUT /api/students/{id}` with `{"name": "..", "email": "..", "about": ".."}`.
pub(super) async fn edit(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
    Json(profile): Json<Profile>,
) -> Result<Reply<StudentProfile>, ApiError> {
    viewer.must_be(id)?;
    app.edit_student(id, &input::profile(&profile.fields())?).await?;
    find(&app, id).await
}

/// `GET /api/students/{id}/dashboard`.
pub(super) async fn dashboard(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<Dashboard>, ApiError> {
    viewer.must_be(id)?;
    let dashboard = app.student_dashboard(id).await?;
    Ok(Reply(dashboard.ok_or_else(|| no_student(id))?))
}

/// `GET /api/students/{id}/courses`.
pub(super) async fn courses(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<Vec<StudentCourse>>, ApiError> {
    viewer.must_be(id)?;
    Ok(Reply(app.student_courses(id).await?))
}

/// `GET /api/students/{id}/grades`.
pub(super) async fn grades(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<Vec<Grade>>, ApiError> {
    viewer.must_be(id)?;
    Ok(Reply(app.student_grades(id).await?))
}

/// `GET /api/students/{id}/payments`.
pub(super) async fn payments(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<Vec<Payment>>, ApiError> {
    viewer.must_be(id)?;
    Ok(Reply(app.student_payments(id).await?))
}

/// `POST /api/students/{id}/payments/{payment}`: completes it.
pub(super) async fn pay(
    State(app): State<App>,
    Path((id, payment)): Path<(Uuid, Uuid)>,
    viewer: Viewer,
) -> Result<Reply<Vec<Payment>>, ApiError> {
    viewer.must_be(id)?;
    app.complete_payment(payment, id).await?;
    Ok(Reply(app.student_payments(id).await?))
}

/// `PUT /api/courses/{course}/students/{student}`: enrols.
pub(super) async fn enrol(
    State(app): State<App>,
    Path((course, student)): Path<(Uuid, Uuid)>,
    viewer: Viewer,
) -> Result<Reply<Vec<StudentCourse>>, ApiError> {
    viewer.must_be(student)?;
    app.enrol(course, student).await?;
    Ok(Reply(app.student_courses(student).await?))
}

/// `DELETE /api/courses/{course}/students/{student}`: withdraws.
pub(super) async fn withdraw(
    State(app): State<App>,
    Path((course, student)): Path<(Uuid, Uuid)>,
    viewer: Viewer,
) -> Result<Reply<Vec<StudentCourse>>, ApiError> {
    viewer.must_be(student)?;
    app.withdraw(course, student).await?;
    Ok(Reply(app.student_courses(student).await?))
}

async fn find(app: &App, id: Uuid) -> Result<Reply<StudentProfile>, ApiError> {
    let profile = app.student(id).await?;
    Ok(Reply(profile.ok_or_else(|| no_student(id))?))
}

fn no_student(id: Uuid) -> ApiError {
    ApiError::not_found(format!("there is no student {id}; GET /api/students lists them"))
}
