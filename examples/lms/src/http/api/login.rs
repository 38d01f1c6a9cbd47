//! `/api/login`, `/api/logout`: the cookie that pages use too.

use axum::Json as Reply;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use serde::Deserialize;

use crate::http::error::ApiError;
use crate::http::extract::Json;
use crate::http::session::{self, Viewer};
use crate::model::Account;
use crate::service::Services as App;

/// Whose account it is. This is an example: there are no passwords.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogIn {
    email: String,
}

/// `POST /api/login` with `{"email": ".."}`; answers with the account and a cookie.
pub(super) async fn log_in(
    State(app): State<App>,
    Json(who): Json<LogIn>,
) -> Result<([(HeaderName, String); 1], Reply<Account>), ApiError> {
    let account = app.account(who.email.trim()).await?;
    let account = account.ok_or_else(|| ApiError::invalid("email: nobody has this address"))?;
    let token = app.log_in(account.id).await?;
    Ok(([(SET_COOKIE, session::cookie(&token))], Reply(account)))
}

/// `POST /api/logout`.
pub(super) async fn log_out(
    State(app): State<App>,
    viewer: Viewer,
) -> Result<[(HeaderName, String); 1], ApiError> {
    app.log_out(&viewer.token).await?;
    Ok([(SET_COOKIE, session::no_cookie())])
}
