//! HTTP: who may ask, what is asked, and with which status it is answered. A thread of its own serves, so that tests
//! with and without a runtime can use it.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::{Value as Json, json};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot::Receiver;

use super::answer;
use super::exchange::{Exchange, HEADERS};
use super::state::{Fault, State};

/// Serves until the other end of `ended` is dropped.
pub(super) fn spawn(
    listener: TcpListener,
    state: Arc<State>,
    ended: Receiver<()>,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // How much a request may hold is a matter of the plan that one has.
    let router =
        Router::new().fallback(handle).layer(DefaultBodyLimit::disable()).with_state(state);
    std::thread::Builder::new().name("rest-front".into()).spawn(move || {
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::select! {
                served = axum::serve(listener, router) => served,
                _ = ended => Ok(()),
            }
        });
        if let Err(error) = served {
            eprintln!("the REST front ended: {error}");
        }
        // Requests that wait for a Redis that hangs do not keep anybody.
        runtime.shutdown_background();
    })?;
    Ok(())
}

async fn handle(
    Shared(state): Shared<Arc<State>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let asked: Option<Json> = serde_json::from_slice(&body).ok();
    let (status, answer, lost) = answered(&state, &method, &uri, &headers, asked.as_ref()).await;
    let sync_token = (status == 200).then(|| {
        let number = state.asked.fetch_add(1, Ordering::Relaxed) + 1;
        format!("sync-{number}")
    });
    let mut response =
        Response::builder().status(status).header("content-type", "application/json");
    if let Some(token) = &sync_token {
        response = response.header("upstash-sync-token", token);
    }
    let body = match lost {
        true => Body::from_stream(futures_util::stream::once(async {
            Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
        })),
        false => Body::from(answer.to_string()),
    };
    state.record(Exchange {
        method: method.to_string(),
        path: uri.path().to_owned(),
        headers: HEADERS.iter().filter_map(|name| shown(&state, &headers, name)).collect(),
        body: asked.unwrap_or_default(),
        status,
        sync_token,
        answer,
    });
    response.body(body).unwrap_or_default()
}

/// The status, the body, and whether it gets lost on its way.
async fn answered(
    state: &Arc<State>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    asked: Option<&Json>,
) -> (u16, Json, bool) {
    let refused = |status, why: &str| (status, json!({ "error": why }), false);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("authorization") != Some(&format!("Bearer {}", state.token)) {
        return refused(401, "Unauthorized");
    }
    if method != Method::POST {
        return refused(405, "Method Not Allowed");
    }
    let one = match uri.path() {
        "/" => true,
        "/pipeline" => false,
        _ => return refused(404, "the REST front knows / and /pipeline only"),
    };
    let commands = match (asked, one) {
        (Some(json), true) => answer::command(json).map(|command| vec![command]),
        (Some(Json::Array(all)), false) => all.iter().map(answer::command).collect(),
        _ => None,
    };
    let Some(commands) = commands.filter(|commands| !commands.is_empty()) else {
        return refused(400, "ERR failed to parse the request's body");
    };
    let fault = state.fault(&commands);
    if let Some(Fault::Status(status)) = fault {
        return refused(status, "as the test demands");
    }
    let base64 = header("upstash-encoding") == Some("base64");
    let port = state.redis_port;
    let asking = tokio::task::spawn_blocking(move || answer::run(port, &commands, base64));
    let Ok(Ok(mut answers)) = asking.await else {
        return refused(503, "the database does not answer");
    };
    let lost = matches!(fault, Some(Fault::Lost));
    match (one, answers.pop()) {
        (true, Some(answer)) => {
            let status = if answer.get("error").is_some() { 400 } else { 200 };
            (status, answer, lost)
        }
        (_, last) => (200, answers.into_iter().chain(last).collect(), lost),
    }
}

/// A header as it is recorded.
fn shown(state: &State, headers: &HeaderMap, name: &str) -> Option<(String, String)> {
    let value = headers.get(name)?.to_str().ok()?;
    Some((name.to_owned(), value.replace(&state.token, "<token>")))
}
