//! Who may do what: through the API, and through forms that other sites might send.

use cached_testkit::shared_redis;
use lms::ids;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::app::{App, answer, cache, course, filled, student};

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

async fn status(app: &App, method: Method, path: &str) -> StatusCode {
    answer(app.request(method, path)).await.0
}

#[tokio::test]
async fn strangers_see_open_courses_and_nothing_of_people() {
    let stranger = app().await.seen_by_nobody();
    stranger.get(&format!("/api/courses/{}", course())).await;
    let student = format!("/api/students/{}", student());
    for path in ["/api/students".to_owned(), student.clone(), format!("{student}/dashboard")] {
        assert_eq!(status(&stranger, Method::GET, &path).await, 401, "{path}");
    }
    let (status, _) = stranger.try_rename(course(), json!({ "title": "Mine" })).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn students_see_themselves_and_no_others() {
    let app = app().await.seen_by("student.11391@lms.example").await;
    app.get(&format!("/api/students/{}/dashboard", student())).await;
    let other = ids::student(28400);
    for path in ["", "/dashboard", "/courses", "/grades", "/payments"] {
        let path = format!("/api/students/{other}{path}");
        assert_eq!(status(&app, Method::GET, &path).await, 403, "{path}");
    }
    let details = app.get(&format!("/api/courses/{}", course())).await;
    let teacher = details["course"]["teacher_id"].as_str().expect("a teacher");
    // Addresses of staff, and what they write about themselves.
    for path in ["/api/teachers".to_owned(), format!("/api/teachers/{teacher}")] {
        assert_eq!(status(&app, Method::GET, &path).await, 403, "{path}");
    }
    assert_eq!(status(&app, Method::GET, "/api/admin/analytics").await, 403);
    let enrol = format!("/api/courses/{}/students/{other}", course());
    assert_eq!(status(&app, Method::PUT, &enrol).await, 403);
    assert_eq!(app.try_rename(course(), json!({ "title": "Mine" })).await.0, 403);
}

#[tokio::test]
async fn teachers_change_their_own_courses_alone() {
    let app = app().await;
    let details = app.get(&format!("/api/courses/{}", course())).await;
    let own = details["course"]["teacher_id"].as_str().expect("a teacher").to_owned();
    let teachers = app.get("/api/teachers").await;
    for teacher in teachers.as_array().expect("teachers") {
        let seen = app.seen_by(teacher["email"].as_str().expect("an address")).await;
        let expected = if teacher["id"] == own.as_str() { 200 } else { 403 };
        let (status, body) = seen.try_rename(course(), json!({ "title": "A title" })).await;
        assert_eq!(status, expected, "{teacher}: {body}");
    }
}

#[tokio::test]
async fn a_logout_ends_the_login_at_once() {
    let app = app().await;
    app.get("/api/students").await;
    let (status, _) = {
        let response = app.request(Method::POST, "/api/logout").send().await.expect("an answer");
        (response.status(), response.headers().clone())
    };
    assert_eq!(status, 200);
    assert_eq!(self::status(&app, Method::GET, "/api/students").await, 401);
}

/// What a browser says of the page that sends a request.
async fn sent_by(app: &App, method: Method, path: &str, header: (&str, &str)) -> StatusCode {
    let body = json!({ "title": "A title" });
    let request = app.request(method, path).header(header.0, header.1).json(&body);
    request.send().await.expect("an answer").status()
}

#[tokio::test]
async fn another_sites_page_changes_nothing_here() {
    let app = app().await;
    let path = format!("/api/courses/{}", course());
    let before = app.get(&path).await;
    let strange = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://elsewhere.example"),
        ("origin", "null"),
    ];
    let suffix = format!("http://elsewhere{}", app.url.replacen("http://", "", 1));
    for header in strange.into_iter().chain([("origin", &*suffix)]) {
        for (method, path) in
            [(Method::PUT, &*path), (Method::POST, "/api/logout"), (Method::POST, "/login")]
        {
            let status = sent_by(&app, method, path, header).await;
            assert_eq!(status, 403, "{path} {header:?}");
        }
        assert_eq!(sent_by(&app, Method::GET, &path, header).await, 200, "a link may lead here");
    }
    assert_eq!(app.get(&path).await, before);
    for header in
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", &*app.url)]
    {
        assert_eq!(sent_by(&app, Method::PUT, &path, header).await, 200, "{header:?}");
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let app = app().await;
    let path = format!("/courses/{}/archive", course());
    for csrf in ["", "0123456789abcdef0123456789abcdef"] {
        let sent = app.request(Method::POST, &path).form(&[("csrf", csrf)]);
        assert_eq!(sent.send().await.expect("an answer").status(), 403, "{csrf:?}");
    }
    let details = app.get(&format!("/api/courses/{}", course())).await;
    assert_eq!(details["course"]["status"], "active");
}

/// The session may have ended, or another have begun in another tab, while somebody was typing.
#[tokio::test]
async fn a_form_of_another_session_comes_back_with_what_was_typed() {
    let app = app().await;
    let nobody = app.seen_by_nobody();
    let typed = [("csrf", "of before"), ("title", "Kept & safe")];
    for (app, may_send) in [(&app, true), (&nobody, false)] {
        let sent = app.request(Method::POST, "/courses/new").form(&typed).send().await;
        let sent = sent.expect("an answer");
        assert_eq!(sent.status(), 403);
        let page = sent.text().await.expect("a text");
        assert!(page.contains("Kept &amp; safe</textarea>"), "{page}");
        assert!(page.contains("action=\"/courses/new\""), "{page}");
        assert!(!page.contains("of before"), "{page}");
        assert_eq!(page.contains("name=\"csrf\""), may_send, "{page}");
    }
}

/// Postgres takes no NUL, so that the database must not be asked.
#[tokio::test]
async fn an_address_with_control_characters_is_nobodys() {
    let stranger = app().await.seen_by_nobody();
    for email in ["a\u{0}b", "a\u{0}b@lms.example", "a@lms.example\u{1b}"] {
        let request = stranger.request(Method::POST, "/api/login");
        let (status, body) = answer(request.json(&json!({ "email": email }))).await;
        assert_eq!(status, 422, "{email:?}: {body}");
        let sent = stranger.request(Method::POST, "/login").form(&[("email", email)]);
        let sent = sent.send().await.expect("an answer");
        assert_eq!(sent.status(), 422, "{email:?}");
        assert!(sent.text().await.expect("a text").contains("nobody has this address"));
    }
}
