//! `lms tour`: shows on a running server what the cache does, request by request.

use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use super::logging::Logs;
use crate::client;

type Failure = Box<dyn Error + Send + Sync>;

/// How many requests the last part makes.
const REQUESTS: usize = 300;

/// Asks, changes, asks again, and prints what came of it.
pub(super) async fn run(url: &str, logs: &Logs) -> Result<(), Failure> {
    let base = url.trim_end_matches('/').to_owned();
    let client = client::logged_in(&base, client::ADMIN).await?;
    let tour = Tour { base, client };
    let students = tour.get("/api/students?per_page=20").await?.body;
    let student = text(&students["items"][0]["id"])?;
    let dashboard = format!("/api/students/{student}/dashboard");

    logs.loud();
    println!("\n1. A student opens the dashboard. Nobody did lately: it comes from Postgres.");
    let first = tour.show(&dashboard).await?;
    println!("\n2. The same again: it comes from the cache.");
    let second = tour.show(&dashboard).await?;
    let third = tour.rename_and_back(&first.body, &dashboard).await?;
    logs.quiet();
    tour.crowd(&students).await?;
    println!(
        "\nIn short: from Postgres {}, from the cache {}, after the invalidation {}.",
        milliseconds(first.took),
        milliseconds(second.took),
        milliseconds(third.took)
    );
    Ok(())
}

struct Tour {
    base: String,
    client: Client,
}

/// What the server's cache has done so far.
struct Counts {
    hits: u64,
    misses: u64,
}

struct Reply {
    body: Value,
    took: Duration,
}

impl Tour {
    /// Renames a course of the dashboard, looks at the dashboard, and gives the course its title back.
    async fn rename_and_back(&self, before: &Value, dashboard: &str) -> Result<Reply, Failure> {
        let course = text(&before["courses"][0]["course_id"])?;
        let title = text(&before["courses"][0]["title"])?;
        let path = format!("/api/courses/{course}");
        let renamed = format!("{title} (renamed)");
        println!(
            "\n3. A teacher renames a course of this student; what holds its title is invalidated."
        );
        let changed = self.rename(&path, &renamed).await?;
        println!("   PUT {path}: {}", milliseconds(changed.took));

        println!(
            "\n4. The dashboard once more: the new title is there at once, and the course alone was loaded anew."
        );
        let after = self.show(dashboard).await?;
        let shown = text(&after.body["courses"][0]["title"])?;
        println!("   it says: {shown}");
        self.rename(&path, &title).await?;
        if shown == renamed {
            return Ok(after);
        }
        Err(format!("the dashboard shows {shown:?} after the rename to {renamed:?}").into())
    }

    /// Many readers of few things, one after the other.
    async fn crowd(&self, students: &Value) -> Result<(), Failure> {
        println!("\n5. {REQUESTS} more requests for dashboards and courses.");
        let courses = self.get("/api/courses?per_page=100").await?.body;
        let ids = |list: &Value| -> Vec<String> {
            let items = list["items"].as_array().cloned().unwrap_or_default();
            items.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
        };
        let mut paths: Vec<String> =
            ids(students).into_iter().map(|id| format!("/api/students/{id}/dashboard")).collect();
        paths.extend(ids(&courses).into_iter().map(|id| format!("/api/courses/{id}")));
        if paths.is_empty() {
            return Err("the server has neither students nor courses, run `lms seed` first".into());
        }
        let mut random = fastrand::Rng::with_seed(5);
        let before = self.counts().await?;
        let started = Instant::now();
        for _ in 0..REQUESTS {
            self.get(&paths[random.usize(..paths.len())]).await?;
        }
        let took = started.elapsed() / REQUESTS as u32;
        let after = self.counts().await?;
        let (hits, misses) = (after.hits - before.hits, after.misses - before.misses);
        println!("   {} each on average", milliseconds(took));
        println!(
            "   {hits} reads were hits and {misses} misses: a hit rate of {:.1} %",
            100.0 * hits as f64 / (hits + misses).max(1) as f64
        );
        Ok(())
    }

    /// A request with the time that it took and whether Postgres was asked.
    async fn show(&self, path: &str) -> Result<Reply, Failure> {
        let before = self.counts().await?;
        let reply = self.get(path).await?;
        let after = self.counts().await?;
        let outcome = if after.misses > before.misses { "MISS" } else { "HIT" };
        println!("   GET {path}: {outcome}, {}", milliseconds(reply.took));
        Ok(reply)
    }

    async fn counts(&self) -> Result<Counts, Failure> {
        let stats = self.get("/api/cache").await?.body;
        let count = |name: &str| stats[name].as_u64().unwrap_or_default();
        let hits = count("local_hits") + count("remote_hits") + count("shared");
        Ok(Counts { hits, misses: count("misses") })
    }

    async fn get(&self, path: &str) -> Result<Reply, Failure> {
        self.send(self.client.get(format!("{}{path}", self.base))).await
    }

    async fn rename(&self, path: &str, title: &str) -> Result<Reply, Failure> {
        let body = json!({ "title": title });
        self.send(self.client.put(format!("{}{path}", self.base)).json(&body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, Failure> {
        let started = Instant::now();
        let response = request.send().await?;
        let status = response.status();
        let address = response.url().clone();
        let body: Value = response.json().await?;
        let took = started.elapsed();
        if !status.is_success() {
            return Err(format!("{address} answered {status}: {body}").into());
        }
        Ok(Reply { body, took })
    }
}

fn text(value: &Value) -> Result<String, Failure> {
    let text =
        value.as_str().ok_or("the server's answer lacks a field; is it an lms with data?")?;
    Ok(text.to_owned())
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}
