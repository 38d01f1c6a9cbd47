//! With a collector named, spans of requests and of the cache leave as OTLP over HTTP, the last of them at the end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use cached_testkit::shared_redis;

use super::serve::Program;
use crate::support::app::{client, filled};

type Received = Arc<Mutex<Vec<u8>>>;

/// A collector that keeps what it gets; its address.
async fn collector(received: Received) -> String {
    let take = async |State(received): State<Received>, body: Bytes| {
        received.lock().expect("nobody panicked").extend_from_slice(&body);
    };
    let router = Router::new().route("/v1/traces", post(take)).with_state(received);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_reach_the_collector() {
    let database = filled().await;
    let received = Received::default();
    let child = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["serve", "--addr", "127.0.0.1:0"])
        .env("DATABASE_URL", &database.url)
        .env("REDIS_URL", shared_redis().url())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector(received.clone()).await)
        .env("NO_PROXY", "127.0.0.1")
        .env_remove("OTEL_SERVICE_NAME")
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut program = Program(child.expect("the program"));
    let mut lines = BufReader::new(program.0.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("a text");
    let url = first.strip_prefix("listening on ").expect("an address");
    // A page for which no other test asks, so that it is loaded.
    let page = format!("{url}/api/courses?per_page=7");
    let answer = client().get(page).send().await.expect("an answer");
    assert!(answer.status().is_success());
    program.interrupt();
    assert!(program.0.wait().expect("an end").success());

    let received = received.lock().expect("nobody panicked").clone();
    // Protobuf keeps texts as they are.
    let text = String::from_utf8_lossy(&received);
    for part in
        ["service.name", "lms", "GET /api/courses", "http.route", "cached.load", "cached.lookup"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("courses:list:<request.page>"), "the template: {text}");
}
