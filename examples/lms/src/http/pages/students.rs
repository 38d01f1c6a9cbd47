//! What students see: dashboard, courses with grades, payments; and the list of students.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::courses::{Done, urlencoded};
use super::extract::{Path, Query};
use super::form::csrf;
use super::page::{Page, PageError, on_form};
use super::parts::{done, figure, money, nothing_here, pager, percent, result, thousands};
use super::roster::student;
use super::sent::Sent;
use super::visitor::Member;
use crate::http::error::ApiError;

use crate::http::paging::Paging;
use crate::http::session::Viewer;
use crate::model::{Dashboard, DashboardCourse, Payment, PaymentStatus};
use crate::service::Services as App;

/// `GET /students?page=1&search=text`, for administrators.
pub(super) async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    viewer.must_be_admin()?;
    let request = paging.check()?;
    let page = app.students(&request).await?;
    let query = match request.search.as_str() {
        "" => String::new(),
        text => format!("&search={}", urlencoded(text)),
    };
    let body = html! {
        form.row role="search" action="/students" {
            label for="search" { "Search" }
            input id="search" name="search" type="search" maxlength="100" value=(request.search);
            button { "Search" }
        }
        @if page.items.is_empty() { p { (nothing_here(&page, "No student matches.")) } }
        ul { @for student in &page.items {
            li { a href=(format!("/students/{}", student.id)) { (student.name) } ", " (student.courses)
                @if student.courses == 1 { " course" } @else { " courses" } }
        } }
        (pager(&page, "/students", &query))
    };
    Ok(Page::new("Students", Some(viewer), body))
}

/// `GET /students/{id}`: the dashboard.
pub(super) async fn dashboard(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    viewer.must_be(id)?;
    let dashboard = app.student_dashboard(id).await?.ok_or_else(no_student)?;
    let open: i64 = dashboard.courses.iter().map(|course| course.payments.open_pence).sum();
    let studying = dashboard.courses.iter().filter(|course| course.result.is_none()).count();
    let body = html! {
        dl {
            (figure("Courses", dashboard.courses.len().to_string()))
            (figure("Studying", studying.to_string()))
            (figure("To be paid", money(open)))
        }
        (of_student(id))
        h2 { "Courses" }
        (courses_of(&dashboard))
    };
    Ok(Page::new(format!("Dashboard of {}", dashboard.student.name), Some(viewer), body))
}

/// Where else there is something of a student.
fn of_student(id: Uuid) -> Markup {
    html! {
        nav.row aria-label="Of this student" {
            a href=(format!("/students/{id}/courses")) { "Courses and grades" }
            a href=(format!("/students/{id}/payments")) { "Payments" }
            a href=(format!("/students/{id}/profile")) { "Profile" }
        }
    }
}

fn courses_of(dashboard: &Dashboard) -> Markup {
    html! {
        @if dashboard.courses.is_empty() {
            p { "None yet: " a href="/courses" { "find one" } "." }
        } @else {
            div.scroll { table {
                thead { tr {
                    th { "Course" } th { "Progress" } th.number { "Work due" } th.number { "Mean score" } th.number { "Open" }
                } }
                tbody { @for course in &dashboard.courses { (row(course)) } }
            } }
        }
    }
}

fn row(course: &DashboardCourse) -> Markup {
    html! {
        tr {
            td {
                a href=(format!("/courses/{}", course.course_id)) { (course.title) }
                br;
                (course.teacher_name) " " (result(course.result))
            }
            td {
                progress max="100" value=(course.progress_percent)
                    aria-label=(format!("{} % of {}", course.progress_percent, course.title)) {}
                " " (course.progress_percent) " %"
            }
            td.number { (course.assessments_due) " of " (course.assessments) }
            td.number { (percent(course.mean_score)) }
            td.number { (money(course.payments.open_pence)) }
        }
    }
}

/// `GET /students/{id}/courses`.
pub(super) async fn courses(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    viewer.must_be(id)?;
    let profile = app.student(id).await?.ok_or_else(no_student)?;
    let courses = app.student_courses(id).await?;
    let grades = app.student_grades(id).await?;
    let body = html! {
        @if courses.is_empty() { p { "None yet: " a href="/courses" { "find one" } "." } }
        @for course in &courses {
            h2 { a href=(format!("/courses/{}", course.course_id)) { (course.title) } }
            p { (course.code) " " (course.presentation) ", " (course.credits) " credits, from "
                (course.starts_on) " " (result(course.result)) }
            @let graded = grades.iter().filter(|grade| grade.course_id == course.course_id);
            p { @for grade in graded {
                span.tag { (grade.kind.as_str()) ": " (grade.score) " %" } " "
            } }
        }
    };
    Ok(Page::new(format!("Courses of {}", profile.name), Some(viewer), body))
}

/// `GET /students/{id}/payments`.
pub(super) async fn payments(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(Done { done: word }): Query<Done>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    bill(&app, id, viewer, done(&word)).await
}

/// `POST /payments/{id}/complete`.
pub(super) async fn pay(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    sent: Sent,
) -> Result<Response, PageError> {
    let student = student(&sent.fields, &sent.viewer)?;
    let Err(error) = app.complete_payment(id, student).await else {
        return Ok(Redirect::to(&format!("/students/{student}/payments?done=paid")).into_response());
    };
    let sentences = on_form(error)?.sentences();
    let notice = html! { p.notice.bad role="alert" { (sentences) } };
    Ok(bill(&app, student, sent.viewer, notice).await?.invalid().into_response())
}

async fn bill(app: &App, id: Uuid, viewer: Viewer, notice: Markup) -> Result<Page, PageError> {
    viewer.must_be(id)?;
    let profile = app.student(id).await?.ok_or_else(no_student)?;
    let payments = app.student_payments(id).await?;
    let is_open = |payment: &&Payment| {
        matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Failed)
    };
    let open: i64 = payments.iter().filter(is_open).map(|payment| payment.amount_pence).sum();
    let body = html! {
        (notice)
        p { "To be paid: " strong id="open" { (money(open)) } ", " (thousands(payments.len() as i64)) " instalments in all." }
        div.scroll { table {
            thead { tr { th { "For" } th.number { "Amount" } th { "Due" } th { "Status" } th { "" } } }
            tbody {
                @for payment in &payments {
                    tr {
                        td { (payment.title) ", instalment " (payment.instalment) }
                        td.number { (money(payment.amount_pence)) }
                        td.date { (payment.due_on) }
                        td { span.tag { (payment.status.as_str()) } }
                        td { @if is_open(&payment) { (pay_button(&viewer, id, payment)) } }
                    }
                }
            }
        } }
    };
    Ok(Page::new(format!("Payments of {}", profile.name), Some(viewer), body))
}

fn pay_button(viewer: &Viewer, student: Uuid, payment: &Payment) -> Markup {
    html! {
        form method="post" action=(format!("/payments/{}/complete", payment.id)) {
            (csrf(viewer))
            input type="hidden" name="student" value=(student);
            button aria-label=(format!("Pay instalment {} of {}", payment.instalment, payment.title)) { "Pay" }
        }
    }
}

fn no_student() -> ApiError {
    ApiError::not_found("There is no such student.")
}
