//! The pages that people see.

use cached_testkit::shared_redis;

use crate::support::app::{App, cache, course, filled, student};

#[tokio::test]
async fn the_first_page_lists_what_there_is_to_click() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    let page = app.text("/").await;
    let links = [
        "href=\"/api/courses\"".to_owned(),
        "href=\"/api/cache\"".to_owned(),
        format!("href=\"/api/courses/{}\"", course()),
        format!("href=\"/api/students/{}/dashboard\"", student()),
    ];
    for link in links {
        assert!(page.contains(&link), "{link} in {page}");
    }
    assert!(!page.contains("http://") && !page.contains("https://"), "an asset from elsewhere");
}

#[tokio::test]
async fn titles_are_text_and_not_markup() {
    let app = App::start(&filled().await, cache(&shared_redis().url())).await;
    app.rename(course(), "<script>alert('&')</script>").await;
    let page = app.text("/").await;
    assert!(page.contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
}
