//! The students of a course: enrolling, withdrawing, and the grades that their teacher gives.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::course_forms::answer;
use super::courses::find;
use super::extract::{Path, Query};
use super::form::{Filled, csrf};
use super::page::{Page, PageError, on_form};
use super::parts::{done, pager, percent, result};
use super::sent::Sent;
use super::visitor::Member;
use crate::http::error::ApiError;

use crate::http::session::Viewer;
use crate::input::{self, FieldErrors, Fields};
use crate::model::{CourseDetails, Page as Rows, RosterEntry};
use crate::service::Services as App;

/// Which page of the roster, and what was done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    page: Option<u32>,
    done: String,
}

/// `GET /courses/{id}/students`.
pub(super) async fn students(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(shown): Query<Shown>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    let page = shown.page.unwrap_or(1).clamp(1, 1_000_000);
    roster(&app, id, page, viewer, &Filled::default(), done(&shown.done)).await
}

/// `POST /courses/{id}/grade`.
pub(super) async fn grade(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    let Sent { viewer, fields } = sent;
    viewer.must_give(&find(&app, id, Some(&viewer)).await?.course)?;
    let page = fields.get("page").parse().unwrap_or(1_u32).clamp(1, 1_000_000);
    let errors: FieldErrors = match input::grade(&fields) {
        Err(errors) => errors,
        Ok(grade) => match app.grade(id, grade).await {
            Ok(()) => {
                let to = format!("/courses/{id}/students?page={page}&done=graded");
                return Ok(Redirect::to(&to).into_response());
            }
            Err(error) => on_form(error)?,
        },
    };
    let filled = Filled { fields, errors };
    let page = roster(&app, id, page, viewer, &filled, html! {}).await?;
    Ok(page.invalid().into_response())
}

async fn roster(
    app: &App,
    id: Uuid,
    page: u32,
    viewer: Viewer,
    filled: &Filled,
    notice: Markup,
) -> Result<Page, PageError> {
    let details = find(app, id, Some(&viewer)).await?;
    viewer.must_give(&details.course)?;
    let rows = app.roster(id, page).await?;
    let body = html! {
        (notice)
        p { a href=(format!("/courses/{id}")) { (details.course.title) } }
        @if !details.assessments.is_empty() && !rows.items.is_empty() {
            (grading(&viewer, &details, &rows, filled))
        }
        (table(&rows))
        (pager(&rows, &format!("/courses/{id}/students"), ""))
    };
    Ok(Page::new("Students and grades", Some(viewer), body))
}

fn grading(
    viewer: &Viewer,
    details: &CourseDetails,
    rows: &Rows<RosterEntry>,
    filled: &Filled,
) -> Markup {
    let students: Vec<_> =
        rows.items.iter().map(|row| (row.student_id.to_string(), row.label())).collect();
    let work = details.assessments.iter().enumerate();
    let work: Vec<_> = work
        .map(|(place, work)| {
            let day = work.due_day.map_or_else(String::new, |day| format!(", due on day {day}"));
            (work.id.to_string(), format!("{}. {}{day}", place + 1, work.kind.as_str()))
        })
        .collect();
    html! {
        h2 { "Give a grade" }
        form.fields method="post" action=(format!("/courses/{}/grade", details.course.id)) novalidate {
            (filled.summary())
            (csrf(viewer))
            input type="hidden" name="page" value=(rows.page);
            (filled.select("student", "Student", &students))
            (filled.select("assessment", "Work", &work))
            (filled.input("score", "Score in percent", "number"))
            div { button.main { "Save the grade" } }
        }
    }
}

fn table(rows: &Rows<RosterEntry>) -> Markup {
    html! {
        h2 { "Students" }
        div.scroll { table {
            thead { tr { th { "Name" } th { "Result" } th.number { "Graded" } th.number { "Mean score" } } }
            tbody {
                @for row in &rows.items {
                    tr id=(format!("student-{}", row.student_id)) {
                        td { (row.label()) }
                        td { (result(row.result)) }
                        td.number { (row.graded) }
                        td.number { (percent(row.mean_score)) }
                    }
                }
            }
        } }
    }
}

/// `POST /courses/{id}/enrol`.
pub(super) async fn enrol(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    let student = student(&sent.fields, &sent.viewer)?;
    let outcome = app.enrol(id, student).await;
    answer(&app, id, sent.viewer, outcome, "enrolled").await
}

/// `POST /courses/{id}/withdraw`.
pub(super) async fn withdraw(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    let student = student(&sent.fields, &sent.viewer)?;
    let outcome = app.withdraw(id, student).await;
    answer(&app, id, sent.viewer, outcome, "withdrawn").await
}

/// Whom the form is about, if the viewer may act for them.
pub(super) fn student(fields: &Fields, viewer: &Viewer) -> Result<Uuid, ApiError> {
    let student = fields.get("student").parse();
    let student = student.map_err(|_| ApiError::bad_request("the form names no student"))?;
    viewer.must_be(student)?;
    Ok(student)
}
