//! `lms tour`: shows on a running server what the cache does, request by request.

use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use super::logging::Logs;

/// How many requests the last part makes.
const REQUESTS: usize = 300;

/// Asks, changes, asks again, and prints what came of it.
pub(super) async fn run(url: &str, logs: &Logs) -> Result<(), Box<dyn Error + Send + Sync>> {
    let tour = Tour { base: url.trim_end_matches('/').to_owned(), client: Client::new() };
    let students = tour.get("/api/students?per_page=20").await?.body;
    let student = text(&students["items"][0]["id"])?;
    let dashboard = format!("/api/students/{student}/dashboard");

    logs.loud();
    println!("\n1. A student opens the dashboard. Nobody did before: it comes from Postgres.");
    let first = tour.show(&dashboard).await?;
    println!("\n2. The same again: it comes from the cache.");
    let second = tour.show(&dashboard).await?;
    let course = text(&first.body["courses"][0]["course_id"])?;
    let title = text(&first.body["courses"][0]["title"])?;

    println!(
        "\n3. A teacher renames a course of that student, which invalidates what shows its title."
    );
    let path = format!("/api/courses/{course}");
    let renamed = format!("{title} (renamed)");
    let changed = tour.rename(&path, &renamed).await?;
    println!("   PUT {path}: {}", milliseconds(changed.took));

    println!("\n4. The dashboard once more: the old one is gone, the new title is there at once.");
    let third = tour.show(&dashboard).await?;
    let shown = text(&third.body["courses"][0]["title"])?;
    println!("   it says: {shown}");
    // So that the tour can be given again.
    tour.rename(&path, &title).await?;
    if shown != renamed {
        return Err(format!("the dashboard shows {shown:?} after the rename to {renamed:?}").into());
    }
    logs.quiet();
    tour.crowd(&students).await?;
    println!(
        "\nFrom Postgres {}, from the cache {}, after the invalidation {}.",
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

struct Reply {
    body: Value,
    took: Duration,
}

impl Tour {
    /// Many readers of few things, one after the other.
    async fn crowd(&self, students: &Value) -> Result<(), Box<dyn Error + Send + Sync>> {
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
        let started = Instant::now();
        for _ in 0..REQUESTS {
            self.get(&paths[random.usize(..paths.len())]).await?;
        }
        let took = started.elapsed();
        println!("   {} each on average", milliseconds(took / REQUESTS as u32));
        Ok(())
    }

    async fn show(&self, path: &str) -> Result<Reply, Box<dyn Error + Send + Sync>> {
        let reply = self.get(path).await?;
        println!("   GET {path}: {}", milliseconds(reply.took));
        Ok(reply)
    }

    async fn get(&self, path: &str) -> Result<Reply, Box<dyn Error + Send + Sync>> {
        self.send(self.client.get(format!("{}{path}", self.base))).await
    }

    async fn rename(&self, path: &str, title: &str) -> Result<Reply, Box<dyn Error + Send + Sync>> {
        let body = json!({ "title": title });
        self.send(self.client.put(format!("{}{path}", self.base)).json(&body)).await
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<Reply, Box<dyn Error + Send + Sync>> {
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

fn text(value: &Value) -> Result<String, Box<dyn Error + Send + Sync>> {
    let text =
        value.as_str().ok_or("the server's answer lacks a field; is it an lms with data?")?;
    Ok(text.to_owned())
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}
