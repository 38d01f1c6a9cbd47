//! `PUT /api/courses/{id}`: what it takes, and who sees it when.

use cached_core::Cache;
use cached_testkit::{eventually, shared_redis, unique_name};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, answer, cache, course, filled, student};

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

#[tokio::test]
async fn a_rename_is_seen_at_once_wherever_the_title_shows() {
    let app = app().await;
    let (course, student) = (course(), student());
    for round in 1..=5 {
        // Everything that shows the title is cached before the rename.
        app.get(&format!("/api/courses/{course}")).await;
        app.get("/api/courses").await;
        app.text("/courses").await;
        app.title_on_dashboard(student, course).await;

        let title = format!("Title {round}");
        let answer = app.rename(course, &title).await;
        assert_eq!(answer["course"]["title"], title);
        let details = app.get(&format!("/api/courses/{course}")).await;
        assert_eq!(details["course"]["title"], title);
        assert_eq!(app.get("/api/courses").await["items"][0]["title"], title);
        assert!(app.text("/courses").await.contains(&title));
        assert_eq!(app.title_on_dashboard(student, course).await, title);
    }
}

#[tokio::test]
async fn a_rename_reaches_the_other_process() {
    let database = filled().await;
    let (url, namespace) = (shared_redis().url(), unique_name("lms"));
    let cache = || Cache::builder().namespace(&namespace).redis(&url).build().expect("a cache");
    let (here, there) =
        (App::start(&database, cache()).await, App::start(&database, cache()).await);
    let (course, student) = (course(), student());
    there.title_on_dashboard(student, course).await;
    here.rename(course, "From here").await;
    eventually("the other process shows the new title", async || {
        there.title_on_dashboard(student, course).await == "From here"
    })
    .await;
    // And what it shows now comes from the shared tier: the first process has the same value.
    assert_eq!(here.title_on_dashboard(student, course).await, "From here");
}

#[tokio::test]
async fn a_title_is_trimmed_and_may_be_long_and_foreign() {
    let app = app().await;
    let title = "ß".repeat(200);
    let renamed = app.rename(course(), &format!("  {title}\n")).await;
    assert_eq!(renamed["course"]["title"], title);
}

#[tokio::test]
async fn titles_that_cannot_be_are_refused_and_change_nothing() {
    let app = app().await;
    let before = app.get(&format!("/api/courses/{}", course())).await;
    let cases = [
        (json!({ "title": "" }), "must not be empty"),
        (json!({ "title": " \t " }), "must not be empty"),
        (json!({ "title": "x".repeat(201) }), "at most 200"),
        (json!({ "title": "one\ntwo" }), "line breaks"),
        (json!({ "title": 7 }), "title"),
        (json!({ "name": "x" }), "unknown field `name`"),
        (json!({}), "missing field `title`"),
        (json!({ "title": "x", "id": 1 }), "unknown field `id`"),
    ];
    for (body, message) in cases {
        let (status, answer) = app.try_rename(course(), body.clone()).await;
        assert_eq!(status.as_u16(), 422, "{body}: {answer}");
        let text = answer["error"]["message"].as_str().expect("a message");
        assert!(text.contains(message), "{body}: {answer}");
    }
    assert_eq!(app.get(&format!("/api/courses/{}", course())).await, before);
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    let app = app().await;
    let put = || app.request(Method::PUT, &format!("/api/courses/{}", course()));
    let json =
        |request: reqwest::RequestBuilder| request.header("content-type", "application/json");
    let large = json!({ "title": "x".repeat(70_000) }).to_string();
    let cases = [
        (put().body("{\"title\": \"x\"}"), 415, "content-type"),
        (json(put()).body("{\"title\": "), 400, "EOF"),
        (json(put()).body(large), 413, "64 KiB"),
    ];
    for (request, status, message) in cases {
        let (answered, body) = answer(request).await;
        assert_eq!(answered.as_u16(), status, "{body}");
        assert!(body["error"]["message"].to_string().contains(message), "{body}");
    }
}

#[tokio::test]
async fn a_course_that_is_not_there_cannot_be_renamed() {
    let (status, body): (_, Value) =
        app().await.try_rename(Uuid::nil(), json!({ "title": "x" })).await;
    assert_eq!(status.as_u16(), 404, "{body}");
}

#[tokio::test]
async fn other_methods_are_named() {
    let app = app().await;
    let (status, body) = answer(app.request(Method::DELETE, "/api/courses")).await;
    assert_eq!(status.as_u16(), 405);
    assert_eq!(body["error"]["message"], "/api/courses does not take DELETE");
}
