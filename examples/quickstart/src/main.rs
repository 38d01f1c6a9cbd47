//! cached in one file: a slow read, its cached answer, and a write that invalidates it. Needs no
//! server; what a shared Redis adds is shown by `examples/lms`.
//!
//! Run it: `cargo run -p quickstart`

use std::collections::HashMap;
use std::future::Future;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use cached_core::{cached, invalidates};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Course {
    id: u32,
    title: String,
    teacher: u32,
}

/// The service's own error. The cache never adds one to it.
#[derive(Debug)]
struct NoSuchCourse;

/// Stands for a database that takes 200 ms to answer.
struct Courses {
    rows: Mutex<HashMap<u32, Course>>,
}

impl Courses {
    fn new() -> Self {
        let course = Course { id: 1, title: "Algebra".to_owned(), teacher: 7 };
        Self { rows: Mutex::new(HashMap::from([(1, course)])) }
    }

    /// Kept for five minutes, or until something invalidates this course or its teacher.
    #[cached(ttl = "medium", key = "course:<id>", tags = ["teacher:<return.teacher>"])]
    async fn course(&self, id: u32) -> Result<Course, NoSuchCourse> {
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.rows.lock().expect("no panics").get(&id).cloned().ok_or(NoSuchCourse)
    }

    /// Names the cached function, not its key: a renamed function does not compile.
    #[invalidates(Self::course(id))]
    async fn rename(&self, id: u32, title: &str) -> Result<(), NoSuchCourse> {
        let mut rows = self.rows.lock().expect("no panics");
        rows.get_mut(&id).ok_or(NoSuchCourse)?.title = title.to_owned();
        Ok(())
    }

    /// Invalidates every course of the teacher, however many are cached.
    #[invalidates(tags = ["teacher:<teacher>"])]
    async fn replace_teacher(&self, teacher: u32, by: u32) {
        let mut rows = self.rows.lock().expect("no panics");
        rows.values_mut().filter(|course| course.teacher == teacher).for_each(|c| c.teacher = by);
    }
}

#[tokio::main]
async fn main() -> Result<(), NoSuchCourse> {
    let courses = Courses::new();

    show("first read: from the source", courses.course(1)).await?;
    show("second read: from the cache", courses.course(1)).await?;

    courses.rename(1, "Linear algebra").await?;
    show("after rename: from the source", courses.course(1)).await?;
    show("and again: from the cache", courses.course(1)).await?;

    courses.replace_teacher(7, 8).await;
    show("after a tag: from the source", courses.course(1)).await?;

    // No cache was built, so the functions share the process' own one.
    let stats = cached_core::current().stats();
    println!(
        "{} hits, {} loads, {} invalidations: hit rate {:.0} %",
        stats.local_hits,
        stats.loads,
        stats.invalidations,
        stats.hit_rate() * 100.0
    );
    Ok(())
}

async fn show(
    what: &str,
    read: impl Future<Output = Result<Course, NoSuchCourse>>,
) -> Result<(), NoSuchCourse> {
    let start = Instant::now();
    let Course { id, title, teacher } = read.await?;
    let took = start.elapsed().as_secs_f64() * 1000.0;
    println!("{took:>8.2} ms  {what:<30} course {id} \"{title}\", teacher {teacher}");
    Ok(())
}
