//! What teachers do with a course: create, edit, publish, archive.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::courses::{find, show};
use super::extract::Path;
use super::form::{Filled, csrf};
use super::page::{Page, PageError, on_form};
use super::sent::Sent;
use super::visitor::Member;
use crate::http::error::ApiError;

use crate::http::session::Viewer;
use crate::input::{self, FieldErrors, Fields};
use crate::model::UserRole;
use crate::repository::WriteError;
use crate::service::Services as App;

/// `GET /courses/new`.
pub(super) async fn new(State(app): State<App>, Member(viewer): Member) -> Result<Page, PageError> {
    let fields = Fields::default().with("length_days", 180);
    creation(&app, viewer, Filled::new(fields)).await
}

/// `POST /courses/new`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, PageError> {
    let Sent { viewer, fields } = sent;
    let teacher = match viewer.session.role {
        UserRole::Teacher => viewer.id(),
        UserRole::Admin => fields.get("teacher").parse().unwrap_or_default(),
        UserRole::Student => return Err(for_staff().into()),
    };
    let errors = match input::course(&fields) {
        Err(errors) => errors,
        Ok(course) => match app.create_course(&course, teacher).await {
            Ok(id) => {
                return Ok(Redirect::to(&format!("/courses/{id}?done=created")).into_response());
            }
            Err(WriteError::Missing(_)) => FieldErrors::one("teacher", "choose one of the list"),
            Err(error) => on_form(error)?,
        },
    };
    Ok(creation(&app, viewer, Filled { fields, errors }).await?.invalid().into_response())
}

async fn creation(app: &App, viewer: Viewer, filled: Filled) -> Result<Page, PageError> {
    let mut teachers = Vec::new();
    match viewer.session.role {
        UserRole::Student => return Err(for_staff().into()),
        UserRole::Teacher => {}
        UserRole::Admin => {
            let all = app.teachers().await?.into_iter();
            teachers = all.map(|teacher| (teacher.id.to_string(), teacher.name)).collect();
        }
    }
    let body = html! {
        form.fields method="post" action="/courses/new" novalidate {
            (filled.summary())
            (csrf(&viewer))
            @if !teachers.is_empty() { (filled.select("teacher", "Teacher", &teachers)) }
            (filled.input("code", "Module, such as RST", "text"))
            (filled.input("presentation", "Presentation, such as 2026J", "text"))
            (common(&filled))
            div { button.main { "Create the draft" } }
        }
    };
    Ok(Page::new("New course", Some(viewer), body))
}

/// `GET /courses/{id}/edit`.
pub(super) async fn edit(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    let course = find(&app, id, Some(&viewer)).await?.course;
    viewer.must_give(&course)?;
    let fields = Fields::default()
        .with("title", &course.title)
        .with("starts_on", course.starts_on)
        .with("length_days", course.length_days);
    Ok(edition(id, viewer, &Filled::new(fields)))
}

/// `POST /courses/{id}/edit`.
pub(super) async fn save(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    let Sent { viewer, fields } = sent;
    viewer.must_give(&find(&app, id, Some(&viewer)).await?.course)?;
    let errors = match input::course_edit(&fields) {
        Err(errors) => errors,
        Ok(edit) => match app.edit_course(id, &edit).await {
            Ok(()) => return Ok(Redirect::to(&format!("/courses/{id}?done=saved")).into_response()),
            Err(error) => on_form(error)?,
        },
    };
    Ok(edition(id, viewer, &Filled { fields, errors }).invalid().into_response())
}

fn edition(id: Uuid, viewer: Viewer, filled: &Filled) -> Page {
    let body = html! {
        form.fields method="post" action=(format!("/courses/{id}/edit")) novalidate {
            (filled.summary())
            (csrf(&viewer))
            (common(filled))
            div.row { button.main { "Save" } a href=(format!("/courses/{id}")) { "Back" } }
        }
    };
    Page::new("Edit the course", Some(viewer), body)
}

fn common(filled: &Filled) -> Markup {
    html! {
        (filled.input("title", "Title", "text"))
        (filled.input("starts_on", "First day", "date"))
        (filled.input("length_days", "Length in days", "number"))
    }
}

/// `POST /courses/{id}/publish`.
pub(super) async fn publish(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    sent.viewer.must_give(&find(&app, id, Some(&sent.viewer)).await?.course)?;
    let outcome = app.publish(id).await;
    answer(&app, id, sent.viewer, outcome, "published").await
}

/// `POST /courses/{id}/archive`.
pub(super) async fn archive(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    sent.viewer.must_give(&find(&app, id, Some(&sent.viewer)).await?.course)?;
    let outcome = app.archive(id).await;
    answer(&app, id, sent.viewer, outcome, "archived").await
}

/// Back to the course: with what was done, or with what stood against it.
pub(super) async fn answer(
    app: &App,
    id: Uuid,
    viewer: Viewer,
    outcome: Result<(), WriteError>,
    done: &str,
) -> Result<Response, PageError> {
    let Err(error) = outcome else {
        return Ok(Redirect::to(&format!("/courses/{id}?done={done}")).into_response());
    };
    let sentences = on_form(error)?.sentences();
    let notice = html! { p.notice.bad role="alert" { (sentences) } };
    Ok(show(app, id, Some(viewer), notice).await?.invalid().into_response())
}

fn for_staff() -> ApiError {
    ApiError::forbidden("Only teachers and administrators create courses.")
}
