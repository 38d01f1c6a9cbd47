//! Warming: asking for what will be asked for, a few at a time. Many processes may do so at once; what
//! one of them loads, the others find.

use std::time::{Duration, Instant};

use cached_core::{ReadSource, request_scope_with_report};
use futures_util::{StreamExt as _, stream};

use super::Services;
use crate::model::{PageRequest, UserRole};

/// What warming one kind of page came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Warmed {
    /// Pages asked for.
    pub pages: usize,
    /// Values that had to be loaded.
    pub loaded: usize,
    /// Values that were there, or that somebody else loaded meanwhile.
    pub found: usize,
    /// Pages that failed.
    pub failed: usize,
}

/// What warming came to.
#[derive(Debug, Clone, Default)]
pub struct WarmReport {
    /// By kind of page.
    pub kinds: Vec<(&'static str, Warmed)>,
    /// How long it took.
    pub took: Duration,
}

impl WarmReport {
    /// Values that had to be loaded, of all kinds.
    pub fn loaded(&self) -> usize {
        self.kinds.iter().map(|(_, warmed)| warmed.loaded).sum()
    }

    /// Pages that failed, of all kinds.
    pub fn failed(&self) -> usize {
        self.kinds.iter().map(|(_, warmed)| warmed.failed).sum()
    }
}

impl Services {
    /// Warms the pages of the most active students, the dashboards of all teachers, all open courses, and the
    /// numbers of the platform, `at_once` pages at a time; calls `step` with (done, of) after each.
    ///
    /// # Errors
    ///
    /// The database does not tell who is active. Pages that fail are counted.
    ///
    /// # Cancel safety
    ///
    /// What was warmed stays.
    pub async fn warm(
        &self,
        students: i64,
        at_once: usize,
        step: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<WarmReport, sqlx::Error> {
        let started = Instant::now();
        let active = self.analytics.most_active_students(students).await?;
        let open = self.courses.active().await?;
        let teachers = self.teachers.list().await?;
        let of = active.len() + open.len() + teachers.len() + 2;
        let done = std::sync::atomic::AtomicUsize::new(0);
        let tick = || step(1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), of);
        let pages = stream::iter(active).map(async |id| {
            self.student_courses(id).await?;
            self.student_grades(id).await?;
            self.student_dashboard(id).await.map(drop)
        });
        let students = run(pages, at_once, &tick).await;
        let pages = stream::iter(open).map(async |course| {
            self.course_statistics(course.id).await?;
            self.materials(course.id).await?;
            self.course(course.id).await.map(drop)
        });
        let courses = run(pages, at_once, &tick).await;
        let pages = stream::iter(teachers)
            .map(async |teacher| self.teacher_dashboard(teacher.id).await.map(drop));
        let teachers = run(pages, at_once, &tick).await;
        let pages = stream::iter([()]).map(async |()| {
            self.admin_dashboard().await?;
            self.platform().await?;
            self.enrolment_analytics().await?;
            self.revenue().await.map(drop)
        });
        let platform = run(pages, at_once, &tick).await;
        let first = PageRequest { page: 1, per_page: 20, search: String::new() };
        let pages = stream::iter([&first]).map(async |first| {
            self.busiest(UserRole::Student).await?;
            self.courses(first).await.map(drop)
        });
        let lists = run(pages, at_once, &tick).await;
        let kinds = vec![
            ("students", students),
            ("courses", courses),
            ("teacher dashboards", teachers),
            ("platform", platform),
            ("lists", lists),
        ];
        Ok(WarmReport { kinds, took: started.elapsed() })
    }
}

async fn run<F: Future<Output = Result<(), sqlx::Error>>>(
    pages: impl stream::Stream<Item = F>,
    at_once: usize,
    tick: &impl Fn(),
) -> Warmed {
    let mut warmed = Warmed::default();
    let mut outcomes =
        std::pin::pin!(pages.map(request_scope_with_report).buffer_unordered(at_once.max(1)));
    while let Some((outcome, report)) = outcomes.next().await {
        let loaded = report.count(ReadSource::Load);
        warmed.pages += 1;
        warmed.loaded += loaded;
        warmed.found += report.reads.len() - loaded;
        warmed.failed += usize::from(outcome.is_err());
        tick();
    }
    warmed
}
