//! The application on a free port, with a cache of its own, and a client for it.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use cached_core::{Cache, CacheBuilder, bypass_scope};
use cached_testkit::unique_name;
use lms::http;
use lms::ids;
use lms::service::Services;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::fixture::{Database, Fixture};

/// A running application; it ends with the test's runtime.
pub(crate) struct App {
    pub(crate) url: String,
    pub(crate) cache: Cache,
    client: Client,
}

/// The course `AAA/2013J` of the fixture, in which both students are.
pub(crate) fn course() -> Uuid {
    ids::course("AAA", "2013J")
}

/// The student 11391 of the fixture, who is in both courses.
pub(crate) fn student() -> Uuid {
    ids::student(11391)
}

/// A database with the fixture's data.
pub(crate) async fn filled() -> Database {
    let database = Database::new().await;
    database.load(&Fixture::new()).await.expect("a whole data set");
    database
}

/// A cache of which no other test knows. It is patient, so that a busy machine is no outage.
pub(crate) fn cache(redis_url: &str) -> Cache {
    let patience = Duration::from_secs(30);
    let builder = builder(redis_url).operation_timeout(patience).backplane_timeout(patience);
    builder.build().expect("a cache")
}

/// A cache of which no other test knows, with the time limits of every day.
pub(crate) fn hasty_cache(redis_url: &str) -> Cache {
    builder(redis_url).build().expect("a cache")
}

/// Two caches of one namespace, as two processes have them: a write answers when both have heard of it.
pub(crate) fn caches_of_two_processes(redis_url: &str) -> [Cache; 2] {
    let (namespace, patience) = (unique_name("lms"), Duration::from_secs(30));
    [(); 2].map(|()| {
        let builder = Cache::builder().namespace(&namespace).redis(redis_url);
        builder.operation_timeout(patience).synchronous_invalidation().build().expect("a cache")
    })
}

fn builder(redis_url: &str) -> CacheBuilder {
    Cache::builder().namespace(unique_name("lms")).redis(redis_url)
}

/// A client that asks no proxy and is not logged in.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

impl App {
    /// Serves a database through a cache, seen by its administrator.
    pub(crate) async fn start(database: &Database, cache: Cache) -> Self {
        let scope = cache.clone();
        let in_scope = middleware::from_fn(move |request: Request, next: Next| {
            let scope = scope.clone();
            async move { scope.scope(next.run(request)).await }
        });
        Self::serve(database, cache, |router| router.layer(in_scope)).await
    }

    /// Serves a database and caches nothing: what it shows is what is true.
    pub(crate) async fn start_uncached(database: &Database) -> Self {
        let bypass =
            middleware::from_fn(|request: Request, next: Next| bypass_scope(next.run(request)));
        let unused = Cache::builder().build().expect("a cache");
        Self::serve(database, unused, |router| router.layer(bypass)).await
    }

    async fn serve(
        database: &Database,
        cache: Cache,
        layered: impl FnOnce(Router) -> Router,
    ) -> Self {
        let listener = http::bind(([127, 0, 0, 1], 0).into(), false).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = layered(http::router(Services::new(database.pool.clone(), cache.clone())));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = lms::client::logged_in(&url, lms::client::ADMIN).await.expect("a login");
        Self { url, cache, client }
    }

    /// The same application, seen by somebody else.
    pub(crate) async fn seen_by(&self, email: &str) -> Self {
        let client = lms::client::logged_in(&self.url, email).await.expect("a login");
        Self { url: self.url.clone(), cache: self.cache.clone(), client }
    }

    /// The same application, seen by somebody who is not logged in.
    pub(crate) fn seen_by_nobody(&self) -> Self {
        Self { url: self.url.clone(), cache: self.cache.clone(), client: client() }
    }

    /// A GET that must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.try_get(path).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    pub(crate) async fn try_get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    /// A renaming that must succeed.
    pub(crate) async fn rename(&self, course: Uuid, title: &str) -> Value {
        let (status, body) = self.try_rename(course, serde_json::json!({ "title": title })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    pub(crate) async fn try_rename(&self, course: Uuid, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::PUT, &format!("/api/courses/{course}")).json(&body)).await
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        let response = self.request(Method::GET, path).send().await.expect("an answer");
        response.text().await.expect("a text")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// The title under which a dashboard shows the course.
    pub(crate) async fn title_on_dashboard(&self, student: Uuid, course: Uuid) -> String {
        let dashboard = self.get(&format!("/api/students/{student}/dashboard")).await;
        let courses = dashboard["courses"].as_array().expect("courses");
        let shown = courses.iter().find(|shown| shown["course_id"] == course.to_string());
        shown.expect("the course")["title"].as_str().expect("a title").to_owned()
    }
}

/// Status and JSON body.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    (status, response.json().await.expect("JSON"))
}
