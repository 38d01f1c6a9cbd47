//! Who opens a page: somebody who is logged in, or anybody.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::page::PageError;
use crate::http::session::Viewer;
use crate::service::Services;

/// Somebody who is logged in; anybody else is sent to the login.
#[derive(Debug)]
pub(super) struct Member(pub(super) Viewer);

impl FromRequestParts<Services> for Member {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Services) -> Result<Self, PageError> {
        let back = parts.uri.path().to_owned();
        Ok(Self(Viewer::of(parts, app).await?.ok_or(PageError::LogIn { back })?))
    }
}

/// Anybody, logged in or not.
#[derive(Debug)]
pub(super) struct Visitor(pub(super) Option<Viewer>);

impl FromRequestParts<Services> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Services) -> Result<Self, PageError> {
        Ok(Self(Viewer::of(parts, app).await?))
    }
}
