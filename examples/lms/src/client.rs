//! A client of the application that is logged in: for the tour, the load and the tests.

use reqwest::Client;
use reqwest::header::{COOKIE, HeaderMap, SET_COOKIE};
use serde_json::json;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The administrator of every data set.
pub const ADMIN: &str = "admin@lms.example";

/// A client that sends the cookie of a login with every request. It asks no proxy and follows no redirect.
///
/// # Errors
///
/// The server does not answer, or knows nobody with this address.
pub async fn logged_in(base: &str, email: &str) -> Result<Client, Failure> {
    let builder = || Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let stranger = builder().build()?;
    let login = stranger.post(format!("{base}/api/login")).json(&json!({ "email": email }));
    let answer = login.send().await?;
    let cookie = answer.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
    let Some(pair) = cookie.and_then(|cookie| cookie.split(';').next()) else {
        let (status, body) = (answer.status(), answer.text().await?);
        return Err(format!("{base}/api/login answered {status}: {body}").into());
    };
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, pair.parse()?);
    Ok(builder().default_headers(headers).build()?)
}
