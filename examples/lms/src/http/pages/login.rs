//! The start, logging in and out.

use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::extract::Query;
use super::form::{Filled, fields};
use super::page::{Page, PageError};
use super::sent::Sent;
use super::visitor::Visitor;
use crate::http::session::{self, Viewer};
use crate::input::{FieldErrors, Fields};
use crate::model::{Account, UserRole};
use crate::service::Services as App;

/// `GET /`: the dashboard of who is logged in, and the login for others.
pub(super) async fn start(Visitor(viewer): Visitor) -> Redirect {
    viewer.map_or_else(|| Redirect::to("/login"), |viewer| Redirect::to(&home(&viewer)))
}

fn home(viewer: &Viewer) -> String {
    home_of(viewer.session.role, viewer.id())
}

fn home_of(role: UserRole, id: uuid::Uuid) -> String {
    match role {
        UserRole::Student => format!("/students/{id}"),
        UserRole::Teacher => format!("/teachers/{id}"),
        UserRole::Admin => "/admin".to_owned(),
    }
}

/// Where to go after the login.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    back: String,
}

/// `GET /login`.
pub(super) async fn form(
    State(app): State<App>,
    Query(Back { back }): Query<Back>,
    Visitor(viewer): Visitor,
) -> Result<Page, PageError> {
    Ok(Page::new(
        "Log in",
        viewer,
        body(&app, &Filled::new(Fields::default().with("back", back))).await?,
    ))
}

/// `POST /login`: with `email`, or with a `role` for who only wants to look around. Before there is a session there is no token:
/// that the form is ours, `own_site` sees to.
pub(super) async fn log_in(
    State(app): State<App>,
    request: Request,
) -> Result<Response, PageError> {
    let fields = fields(request, &app).await?;
    let Some(account) = find(&app, &fields).await? else {
        let mut filled = Filled::new(fields);
        filled.errors = FieldErrors::one("email", "nobody has this address");
        return Ok(Page::new("Log in", None, body(&app, &filled).await?).invalid().into_response());
    };
    let token = app.log_in(account.id).await?;
    let back = fields.get("back");
    let to = if is_own_path(back) && back != "/" {
        back.to_owned()
    } else {
        home_of(account.role, account.id)
    };
    Ok((cookie(session::cookie(&token)), Redirect::to(&to)).into_response())
}

/// Whether a browser stays on this site when it is sent there: `//elsewhere` is another one, and browsers read backslashes as
/// slashes and leave out tabs and line breaks (WHATWG URL Standard, basic URL parser).
fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control())
}

async fn find(app: &App, fields: &Fields) -> Result<Option<Account>, sqlx::Error> {
    match fields.get("role") {
        "student" => app.busiest(UserRole::Student).await,
        "teacher" => app.busiest(UserRole::Teacher).await,
        "admin" => app.busiest(UserRole::Admin).await,
        _ => app.account(fields.get("email").trim()).await,
    }
}

/// `POST /logout`.
pub(super) async fn log_out(State(app): State<App>, sent: Sent) -> Result<Response, PageError> {
    app.log_out(&sent.viewer.token).await?;
    Ok((cookie(session::no_cookie()), Redirect::to("/login")).into_response())
}

fn cookie(value: String) -> [(HeaderName, String); 1] {
    [(SET_COOKIE, value)]
}

async fn body(app: &App, filled: &Filled) -> Result<Markup, PageError> {
    let mut examples = Vec::new();
    for role in [UserRole::Student, UserRole::Teacher, UserRole::Admin] {
        examples.extend(app.busiest(role).await?);
    }
    Ok(html! {
        p { "This is an example: there are no passwords. Choose whose eyes to look with." }
        div.row {
            @for account in &examples {
                form method="post" action="/login" {
                    input type="hidden" name="role" value=(account.role.as_str());
                    input type="hidden" name="back" value=(filled.fields.get("back"));
                    button.main id=(format!("as-{}", account.role.as_str())) {
                        (account.name) ", " (account.role.as_str())
                    }
                }
            }
        }
        @if examples.is_empty() {
            p.notice { "The database is empty: run " code { "lms import" } " or " code { "lms seed" } "." }
        }
        h2 { "Somebody else" }
        form.fields method="post" action="/login" {
            (filled.summary())
            input type="hidden" name="back" value=(filled.fields.get("back"));
            (filled.input("email", "E-mail address, such as teacher.3@lms.example", "email"))
            div { button { "Log in" } }
        }
        p { "Or look around without: " a href="/courses" { "the courses" } ", "
            a href="/api/courses" { "the same as JSON" } ", "
            a href="/api/cache" { "what the cache has done so far" } "." }
    })
}
