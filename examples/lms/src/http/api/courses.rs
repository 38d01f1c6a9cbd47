//! `/api/courses`: lists, details, and what teachers do with a course.

use axum::Json as Reply;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use crate::http::error::ApiError;
use crate::http::extract::{Json, Path, Query};
use crate::http::paging::Paging;
use crate::http::session::{Anybody, Viewer, may_see};
use crate::input::{self, Fields};
use crate::model::{
    CourseDetails, CourseEdit, CourseStatistics, CourseSummary, GradeInput, Material, Page,
    RosterEntry, UserRole,
};
use crate::service::Services as App;

/// `GET /api/courses?page=1&per_page=20&search=text`.
pub(super) async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Reply<Page<CourseSummary>>, ApiError> {
    Ok(Reply(app.courses(&paging.check()?).await?))
}

/// `GET /api/courses/{id}`.
pub(super) async fn details(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    anybody: Anybody,
) -> Result<Reply<CourseDetails>, ApiError> {
    let course = find(&app, id).await?;
    if !may_see(None, &course.course)
        && !may_see(anybody.viewer(&app).await?.as_ref(), &course.course)
    {
        return Err(no_course(id));
    }
    Ok(Reply(course))
}

/// `GET /api/courses/{id}/statistics`, for who gives it.
pub(super) async fn statistics(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<CourseStatistics>, ApiError> {
    viewer.must_give(&find(&app, id).await?.course)?;
    Ok(Reply(app.course_statistics(id).await?))
}

/// `GET /api/courses/{id}/materials`: those that are planned for a week.
pub(super) async fn materials(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<Vec<Material>>, ApiError> {
    let course = find(&app, id).await?;
    if !may_see(Some(&viewer), &course.course) {
        return Err(no_course(id));
    }
    Ok(Reply(app.materials(id).await?))
}

/// `GET /api/courses/{id}/students?page=1`, for who gives it.
pub(super) async fn students(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
    viewer: Viewer,
) -> Result<Reply<Page<RosterEntry>>, ApiError> {
    viewer.must_give(&find(&app, id).await?.course)?;
    Ok(Reply(app.roster(id, paging.page_alone()?).await?))
}

/// A new course.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCourse {
    code: String,
    presentation: String,
    title: String,
    starts_on: String,
    length_days: i64,
    teacher_id: Option<Uuid>,
}

/// `POST /api/courses`: a draft. Administrators say whose it is with `teacher_id`.
pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Json(new): Json<NewCourse>,
) -> Result<(StatusCode, Reply<CourseDetails>), ApiError> {
    let teacher = match (viewer.session.role, new.teacher_id) {
        (UserRole::Teacher, None) => viewer.id(),
        (UserRole::Teacher, Some(teacher)) if teacher == viewer.id() => teacher,
        (UserRole::Teacher, Some(_)) => {
            return Err(ApiError::forbidden(
                "teachers create courses of their own: leave teacher_id out",
            ));
        }
        (UserRole::Admin, Some(teacher)) => teacher,
        (UserRole::Admin, None) => {
            return Err(ApiError::invalid("teacher_id: say who gives the course"));
        }
        _ => return Err(ApiError::forbidden("only teachers and administrators create courses")),
    };
    let fields = Fields::default()
        .with("code", new.code)
        .with("presentation", new.presentation)
        .with("title", new.title)
        .with("starts_on", new.starts_on)
        .with("length_days", new.length_days);
    let id = app.create_course(&input::course(&fields)?, teacher).await?;
    Ok((StatusCode::CREATED, Reply(find(&app, id).await?)))
}

/// A change; dates that are not given stay.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    title: String,
    starts_on: Option<NaiveDate>,
    length_days: Option<i64>,
}

/// `PUT /api/courses/{id}` with `{"title": ".."}`; answers with the changed course.
pub(super) async fn edit(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
    Json(edit): Json<Edit>,
) -> Result<Reply<CourseDetails>, ApiError> {
    viewer.must_give(&find(&app, id).await?.course)?;
    let mut fields = Fields::default().with("title", edit.title);
    if let Some(day) = edit.starts_on {
        fields = fields.with("starts_on", day);
    }
    if let Some(days) = edit.length_days {
        fields = fields.with("length_days", days);
    }
    match input::course_edit(&fields)? {
        CourseEdit { title, starts_on: None, length_days: None } => {
            app.rename_course(id, &title).await?;
        }
        edit => app.edit_course(id, &edit).await?,
    }
    Ok(Reply(find(&app, id).await?))
}

/// `POST /api/courses/{id}/publish`.
pub(super) async fn publish(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<CourseDetails>, ApiError> {
    viewer.must_give(&find(&app, id).await?.course)?;
    app.publish(id).await?;
    Ok(Reply(find(&app, id).await?))
}

/// `POST /api/courses/{id}/archive`.
pub(super) async fn archive(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
) -> Result<Reply<CourseDetails>, ApiError> {
    viewer.must_give(&find(&app, id).await?.course)?;
    app.archive(id).await?;
    Ok(Reply(find(&app, id).await?))
}

/// A grade for one piece of work of one student.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grading {
    student_id: Uuid,
    assessment_id: Uuid,
    score: i64,
}

/// `POST /api/courses/{id}/grades`; answers with the course's statistics.
pub(super) async fn grade(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    viewer: Viewer,
    Json(grading): Json<Grading>,
) -> Result<Reply<CourseStatistics>, ApiError> {
    viewer.must_give(&find(&app, id).await?.course)?;
    let fields = Fields::default()
        .with("student", grading.student_id)
        .with("assessment", grading.assessment_id)
        .with("score", grading.score);
    let grade: GradeInput = input::grade(&fields)?;
    app.grade(id, grade).await?;
    Ok(Reply(app.course_statistics(id).await?))
}

async fn find(app: &App, id: Uuid) -> Result<CourseDetails, ApiError> {
    app.course(id).await?.ok_or_else(|| no_course(id))
}

fn no_course(id: Uuid) -> ApiError {
    ApiError::not_found(format!("there is no course {id}; GET /api/courses lists them"))
}
