//! A form that comes from another session than the one that is open now, or from none: nothing is done, and nothing that
//! was typed is lost.

use axum::http::StatusCode;
use maud::html;

use super::form::csrf;
use super::page::Page;
use crate::http::session::Viewer;
use crate::input::Fields;

/// Shows what was typed, ready to be sent to `path` once more.
pub(super) fn page(path: &str, viewer: Option<Viewer>, fields: &Fields) -> Page {
    let body = html! {
        p.notice.bad role="alert" {
            "Nothing was saved: this form is not from this session. Look at what you have typed, and send it again."
        }
        @if viewer.is_none() {
            p { a href="/login" target="_blank" { "Log in in another tab" } " first." }
        }
        form method="post" action=(path) {
            @if let Some(viewer) = &viewer { (csrf(viewer)) }
            @for (name, value) in fields.all().filter(|(name, _)| *name != "csrf") {
                div { label for=(name) { (name) } textarea id=(name) name=(name) readonly { (value) } }
            }
            button { "Send again" }
        }
    };
    let mut page = Page::new("Send again", viewer, body);
    page.status = StatusCode::FORBIDDEN;
    page
}
