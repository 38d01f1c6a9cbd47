//! `/api/courses`: list, details, renaming.

use axum::Json as Reply;
use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use super::error::ApiError;
use super::extract::{Json, Path, Query};
use super::paging::Paging;
use super::state::State as App;
use crate::model::{CourseDetails, CourseSummary, Page};

/// The longest title, in characters; the database has the same limit.
const LONGEST_TITLE: usize = 200;

/// `GET /api/courses?page=1&per_page=20&search=text`.
pub(super) async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Reply<Page<CourseSummary>>, ApiError> {
    Ok(Reply(app.courses.list(&paging.check()?).await?))
}

/// `GET /api/courses/{id}`.
pub(super) async fn details(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Reply<CourseDetails>, ApiError> {
    let course = app.courses.details(id).await?;
    Ok(Reply(course.ok_or_else(|| no_course(id))?))
}

/// The body of a renaming.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Renaming {
    title: String,
}

/// `PUT /api/courses/{id}` with `{"title": ".."}`; answers with the renamed course.
pub(super) async fn rename(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(renaming): Json<Renaming>,
) -> Result<Reply<CourseDetails>, ApiError> {
    let title = check_title(&renaming.title)?;
    if !app.courses.rename(id, title).await? {
        return Err(no_course(id));
    }
    let course = app.courses.details(id).await?;
    Ok(Reply(course.ok_or_else(|| no_course(id))?))
}

fn check_title(title: &str) -> Result<&str, ApiError> {
    let title = title.trim();
    if title.is_empty() {
        return Err(ApiError::invalid("title: must not be empty"));
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err(ApiError::invalid(format!("title: give at most {LONGEST_TITLE} characters")));
    }
    if title.chars().any(char::is_control) {
        return Err(ApiError::invalid("title: must not hold line breaks or control characters"));
    }
    Ok(title)
}

fn no_course(id: Uuid) -> ApiError {
    ApiError::not_found(format!("there is no course {id}; GET /api/courses lists them"))
}
