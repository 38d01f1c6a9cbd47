//! A page on its way to the frame, and what a page says when something went wrong.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::http::error::ApiError;
use crate::http::session::Viewer;
use crate::input::FieldErrors;
use crate::repository::WriteError;

/// What a handler makes: the frame adds head, navigation and what the cache did.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) title: String,
    pub(super) viewer: Option<Viewer>,
    pub(super) body: Markup,
}

impl Page {
    pub(super) fn new(title: impl Into<String>, viewer: Option<Viewer>, body: Markup) -> Self {
        Self { status: StatusCode::OK, title: title.into(), viewer, body }
    }

    /// A form that comes back with what is wrong.
    pub(super) fn invalid(mut self) -> Self {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        self
    }
}

impl IntoResponse for Page {
    /// The frame takes the page out of the extensions again.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageError {
    /// Nobody is logged in: to the login, and back here after it.
    LogIn {
        back: String,
    },
    /// A form of another session.
    Again(Box<Page>),
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let error = match self {
            Self::LogIn { back } => {
                return Redirect::to(&format!("/login?back={back}")).into_response();
            }
            Self::Again(page) => return page.into_response(),
            Self::Failed(error) => error,
        };
        let reason = error.status.canonical_reason().unwrap_or("Error");
        let body = html! {
            p.notice.bad role="alert" { (error.message) }
            p { a href="/" { "To the start" } }
        };
        let mut page = Page::new(reason, None, body);
        page.status = error.status;
        page.into_response()
    }
}

/// What to show on the form; failures of the database are no business of the form.
pub(super) fn on_form(error: WriteError) -> Result<FieldErrors, PageError> {
    match error {
        WriteError::Refused { field, message } => Ok(FieldErrors::one(field, message)),
        other => Err(other.into()),
    }
}
