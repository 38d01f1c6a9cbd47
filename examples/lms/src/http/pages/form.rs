//! Forms: fields that come back with what was typed and what is wrong, and the token that says that
//! a form is ours. Who looks at the token is in `sent`.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use maud::{Markup, html};
use uuid::Uuid;

use super::page::PageError;
use crate::http::error::ApiError;
use crate::http::session::Viewer;
use crate::input::{FieldErrors, Fields};
use crate::model::CourseStatus;
use crate::service::Services;

/// The fields of any form.
pub(super) async fn fields(request: Request, app: &Services) -> Result<Fields, PageError> {
    let form = axum::Form::<BTreeMap<String, String>>::from_request(request, app).await;
    let axum::Form(fields) = form.map_err(|error| ApiError::bad_request(error.body_text()))?;
    Ok(Fields::from(fields))
}

/// What a form shows: what was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) fields: Fields,
    pub(super) errors: FieldErrors,
}

impl Filled {
    pub(super) fn new(fields: Fields) -> Self {
        Self { fields, errors: FieldErrors::default() }
    }

    /// What is wrong with the form as a whole.
    pub(super) fn summary(&self) -> Markup {
        let sentences = self.errors.sentences();
        html! {
            @if let Some(message) = self.errors.of("") { p.notice.bad role="alert" { (message) } }
            @else if !sentences.is_empty() {
                p.notice.bad role="alert" { "Nothing was saved: see what is marked below." }
            }
        }
    }

    /// An `<input>` with its label and what is wrong with it. `kind` is its type.
    pub(super) fn input(&self, name: &str, label: &str, kind: &str) -> Markup {
        self.labelled(
            name,
            label,
            html! {
                input id=(name) name=(name) type=(kind) value=(self.fields.get(name)) required
                    aria-invalid=[self.errors.of(name).map(|_| "true")]
                    aria-describedby=[self.errors.of(name).map(|_| format!("{name}-fault"))];
            },
        )
    }

    /// A `<textarea>`.
    pub(super) fn text(&self, name: &str, label: &str) -> Markup {
        self.labelled(
            name,
            label,
            html! {
                textarea id=(name) name=(name) rows="5"
                    aria-invalid=[self.errors.of(name).map(|_| "true")]
                    aria-describedby=[self.errors.of(name).map(|_| format!("{name}-fault"))] {
                    (self.fields.get(name))
                }
            },
        )
    }

    /// A `<select>` of values and their labels.
    pub(super) fn select(&self, name: &str, label: &str, options: &[(String, String)]) -> Markup {
        let chosen = self.fields.get(name);
        self.labelled(
            name,
            label,
            html! {
                select id=(name) name=(name) required
                    aria-invalid=[self.errors.of(name).map(|_| "true")]
                    aria-describedby=[self.errors.of(name).map(|_| format!("{name}-fault"))] {
                    @for (value, text) in options {
                        option value=(value) selected[value == chosen] { (text) }
                    }
                }
            },
        )
    }

    fn labelled(&self, name: &str, label: &str, field: Markup) -> Markup {
        html! {
            div {
                label for=(name) { (label) }
                (field)
                @if let Some(fault) = self.errors.of(name) {
                    p.fault id=(format!("{name}-fault")) { (fault) }
                }
            }
        }
    }
}

/// The token of the session, for every form of a page.
pub(super) fn csrf(viewer: &Viewer) -> Markup {
    html! { input type="hidden" name="csrf" value=(viewer.session.csrf); }
}

/// A form that is only a button.
pub(super) fn button(viewer: &Viewer, action: &str, label: &str) -> Markup {
    html! { form method="post" action=(action) { (csrf(viewer)) button { (label) } } }
}

/// What those who give a course may do with it.
pub(super) fn staff_actions(viewer: &Viewer, course: Uuid, status: CourseStatus) -> Markup {
    let to = |action: &str| format!("/courses/{course}/{action}");
    html! {
        a href=(to("edit")) { "Edit" }
        a href=(to("students")) { "Students and grades" }
        @match status {
            CourseStatus::Draft => (button(viewer, &to("publish"), "Publish")),
            CourseStatus::Active => (button(viewer, &to("archive"), "Archive")),
            CourseStatus::Archived => {}
        }
    }
}
