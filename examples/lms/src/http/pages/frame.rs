//! What stands around every page: head, navigation, and the strip that tells what the cache did for it.

use axum::extract::Request;
use axum::http::header::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cached_core::{ReadSource, RequestReport, request_scope_with_report};
use maud::{DOCTYPE, Markup, html};

use super::page::Page;
use crate::http::session::Viewer;
use crate::model::UserRole;

/// Runs a request in a request scope of the cache, and puts the page that comes of it into its frame.
pub(super) async fn frame(request: Request, next: Next) -> Response {
    dress(next.run(request)).await
}

/// The same around an answer that comes from elsewhere.
pub(super) async fn dress(answer: impl Future<Output = Response>) -> Response {
    let (mut response, report) = request_scope_with_report(answer).await;
    if let Some(page) = response.extensions_mut().remove::<Page>() {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove("content-length");
        response = (parts.status, parts.headers, whole(&page, &report)).into_response();
    }
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                  base-uri 'none'; frame-ancestors 'none'";
    let mut say = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    say("content-security-policy", policy);
    say("x-content-type-options", "nosniff");
    // The cache is on this side; what people see must not be kept on theirs.
    say("cache-control", "no-store");
    if let Some(status) = report.cache_status() {
        say("cache-status", &status);
        say("server-timing", &report.server_timing());
    }
    response
}

fn whole(page: &Page, report: &RequestReport) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (page.title) " · LMS" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="data:,";
            }
            body {
                a.skip href="#main" { "To the content" }
                header {
                    nav aria-label="Main" { (links(page.viewer.as_ref())) }
                    @if let Some(viewer) = &page.viewer { (signed_in(viewer)) }
                    @else { a href="/login" { "Log in" } }
                }
                main id="main" {
                    h1 { (page.title) }
                    (page.body)
                }
                footer { (strip(report)) }
            }
        }
    }
}

fn links(viewer: Option<&Viewer>) -> Markup {
    html! {
        a href="/" { @if viewer.is_some() { "Dashboard" } @else { "Start" } }
        a href="/courses" { "Courses" }
        @if let Some(viewer) = viewer {
            @let id = viewer.id();
            @match viewer.session.role {
                UserRole::Student => {
                    a href=(format!("/students/{id}/courses")) { "My courses" }
                    a href=(format!("/students/{id}/payments")) { "Payments" }
                    a href=(format!("/students/{id}/profile")) { "Profile" }
                }
                UserRole::Teacher => {
                    a href=(format!("/teachers/{id}/courses")) { "My courses" }
                    a href="/courses/new" { "New course" }
                    a href=(format!("/teachers/{id}/profile")) { "Profile" }
                }
                UserRole::Admin => {
                    a href="/students" { "Students" }
                    a href="/teachers" { "Teachers" }
                    a href="/courses/new" { "New course" }
                    a href=(format!("/admins/{id}/profile")) { "Profile" }
                }
            }
        }
    }
}

fn signed_in(viewer: &Viewer) -> Markup {
    html! {
        span id="viewer" { (viewer.session.name) ", " (viewer.session.role.as_str()) }
        form method="post" action="/logout" {
            input type="hidden" name="csrf" value=(viewer.session.csrf);
            button { "Log out" }
        }
    }
}

/// What the cache did for this page, folded away.
fn strip(report: &RequestReport) -> Markup {
    let of_postgres = [ReadSource::Load, ReadSource::Failed, ReadSource::Bypass];
    let loads: usize = of_postgres.into_iter().map(|source| report.count(source)).sum();
    let reads = report.reads.len();
    let milliseconds = |took: std::time::Duration| format!("{:.2} ms", took.as_secs_f64() * 1e3);
    html! {
        details.cache id="cache" {
            summary {
                "Cache: " (reads - loads) " of " (reads) " reads without the database, "
                (milliseconds(report.took)) " in all"
            }
            @if reads > 0 {
                div.scroll { table {
                    thead { tr { th { "Read" } th { "From" } th.number { "Took" } } }
                    tbody {
                        @for read in &report.reads {
                            tr {
                                td { code { (read.template) } }
                                td { (source(read.source)) }
                                td.number { (milliseconds(read.took)) }
                            }
                        }
                    }
                } }
            }
            @if let Some(status) = report.cache_status() {
                p { code { "Cache-Status: " (status) } }
                p { code { "Server-Timing: " (report.server_timing()) } }
            }
        }
    }
}

fn source(source: ReadSource) -> &'static str {
    match source {
        ReadSource::Request => "this request",
        ReadSource::Local => "this process",
        ReadSource::Remote => "Redis",
        ReadSource::Stale => "this process, stale",
        ReadSource::Shared => "somebody else's load",
        ReadSource::Load | ReadSource::Bypass => "Postgres",
        ReadSource::Failed => "nowhere: the load failed",
        _ => "elsewhere",
    }
}
