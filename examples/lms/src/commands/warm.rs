//! `lms warm`, and the warming at the start of `lms serve`.

use std::error::Error;

use cached_core::bypass_scope;
use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::Servers;
use super::cache;
use crate::repository;
use crate::service::{Services, Variant, WarmReport};

/// Warms the shared tier from a process of its own.
pub(super) async fn run(
    servers: &Servers,
    students: u32,
    at_once: usize,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    if servers.redis_url.is_none() {
        return Err(
            "warming from here needs a shared tier: give --redis-url, or use `serve --warm`".into(),
        );
    }
    let cache = cache::install(servers.redis_url.as_deref(), &servers.namespace, Variant::Cached)?;
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    warm(&Services::new(pool.clone(), cache), Variant::Cached, students, at_once).await?;
    pool.close().await;
    Ok(())
}

/// Warms with a progress bar, and reports on stderr.
pub(super) async fn warm(
    services: &Services,
    variant: Variant,
    students: u32,
    at_once: usize,
) -> Result<(), sqlx::Error> {
    // Drawn on stderr, and only where somebody looks.
    let bar = ProgressBar::new(1).with_message("warming");
    bar.set_style(style());
    let step = |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    };
    let warming = services.warm(students.into(), at_once, &step);
    let report =
        if variant.uses_annotations() { warming.await } else { bypass_scope(warming).await }?;
    bar.finish_and_clear();
    print(&report);
    Ok(())
}

/// How bars of this program look.
pub(super) fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{msg:24} [{bar:40}] {pos}/{len} {elapsed}");
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

fn print(report: &WarmReport) {
    eprintln!("{:<20}{:>8}{:>8}{:>8}{:>8}", "warmed", "pages", "loaded", "found", "failed");
    for (kind, warmed) in &report.kinds {
        eprintln!(
            "{kind:<20}{:>8}{:>8}{:>8}{:>8}",
            warmed.pages, warmed.loaded, warmed.found, warmed.failed
        );
    }
    eprintln!("in {:.1} s", report.took.as_secs_f64());
}
