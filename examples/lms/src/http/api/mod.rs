//! The same as the pages, in JSON.

mod cache;
mod courses;
mod login;
mod people;
mod students;

use axum::Router;
use axum::routing::{get, post, put};

use crate::service::Services;

/// The routes below `/api`.
pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/api/login", post(login::log_in))
        .route("/api/logout", post(login::log_out))
        .route("/api/cache", get(cache::stats))
        .route("/api/courses", get(courses::list).post(courses::create))
        .route("/api/courses/{id}", get(courses::details).put(courses::edit))
        .route("/api/courses/{id}/publish", post(courses::publish))
        .route("/api/courses/{id}/archive", post(courses::archive))
        .route("/api/courses/{id}/statistics", get(courses::statistics))
        .route("/api/courses/{id}/materials", get(courses::materials))
        .route("/api/courses/{id}/students", get(courses::students))
        .route(
            "/api/courses/{id}/students/{student}",
            put(students::enrol).delete(students::withdraw),
        )
        .route("/api/courses/{id}/grades", post(courses::grade))
        .route("/api/students", get(students::list))
        .route("/api/students/{id}", get(students::profile).put(students::edit))
        .route("/api/students/{id}/dashboard", get(students::dashboard))
        .route("/api/students/{id}/courses", get(students::courses))
        .route("/api/students/{id}/grades", get(students::grades))
        .route("/api/students/{id}/payments", get(students::payments))
        .route("/api/students/{id}/payments/{payment}", post(students::pay))
        .route("/api/teachers", get(people::teachers))
        .route("/api/teachers/{id}", get(people::teacher).put(people::edit_teacher))
        .route("/api/teachers/{id}/dashboard", get(people::teacher_dashboard))
        .route("/api/admins/{id}", get(people::admin).put(people::edit_admin))
        .route("/api/admin/dashboard", get(people::admin_dashboard))
        .route("/api/admin/analytics", get(people::analytics))
}
