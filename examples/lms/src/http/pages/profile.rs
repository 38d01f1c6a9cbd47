//! The form with which people of all roles say who they are.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::html;
use uuid::Uuid;

use super::courses::Done;
use super::extract::{Path, Query};
use super::form::{Filled, csrf};
use super::page::{Page, PageError, on_form};
use super::parts::done;
use super::sent::Sent;
use super::visitor::Member;
use crate::http::error::ApiError;

use crate::http::session::Viewer;
use crate::input::{self, Fields};
use crate::model::UserRole;
use crate::service::Services as App;

/// `GET /{people}/{id}/profile`, with `students`, `teachers` or `admins`.
pub(super) async fn form(
    State(app): State<App>,
    Path((people, id)): Path<(String, Uuid)>,
    Query(Done { done: word }): Query<Done>,
    Member(viewer): Member,
) -> Result<Page, PageError> {
    viewer.must_be(id)?;
    let (name, email, about) = match role(&people)? {
        UserRole::Student => {
            let student = app.student(id).await?.ok_or_else(nobody)?;
            (student.name, student.email, student.about)
        }
        staff => {
            let found = match staff {
                UserRole::Teacher => app.teacher(id).await?,
                _ => app.admin(id).await?,
            };
            let found = found.ok_or_else(nobody)?;
            (found.name, found.email, found.about)
        }
    };
    let fields = Fields::default().with("name", name).with("email", email).with("about", about);
    let mut page = page(&people, id, viewer, &Filled::new(fields));
    page.body = html! { (done(&word)) (page.body) };
    Ok(page)
}

/// `POST /{people}/{id}/profile`.
pub(super) async fn save(
    State(app): State<App>,
    Path((people, id)): Path<(String, Uuid)>,
    sent: Sent,
) -> Result<Response, PageError> {
    let Sent { viewer, fields } = sent;
    viewer.must_be(id)?;
    let role = role(&people)?;
    let errors = match input::profile(&fields) {
        Err(errors) => errors,
        Ok(profile) => {
            let outcome = match role {
                UserRole::Student => app.edit_student(id, &profile).await,
                UserRole::Teacher => app.edit_teacher(id, &profile).await,
                UserRole::Admin => app.edit_admin(id, &profile).await,
            };
            match outcome {
                Ok(()) => {
                    let to = format!("/{people}/{id}/profile?done=saved");
                    return Ok(Redirect::to(&to).into_response());
                }
                Err(error) => on_form(error)?,
            }
        }
    };
    Ok(page(&people, id, viewer, &Filled { fields, errors }).invalid().into_response())
}

fn page(people: &str, id: Uuid, viewer: Viewer, filled: &Filled) -> Page {
    let body = html! {
        form.fields method="post" action=(format!("/{people}/{id}/profile")) novalidate {
            (filled.summary())
            (csrf(&viewer))
            (filled.input("name", "Name", "text"))
            (filled.input("email", "E-mail address", "email"))
            (filled.text("about", "About you"))
            div { button.main { "Save" } }
        }
    };
    Page::new("Profile", Some(viewer), body)
}

fn role(people: &str) -> Result<UserRole, ApiError> {
    match people {
        "students" => Ok(UserRole::Student),
        "teachers" => Ok(UserRole::Teacher),
        "admins" => Ok(UserRole::Admin),
        _ => Err(ApiError::not_found("There is nothing here.")),
    }
}

fn nobody() -> ApiError {
    ApiError::not_found("There is nobody with this id.")
}
