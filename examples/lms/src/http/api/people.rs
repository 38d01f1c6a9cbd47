//! `/api/teachers`, `/api/admins`, `/api/admin`: staff, and the numbers that administrators look at.

use axum::Json as Reply;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::error::ApiError;
use crate::http::extract::{Json, Path};
use crate::http::session::Viewer;
use crate::input::{self, Fields};
use crate::model::{
    AdminDashboard, EnrolmentAnalytics, PlatformAnalytics, RevenueAnalytics, StaffProfile,
    TeacherDashboard,
};
use crate::service::Services as App;

/// What people say of themselves; `about` stays as it is where it is not given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    name: String,
    email: String,
    about: Option<String>,
}

impl Profile {
    pub(super) fn fields(self) -> Fields {
        let fields = Fields::default().with("name", self.name).with("email", self.email);
        match self.about {
            Some(about) => fields.with("about", about),
            None => fields,
        }
    }
}

/// `GET /api/teachers`, for administrators.
pub(super) async fn teachers(
    State(app): State<App>,
    viewer: Viewer,
) -> Result<Reply<Vec<StaffProfile>>, ApiError> {
    viewer.must_be_admin()?;
    Ok(Reply(app.teachers().await?))
}

/// `GET /api/teachers/{id}`, for the teacher and administrators.
pub(super) async fn teacher(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<StaffProfile>, ApiError> {
    viewer.must_be(id)?;
    found(app.teacher(id).await?)
}

/// `PUT /api/teachers/{id}`.
pub(super) async fn edit_teacher(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
    Json(profile): Json<Profile>,
) -> Result<Reply<StaffProfile>, ApiError> {
    viewer.must_be(id)?;
    app.edit_teacher(id, &input::profile(&profile.fields())?).await?;
    found(app.teacher(id).await?)
}

/// `GET /api/teachers/{id}/dashboard`.
pub(super) async fn teacher_dashboard(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<TeacherDashboard>, ApiError> {
    viewer.must_be(id)?;
    found(app.teacher_dashboard(id).await?)
}

/// `GET /api/admins/{id}`.
pub(super) async fn admin(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<StaffProfile>, ApiError> {
    viewer.must_be_admin()?;
    found(app.admin(id).await?)
}

/// `PUT /api/admins/{id}`.
pub(super) async fn edit_admin(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
    Json(profile): Json<Profile>,
) -> Result<Reply<StaffProfile>, ApiError> {
    viewer.must_be_admin()?;
    app.edit_admin(id, &input::profile(&profile.fields())?).await?;
    found(app.admin(id).await?)
}

/// `GET /api/admin/dashboard`.
pub(super) async fn admin_dashboard(
    State(app): State<App>,
    viewer: Viewer,
) -> Result<Reply<AdminDashboard>, ApiError> {
    viewer.must_be_admin()?;
    Ok(Reply(app.admin_dashboard().await?))
}

/// All that is counted over the platform.
#[derive(Debug, Serialize)]
pub(super) struct Analytics {
    platform: PlatformAnalytics,
    enrolments: EnrolmentAnalytics,
    revenue: RevenueAnalytics,
}

/// `GET /api/admin/analytics`.
pub(super) async fn analytics(
    State(app): State<App>,
    viewer: Viewer,
) -> Result<Reply<Analytics>, ApiError> {
    viewer.must_be_admin()?;
    Ok(Reply(Analytics {
        platform: app.platform().await?,
        enrolments: app.enrolment_analytics().await?,
        revenue: app.revenue().await?,
    }))
}

fn found<T>(value: Option<T>) -> Result<Reply<T>, ApiError> {
    value.map(Reply).ok_or_else(|| ApiError::not_found("there is nobody with this id"))
}
