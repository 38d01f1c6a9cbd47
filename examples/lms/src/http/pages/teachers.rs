//! What teachers see: dashboard and courses; and the list of teachers.

use axum::extract::State;
use maud::{Markup, html};
use uuid::Uuid;

use super::extract::Path;
use super::form::staff_actions;
use super::page::{Page, PageError};
use super::parts::{figure, percent, thousands};
use super::visitor::Member;
use crate::http::error::ApiError;

use crate::http::session::Viewer;
use crate::model::{CourseStatus, TaughtCourse, TeacherDashboard};
use crate::service::Services as App;

/// `GET /teachers`, for administrators.
pub(super) async fn list(
    State(app): State<App>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    viewer.must_be_admin()?;
    let teachers = app.teachers().await?;
    let body = html! {
        ul { @for teacher in &teachers {
            li { a href=(format!("/teachers/{}", teacher.id)) { (teacher.name) } ", " (teacher.email) ", "
                a href=(format!("/teachers/{}/profile", teacher.id)) { "edit" } }
        } }
    };
    Ok(Page::new("Teachers", Some(viewer), body))
}

/// `GET /teachers/{id}`: the dashboard.
pub(super) async fn dashboard(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    let TeacherDashboard { teacher, courses } = find(&app, id, &viewer).await?;
    let sum = |count: fn(&TaughtCourse) -> i64| thousands(courses.iter().map(count).sum());
    let body = html! {
        dl {
            (figure("Courses", courses.len().to_string()))
            (figure("Students", sum(|course| course.students)))
            (figure("Studying", sum(|course| course.studying)))
            (figure("Graded", sum(|course| course.graded)))
        }
        p { a href=(format!("/teachers/{id}/courses")) { "All courses, and what can be done with them" } }
        h2 { "Open courses" }
        (table(courses.iter().filter(|course| course.status == CourseStatus::Active)))
    };
    Ok(Page::new(format!("Dashboard of {}", teacher.name), Some(viewer), body))
}

fn table<'a>(courses: impl Iterator<Item = &'a TaughtCourse>) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Course" } th.number { "Students" } th.number { "Studying" } th.number { "Mean score" } } }
            tbody {
                @for course in courses {
                    tr {
                        td { a href=(format!("/courses/{}", course.id)) { (course.title) } }
                        td.number { (thousands(course.students)) }
                        td.number { (thousands(course.studying)) }
                        td.number { (percent(course.mean_score)) }
                    }
                }
            }
        } }
    }
}

/// `GET /teachers/{id}/courses`.
pub(super) async fn courses(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    let TeacherDashboard { teacher, courses } = find(&app, id, &viewer).await?;
    let body = html! {
        p { a href="/courses/new" { "New course" } }
        @if courses.is_empty() { p { "None yet." } }
        @for course in &courses {
            h2 { a href=(format!("/courses/{}", course.id)) { (course.title) } }
            p { (course.code) " " (course.presentation) ", from " (course.starts_on) ", "
                (thousands(course.students)) " students "
                span.tag { (course.status.as_str()) } }
            div.row { (staff_actions(&viewer, course.id, course.status)) }
        }
    };
    Ok(Page::new(format!("Courses of {}", teacher.name), Some(viewer), body))
}

async fn find(app: &App, id: Uuid, viewer: &Viewer) -> Result<TeacherDashboard, PageError> {
    viewer.must_be(id)?;
    let dashboard = app.teacher_dashboard(id).await?;
    dashboard.ok_or_else(|| ApiError::not_found("There is no such teacher.").into())
}
