//! The pages: server-rendered HTML without scripts and without assets from elsewhere.

mod admin;
mod again;
mod chart;
mod course_forms;
mod courses;
mod extract;
mod form;
mod frame;
mod login;
mod page;
mod parts;
mod profile;
mod roster;
mod sent;
mod students;
mod teachers;
mod visitor;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

pub use self::admin::LIVE_PAGE;
pub(super) use self::admin::admins_only;
use self::page::PageError;
use super::error::ApiError;
use crate::service::Services;

/// The routes of the pages, in their frame.
pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/", get(login::start))
        .route("/login", get(login::form).post(login::log_in))
        .route("/logout", post(login::log_out))
        .route("/courses", get(courses::list))
        .route("/courses/new", get(course_forms::new).post(course_forms::create))
        .route("/courses/{id}", get(courses::details))
        .route("/courses/{id}/edit", get(course_forms::edit).post(course_forms::save))
        .route("/courses/{id}/publish", post(course_forms::publish))
        .route("/courses/{id}/archive", post(course_forms::archive))
        .route("/courses/{id}/enrol", post(roster::enrol))
        .route("/courses/{id}/withdraw", post(roster::withdraw))
        .route("/courses/{id}/students", get(roster::students))
        .route("/courses/{id}/grade", post(roster::grade))
        .route("/payments/{id}/complete", post(students::pay))
        .route("/students", get(students::list))
        .route("/students/{id}", get(students::dashboard))
        .route("/students/{id}/courses", get(students::courses))
        .route("/students/{id}/payments", get(students::payments))
        .route("/teachers", get(teachers::list))
        .route("/teachers/{id}", get(teachers::dashboard))
        .route("/teachers/{id}/courses", get(teachers::courses))
        .route("/admin", get(admin::dashboard))
        .route("/{people}/{id}/profile", get(profile::form).post(profile::save))
        .route_layer(from_fn(frame::frame))
        .route("/style.css", get(style))
}

/// What a browser sees where there is nothing.
pub(super) async fn nothing() -> Response {
    refusal(ApiError::not_found("There is nothing here.")).await
}

/// An error that no page has made, as a page.
pub(super) async fn refusal(error: ApiError) -> Response {
    frame::dress(async { PageError::from(error).into_response() }).await
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=300")];
    (headers, include_str!("style.css"))
}
