//! Lists, details, dashboards, and how wrong requests are answered.

use cached_testkit::shared_redis;
use serde_json::json;
use uuid::Uuid;

use crate::support::app::{App, cache, course, filled, student};

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

#[tokio::test]
async fn courses_come_in_pages() {
    let app = app().await;
    let first = app.get("/api/courses?per_page=1").await;
    let second = app.get("/api/courses?per_page=1&page=2").await;
    assert_eq!(first["items"][0]["code"], "AAA");
    assert_eq!(second["items"][0]["code"], "BBB");
    assert_eq!(first["total"], 2);
    assert_eq!(app.get("/api/courses?page=3").await["items"], json!([]));
}

#[tokio::test]
async fn courses_are_searched_by_title_and_presentation() {
    let app = app().await;
    for (search, found) in
        [("february", 1), ("2013J", 1), ("aaa", 1), ("%25", 0), ("_", 0), ("", 2)]
    {
        let page = app.get(&format!("/api/courses?search={search}")).await;
        assert_eq!(page["total"], found, "{search}");
    }
}

#[tokio::test]
async fn a_course_has_its_details() {
    let details = app().await.get(&format!("/api/courses/{}", course())).await;
    assert_eq!(details["course"]["title"], "Social Sciences AAA, October 2013");
    assert_eq!(details["course"]["students"], 2);
    assert_eq!(details["course"]["starts_on"], "2013-10-01");
    assert_eq!(details["assessments"][0]["weight"], 12.5);
    let materials = json!([
        { "activity_type": "oucontent", "count": 1 },
        { "activity_type": "resource", "count": 1 }
    ]);
    assert_eq!(details["materials"], materials);
    let results = json!([{ "result": "pass", "count": 1 }, { "result": "withdrawn", "count": 1 }]);
    assert_eq!(details["results"], results);
}

#[tokio::test]
async fn a_dashboard_shows_the_latest_course_first() {
    let dashboard = app().await.get(&format!("/api/students/{}/dashboard", student())).await;
    assert_eq!(dashboard["student"]["oulad_id"], 11391);
    let courses = dashboard["courses"].as_array().expect("courses");
    assert_eq!(courses.len(), 2);
    assert_eq!(courses[0]["code"], "BBB");
    let older = &courses[1];
    assert_eq!(older["progress_percent"], 100);
    assert_eq!(older["result"], "pass");
    assert_eq!((&older["materials"], &older["assessments"]), (&json!(2), &json!(1)));
    // 240 credits at 22.50 pounds each.
    let money = &older["payments"];
    let sum = ["paid_pence", "open_pence", "refunded_pence"].map(|kind| money[kind].as_i64());
    assert_eq!(sum.into_iter().flatten().sum::<i64>(), 540_000);
}

#[tokio::test]
async fn progress_ends_on_the_day_the_student_left() {
    let left = lms::ids::student(28400);
    let dashboard = app().await.get(&format!("/api/students/{left}/dashboard")).await;
    // Day 12 of 268, before the assessment of day 19.
    assert_eq!(dashboard["courses"][0]["progress_percent"], 4);
    assert_eq!(dashboard["courses"][0]["assessments_due"], 0);
}

#[tokio::test]
async fn students_are_found_by_number() {
    let page = app().await.get("/api/students?search=28400").await;
    assert_eq!(page["total"], 1);
    assert_eq!(page["items"][0]["courses"], 1);
}

#[tokio::test]
async fn wrong_requests_get_an_error_that_says_what_to_do() {
    let app = app().await;
    let nobody = Uuid::nil();
    let cases = [
        (format!("/api/courses/{nobody}"), 404, "not_found", "GET /api/courses lists them"),
        (format!("/api/students/{nobody}"), 404, "not_found", "GET /api/students lists them"),
        (format!("/api/students/{nobody}/dashboard"), 404, "not_found", "lists them"),
        ("/api/courses/7".into(), 400, "bad_request", "no UUID"),
        ("/api/courses?page=0".into(), 422, "invalid", "page: give a number from 1"),
        ("/api/courses?page=-1".into(), 400, "bad_request", "page"),
        ("/api/courses?per_page=101".into(), 422, "invalid", "from 1 to 100"),
        ("/api/courses?serach=x".into(), 400, "bad_request", "serach"),
        (format!("/api/courses?search={}", "x".repeat(101)), 422, "invalid", "at most 100"),
        ("/api/courses?search=%00".into(), 422, "invalid", "NUL"),
        ("/api/nothing".into(), 404, "not_found", "README.md lists what there is"),
    ];
    for (path, status, code, message) in cases {
        let (answered, body) = app.try_get(&path).await;
        assert_eq!(answered.as_u16(), status, "{path}: {body}");
        assert_eq!(body["error"]["code"], code, "{path}: {body}");
        let text = body["error"]["message"].as_str().expect("a message");
        assert!(text.contains(message), "{path}: {body}");
    }
}
