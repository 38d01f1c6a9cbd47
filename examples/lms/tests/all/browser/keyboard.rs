//! Without a mouse: skip link, log in, follow a link, fill a form and send it.

use cached_testkit::shared_redis;
use serde_json::Value;

use super::driver::{Browser, open};
use crate::support::app::{App, cache, filled};

const TAB: &str = "\u{e004}";

/// What the keyboard is at: id, address or text.
async fn at(browser: &Browser) -> String {
    let script = "const here = document.activeElement;
        return here.id || here.getAttribute('href') || here.textContent";
    match browser.run(script, vec![]).await {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Tab until the keyboard is there.
async fn tab_to(browser: &Browser, goal: &str) {
    let mut passed = Vec::new();
    for _ in 0..60 {
        browser.type_in(TAB).await;
        let here = at(browser).await;
        if here == goal {
            // Whoever sees the page must see where they are.
            let outline =
                browser.run("return getComputedStyle(document.activeElement).outlineStyle", vec![]);
            assert_eq!(outline.await, "solid", "{goal}");
            return;
        }
        passed.push(here);
    }
    panic!("the keyboard does not reach {goal}: {passed:?}");
}

#[tokio::test]
async fn everything_can_be_done_by_keyboard() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    let browser = open(&app.url).await;
    browser.goto("/login").await;
    browser.type_in(TAB).await;
    assert_eq!(at(&browser).await, "#main", "the first stop is the link past the navigation");
    tab_to(&browser, "as-teacher").await;
    browser.enter().await;
    assert!(browser.path().await.starts_with("/teachers/"));

    tab_to(&browser, "/courses/new").await;
    browser.enter().await;
    for (field, text) in [("code", "RST"), ("presentation", "2026J"), ("title", "By keyboard")] {
        tab_to(&browser, field).await;
        browser.type_in(text).await;
    }
    browser.enter().await;
    // The date is missing; what was typed is still there.
    assert!(browser.text_of("#starts_on-fault").await.contains("give a date"));
    assert_eq!(browser.value("title").await, "By keyboard");
    tab_to(&browser, "starts_on").await;
    browser.type_in("10012026").await;
    browser.enter().await;
    browser.shows("The draft was created.").await;
    browser.close().await;
}
