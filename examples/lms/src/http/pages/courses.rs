//! Courses: the list with paging and search, and the details.

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::extract::{Path, Query};
use super::form::{csrf, staff_actions};
use super::page::{Page, PageError};
use super::parts::{done, figure, money, nothing_here, pager, percent, thousands};
use super::visitor::Visitor;
use crate::http::error::ApiError;

use crate::http::paging::Paging;
use crate::http::session::{Viewer, may_see};
use crate::model::{
    CourseDetails, CourseStatistics, CourseStatus, CourseSummary, Material, StudentCourse, UserRole,
};
use crate::service::Services as App;

/// `GET /courses?page=1&search=text`.
pub(super) async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
    Visitor(viewer): Visitor,
) -> Result<Page, PageError> {
    let request = paging.check()?;
    let page = app.courses(&request).await?;
    let query = match request.search.as_str() {
        "" => String::new(),
        text => format!("&search={}", urlencoded(text)),
    };
    let body = html! {
        form.row role="search" action="/courses" {
            label for="search" { "Search" }
            input id="search" name="search" type="search" maxlength="100" value=(request.search);
            button { "Search" }
        }
        @if page.items.is_empty() { p { (nothing_here(&page, "No open course matches.")) } }
        @else { (table(&page.items)) }
        (pager(&page, "/courses", &query))
    };
    Ok(Page::new("Courses", viewer, body))
}

fn table(courses: &[CourseSummary]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Title" } th { "Course" } th { "Teacher" } th { "Starts" } th.number { "Students" } } }
            tbody {
                @for course in courses {
                    tr {
                        td { a href=(format!("/courses/{}", course.id)) { (course.title) } }
                        td { (course.code) " " (course.presentation) }
                        td { (course.teacher_name) }
                        td.date { (course.starts_on) }
                        td.number { (thousands(course.students)) }
                    }
                }
            }
        } }
    }
}

/// What a redirect says was done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    pub(super) done: String,
}

/// `GET /courses/{id}`.
pub(super) async fn details(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(Done { done: word }): Query<Done>,
    Visitor(viewer): Visitor,
) -> Result<Page, PageError> {
    show(&app, id, viewer, done(&word)).await
}

/// The page of a course, below a notice.
pub(super) async fn show(
    app: &App,
    id: Uuid,
    viewer: Option<Viewer>,
    notice: Markup,
) -> Result<Page, PageError> {
    let details = find(app, id, viewer.as_ref()).await?;
    let materials = app.materials(id).await?;
    let mut own = Vec::new();
    let mut statistics = None;
    if let Some(viewer) = &viewer {
        if viewer.is(UserRole::Student) {
            own = app.student_courses(viewer.id()).await?;
        }
        if viewer.gives(&details.course) {
            statistics = Some(app.course_statistics(id).await?);
        }
    }
    let taken = own.iter().find(|course| course.course_id == id);
    let body = html! {
        (notice)
        (facts(&details.course))
        @if let Some(viewer) = &viewer { (actions(viewer, &details.course, taken)) }
        @if let Some(statistics) = &statistics { (numbers(statistics)) }
        (contents(&details, &materials))
    };
    Ok(Page::new(details.course.title, viewer, body))
}

/// A course that this viewer may see.
pub(super) async fn find(
    app: &App,
    id: Uuid,
    viewer: Option<&Viewer>,
) -> Result<CourseDetails, PageError> {
    let details = app.course(id).await?.filter(|details| may_see(viewer, &details.course));
    details.ok_or_else(|| ApiError::not_found("There is no such course.").into())
}

fn facts(course: &CourseSummary) -> Markup {
    html! {
        p {
            (course.code) " " (course.presentation) ", given by " (course.teacher_name) ", "
            (course.length_days) " days from " (course.starts_on) ". "
            span.tag id="status" { (course.status.as_str()) }
        }
    }
}

fn actions(viewer: &Viewer, course: &CourseSummary, taken: Option<&StudentCourse>) -> Markup {
    let to = |action: &str| format!("/courses/{}/{action}", course.id);
    let studying = taken.is_some_and(|taken| taken.result.is_none());
    let ended = taken.and_then(|taken| taken.result);
    let may_enrol = ended.is_none_or(|result| result.as_str() == "withdrawn");
    let is_open = course.status == CourseStatus::Active;
    html! {
        div.row {
            @if viewer.is(UserRole::Student) {
                @if studying { p { "You are in this course." } }
                @if let Some(result) = ended { p { "Your result: " (result.as_str()) "." } }
                @if is_open && studying { (student_button(viewer, &to("withdraw"), "Withdraw")) }
                @else if is_open && may_enrol { (student_button(viewer, &to("enrol"), "Enrol")) }
            }
            @if viewer.gives(course) {
                (staff_actions(viewer, course.id, course.status))
            }
        }
    }
}

fn student_button(viewer: &Viewer, action: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (csrf(viewer))
            input type="hidden" name="student" value=(viewer.id());
            button.main { (label) }
        }
    }
}

fn numbers(statistics: &CourseStatistics) -> Markup {
    html! {
        h2 { "How it goes" }
        dl id="statistics" {
            (figure("Students", thousands(statistics.students)))
            (figure("Studying", thousands(statistics.studying)))
            (figure("Passed", thousands(statistics.passed)))
            (figure("Withdrawn", thousands(statistics.withdrawn)))
            (figure("Graded", thousands(statistics.graded)))
            (figure("Mean score", percent(statistics.mean_score)))
            (figure("Paid", money(statistics.paid_pence)))
        }
    }
}

fn contents(details: &CourseDetails, materials: &[Material]) -> Markup {
    html! {
        h2 { "Assessments" }
        @if details.assessments.is_empty() { p { "None." } }
        @else {
            div.scroll { table {
                thead { tr { th { "Kind" } th.number { "Due on day" } th.number { "Weight" } } }
                tbody {
                    @for assessment in &details.assessments {
                        tr {
                            td { (assessment.kind.as_str()) }
                            td.number { @if let Some(day) = assessment.due_day { (day) } @else { "–" } }
                            td.number { (assessment.weight) " %" }
                        }
                    }
                }
            } }
        }
        h2 { "Materials" }
        @if details.materials.is_empty() { p { "None." } }
        p { @for count in &details.materials { span.tag { (count.activity_type) " " (count.count) } " " } }
        @if !materials.is_empty() {
            details {
                summary { (materials.len()) " of them are planned for a week" }
                ul { @for material in materials {
                    li { "Week " (material.week_from.unwrap_or_default()) ": " (material.activity_type) }
                } }
            }
        }
        h2 { "Results" }
        p { @for count in &details.results {
            span.tag { (count.result.map_or("studying", |result| result.as_str())) " " (thousands(count.count)) } " "
        } }
    }
}

/// Text as a value of a query string.
pub(super) fn urlencoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
