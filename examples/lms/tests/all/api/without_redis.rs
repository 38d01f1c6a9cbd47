//! Redis away, from the start or from the middle on: the application answers, and correctly.

use cached_testkit::RedisServer;

use crate::support::app::{App, course, filled, hasty_cache, student};

async fn answers_correctly(app: &App, title: &str) {
    let (course, student) = (course(), student());
    app.title_on_dashboard(student, course).await;
    app.get(&format!("/api/courses/{course}")).await;
    app.rename(course, title).await;
    assert_eq!(app.title_on_dashboard(student, course).await, title);
    let details = app.get(&format!("/api/courses/{course}")).await;
    assert_eq!(details["course"]["title"], title);
    assert_eq!(app.get("/api/courses").await["items"][0]["title"], title);
}

#[tokio::test]
async fn it_answers_when_redis_goes_away_and_comes_back() {
    let redis = RedisServer::start().expect("a Redis");
    let app = App::start(&filled().await, hasty_cache(&redis.url())).await;
    answers_correctly(&app, "With Redis").await;
    redis.kill();
    answers_correctly(&app, "Without Redis").await;
    redis.restart().expect("a Redis");
    answers_correctly(&app, "With Redis again").await;
}

#[tokio::test]
async fn it_answers_when_redis_hangs() {
    let redis = RedisServer::start().expect("a Redis");
    let app = App::start(&filled().await, hasty_cache(&redis.url())).await;
    answers_correctly(&app, "With Redis").await;
    redis.pause();
    answers_correctly(&app, "While Redis hangs").await;
    redis.resume();
}

#[tokio::test]
async fn it_answers_when_redis_was_never_there() {
    // A port that was free a moment ago, and on which nothing listens.
    let url = {
        let redis = RedisServer::start().expect("a Redis");
        redis.url()
    };
    let app = App::start(&filled().await, hasty_cache(&url)).await;
    answers_correctly(&app, "No Redis at all").await;
}
