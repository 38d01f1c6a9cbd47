//! axum's extractors with our page of an error instead of plain text.

use axum::extract::FromRequestParts;

use super::page::PageError;

/// `axum::extract::Path`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(PageError))]
pub(super) struct Path<T>(pub(super) T);

/// `axum::extract::Query`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(PageError))]
pub(super) struct Query<T>(pub(super) T);
