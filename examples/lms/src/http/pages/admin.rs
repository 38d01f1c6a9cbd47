//! What administrators see: what waits for them, and the platform in numbers and charts.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use super::chart::bars;
use super::frame;
use super::page::{Page, PageError};
use super::parts::{figure, money, percent, thousands};
use super::visitor::Member;
use crate::model::{
    AdminDashboard, Count, EnrolmentAnalytics, PlatformAnalytics, RevenueAnalytics,
};
use crate::service::Services as App;

/// Where the live page of the cache is.
pub const LIVE_PAGE: &str = "/admin/cache";

/// Lets administrators through; others get the login or a refusal, as a page.
pub(in crate::http) async fn admins_only(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let allowed = match Member::from_request_parts(&mut parts, &app).await {
        Ok(Member(viewer)) => viewer.must_be_admin().map_err(PageError::from),
        Err(refusal) => Err(refusal),
    };
    match allowed {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refusal) => frame::dress(async { refusal.into_response() }).await,
    }
}

/// `GET /admin`.
pub(super) async fn dashboard(
    State(app): State<App>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    viewer.must_be_admin()?;
    let waiting = app.admin_dashboard().await?;
    let platform = app.platform().await?;
    let enrolments = app.enrolment_analytics().await?;
    let revenue = app.revenue().await?;
    let body = html! {
        p { a href=(LIVE_PAGE) { "The cache, live" } }
        (numbers(&platform, &waiting))
        (drafts(&waiting))
        (of_enrolments(&enrolments))
        (of_revenue(&revenue))
    };
    Ok(Page::new("The platform", Some(viewer), body))
}

fn numbers(platform: &PlatformAnalytics, waiting: &AdminDashboard) -> Markup {
    html! {
        dl id="platform" {
            @for count in &platform.users { (figure(&plural(&count.label), thousands(count.count))) }
            @for count in &platform.courses {
                (figure(&format!("Courses, {}", count.label), thousands(count.count)))
            }
            (figure("Graded", thousands(platform.graded)))
            (figure("Mean score", percent(platform.mean_score)))
            (figure("Open payments", thousands(waiting.open_payments)))
            (figure("To come in", money(waiting.open_pence)))
        }
    }
}

fn plural(role: &str) -> String {
    let mut text = format!("{role}s");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn drafts(waiting: &AdminDashboard) -> Markup {
    html! {
        h2 { "Drafts" }
        @if waiting.drafts.is_empty() { p { "None." } }
        ul id="drafts" { @for draft in &waiting.drafts {
            li { a href=(format!("/courses/{}", draft.id)) { (draft.title) } ", " (draft.teacher_name) }
        } }
    }
}

fn of_enrolments(enrolments: &EnrolmentAnalytics) -> Markup {
    let pairs = |counts: &[Count]| -> Vec<(String, i64)> {
        counts.iter().map(|count| (count.label.clone(), count.count)).collect()
    };
    let popular: Vec<_> =
        enrolments.popular.iter().map(|course| (course.title.clone(), course.students)).collect();
    html! {
        h2 { "Enrolments" }
        (bars("Enrolments by result", &pairs(&enrolments.results), thousands))
        (bars("Enrolments by presentation", &pairs(&enrolments.presentations), thousands))
        (bars("The most popular courses, by students", &popular, thousands))
    }
}

fn of_revenue(revenue: &RevenueAnalytics) -> Markup {
    let months: Vec<_> = revenue
        .months
        .iter()
        .map(|month| (month.month.format("%Y-%m").to_string(), month.paid_pence))
        .collect();
    html! {
        h2 { "Revenue" }
        dl id="revenue" {
            (figure("Paid", money(revenue.paid_pence)))
            (figure("Open", money(revenue.open_pence)))
            (figure("Refunded", money(revenue.refunded_pence)))
        }
        (bars("Paid by month", &months, money))
    }
}
