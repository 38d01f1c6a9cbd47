//! The pages that people see, as text; what they are like in a browser is the business of `browser`.

use cached_testkit::shared_redis;
use reqwest::Method;

use crate::support::app::{App, cache, course, filled, student};

async fn app() -> App {
    App::start(&filled().await, cache(&shared_redis().url())).await
}

#[tokio::test]
async fn every_page_opens_and_says_what_the_cache_did() {
    let app = app().await;
    let details = app.get(&format!("/api/courses/{}", course())).await;
    let teacher = details["course"]["teacher_id"].as_str().expect("a teacher").to_owned();
    let (course, student) = (course(), student());
    let pages = [
        "/courses".to_owned(),
        "/courses?search=AAA&page=1".to_owned(),
        "/courses/new".to_owned(),
        format!("/courses/{course}"),
        format!("/courses/{course}/edit"),
        format!("/courses/{course}/students"),
        "/students".to_owned(),
        format!("/students/{student}"),
        format!("/students/{student}/courses"),
        format!("/students/{student}/payments"),
        format!("/students/{student}/profile"),
        "/teachers".to_owned(),
        format!("/teachers/{teacher}"),
        format!("/teachers/{teacher}/courses"),
        format!("/teachers/{teacher}/profile"),
        "/admin".to_owned(),
        format!("/admins/{}/profile", lms::ids::admin()),
    ];
    for path in pages {
        let answer = app.request(Method::GET, &path).send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let page = answer.text().await.expect("a text");
        assert_eq!(status, 200, "{path}: {page}");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert!(headers["cache-status"].to_str().expect("text").contains("session:"), "{path}");
        assert!(page.contains("<details class=\"cache\""), "{path}: {page}");
        assert!(!page.contains("http://") && !page.contains("https://"), "an asset from elsewhere");
    }
}

#[tokio::test]
async fn strangers_are_sent_to_the_login_and_back() {
    let stranger = app().await.seen_by_nobody();
    let path = format!("/students/{}", student());
    let page = stranger.text(&path).await;
    assert!(page.contains(&format!("name=\"back\" value=\"{path}\"")), "{page}");
    assert!(page.contains("id=\"as-student\"") && page.contains("id=\"as-admin\""), "{page}");
}

#[tokio::test]
async fn the_way_back_leads_to_no_other_site() {
    let app = app().await;
    for (back, expected) in [
        ("/courses", "/courses"),
        ("//elsewhere.example", "/admin"),
        ("https://elsewhere.example", "/admin"),
        ("/\\elsewhere.example", "/admin"),
        ("/\t/elsewhere.example", "/admin"),
        ("/\n/elsewhere.example", "/admin"),
        ("\t//elsewhere.example", "/admin"),
    ] {
        let form = [("email", lms::client::ADMIN), ("back", back)];
        let sent = app.request(Method::POST, "/login").form(&form);
        let answer = sent.send().await.expect("an answer");
        assert_eq!(answer.headers()["location"], expected, "{back}");
    }
}

#[tokio::test]
async fn errors_are_pages_too() {
    let app = app().await;
    let nobody = uuid::Uuid::nil();
    for (path, status) in [
        ("/nothing".to_owned(), 404),
        ("/courses/7".to_owned(), 400),
        ("/courses?page=x".to_owned(), 400),
        ("/courses?page=0".to_owned(), 422),
        (format!("/courses/{nobody}"), 404),
        (format!("/students/{nobody}"), 404),
    ] {
        let answer = app.request(Method::GET, &path).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert!(answer.text().await.expect("a text").contains("<h1>"), "{path}");
    }
}

#[tokio::test]
async fn titles_are_text_and_not_markup() {
    let app = app().await;
    app.rename(course(), "<script>alert('&')</script>").await;
    for page in ["/courses".to_owned(), format!("/courses/{}", course())] {
        let page = app.text(&page).await;
        assert!(page.contains("&lt;script&gt;alert('&amp;')&lt;/script&gt;"), "{page}");
        assert!(!page.contains("<script>"), "{page}");
    }
}

#[tokio::test]
async fn a_method_that_a_page_does_not_take_is_answered_with_a_page() {
    let app = app().await;
    for (path, page) in [("/courses", true), ("/admin/cache", true), ("/api/courses", false)] {
        let answer = app.request(Method::DELETE, path).send().await.expect("an answer");
        assert_eq!(answer.status(), 405, "{path}");
        let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
        assert_eq!(kind.starts_with("text/html"), page, "{path}: {kind}");
        let body = answer.text().await.expect("a text");
        assert!(body.contains("does not take DELETE"), "{path}: {body}");
    }
}
