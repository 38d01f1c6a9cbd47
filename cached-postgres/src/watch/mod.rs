//! Table watches: triggers that write to the outbox what any writer's statement made untrue. What a watch says is
//! here; how it gets into the database is in `install`.

mod catalogue;
mod install;
mod moved;
mod part;
mod quote;
mod sql;
mod target;
mod template;

use template::Kind;

/// What changes of a table make untrue.
///
/// Templates are those of `#[cached]` and `#[invalidates]`, with columns as placeholders: `course:<id>`,
/// `<email:hash>`. They are checked against the table when the watch is [installed](Watch::install). An UPDATE
/// invalidates for the old and the new values.
///
/// ```no_run
/// # async fn run(db: cached_postgres::CachedPool) -> Result<(), cached_postgres::Error> {
/// use cached_postgres::Watch;
/// Watch::table("courses").key("course:<id>").tag("school:<school_id>").install(&db).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a watch does nothing until it is installed"]
pub struct Watch {
    table: String,
    name: Option<String>,
    targets: Vec<(Kind, String)>,
}

impl Watch {
    /// A watch on a table, by its name as SQL takes it: `courses`, `public.courses`, `"Courses"`.
    pub fn table(name: &str) -> Self {
        Self { table: name.to_owned(), name: None, targets: Vec::new() }
    }

    /// Gives it a name other than the table's: a table has one watch a name (and outbox).
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// A key for each row that changed. Where one statement changes more than 1,000 of them, they become one pattern:
    /// the template's leading text and `*`.
    pub fn key(self, template: &str) -> Self {
        self.with(Kind::Key, template)
    }

    /// A tag for each row that changed. Where one statement changes more than 10,000 of them, everything is
    /// invalidated.
    pub fn tag(self, template: &str) -> Self {
        self.with(Kind::Tag, template)
    }

    /// A pattern for each row that changed, as `dashboard:<school_id>:*`; bounded as [`key`](Self::key) is.
    pub fn pattern(self, template: &str) -> Self {
        self.with(Kind::Pattern, template)
    }

    fn with(mut self, kind: Kind, template: &str) -> Self {
        self.targets.push((kind, template.to_owned()));
        self
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.table)
    }
}
