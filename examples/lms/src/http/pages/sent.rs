//! A form that was sent: by somebody who is logged in, from one of our pages, or it is shown to be sent again.

use axum::extract::{FromRequest, Request};

use super::again;
use super::form::fields;
use super::page::PageError;
use crate::http::session::Viewer;
use crate::input::Fields;
use crate::service::Services;

/// A form that somebody who is logged in has sent from one of our pages.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) viewer: Viewer,
    pub(super) fields: Fields,
}

impl FromRequest<Services> for Sent {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &Services) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        let viewer = Viewer::of(&parts, app).await?;
        let path = parts.uri.path().to_owned();
        let fields = fields(Request::from_parts(parts, body), app).await?;
        match viewer {
            Some(viewer) if fields.get("csrf") == viewer.session.csrf => {
                Ok(Self { viewer, fields })
            }
            viewer => Err(PageError::Again(Box::new(again::page(&path, viewer, &fields)))),
        }
    }
}
