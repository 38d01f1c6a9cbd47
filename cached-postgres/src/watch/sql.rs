//! The SQL of a watch: functions and triggers, a pair for each event. Nothing is run here.
//!
//! INSERT, UPDATE, DELETE and TRUNCATE each have a statement trigger. An UPDATE keeps the new rows only: keeping the
//! old ones too doubles what a bulk update pays. The old values of columns that templates name come from a row trigger
//! that runs only where they have changed (`moved`).

use super::catalogue::Table;
use super::moved;
use super::quote::{COLUMNS_FIRST, identifier, literal};
use super::target::Target;
use sqlx::postgres::types::Oid;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::iter;

/// What a watch runs on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
    /// An UPDATE that changes a column which a template names, row by row.
    Moved,
}

impl Event {
    pub(super) const ALL: [Self; 5] =
        [Self::Insert, Self::Update, Self::Delete, Self::Truncate, Self::Moved];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::Moved => "moved",
        }
    }
}

/// A watch as it is in the database.
pub(super) struct Installed<'a> {
    pub(super) cache: &'a str,
    pub(super) name: &'a str,
    /// Leads the names of its functions and triggers.
    pub(super) prefix: &'a str,
    pub(super) table: &'a Table,
    pub(super) targets: &'a [Target],
}

impl Installed<'_> {
    /// The events that have a trigger.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Event::ALL.to_vec();
        events.retain(|event| *event != Event::Moved || self.has_moved());
        events
    }

    fn has_moved(&self) -> bool {
        !self.table.rows_elsewhere && !self.columns().is_empty()
    }

    /// The columns that templates name.
    fn columns(&self) -> BTreeSet<String> {
        self.targets.iter().flat_map(Target::columns).collect()
    }

    /// The functions and triggers.
    pub(super) fn create(&self) -> String {
        let mut sql = self.generated();
        for event in self.events() {
            let body = match event {
                Event::Moved => moved::body(self.prefix, self.targets, &self.other_types("OLD")),
                event => self.body(event),
            };
            let function = function(self.prefix, event);
            let _ = writeln!(
                sql,
                "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql \
                 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {body};",
                body = literal(&body),
            );
            // Nobody else may put it on a table of his own, whose columns run what he likes where they are rendered.
            // Where a trigger fires, no right is asked for.
            let _ = writeln!(sql, "REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;");
            let trigger = identifier(&trigger(self.prefix, event));
            for table in self.tables() {
                let fires = match event {
                    Event::Moved => moved::fires(self.table, &self.columns()),
                    event => self.fires(event, table),
                };
                let _ = writeln!(
                    sql,
                    "CREATE TRIGGER {trigger} {fires} EXECUTE FUNCTION {function}();"
                );
            }
        }
        sql
    }

    /// Which named columns are generated, and how, as a comment: where that changes, the watch is installed again, for what
    /// triggers saw of them was something else.
    fn generated(&self) -> String {
        let named = self.columns();
        let columns = self.table.columns.iter();
        let kinds = columns.filter(|column| !column.generated.is_empty()).filter_map(|column| {
            let name = identifier(&column.name);
            named.contains(&name).then(|| format!("{} {}", literal(&name), column.generated))
        });
        match kinds.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => none,
            kinds => {
                format!("/* generated: {} */\n", kinds.replace("*/", "* /").replace("/*", "/ *"))
            }
        }
    }

    /// The triggers that there are, each with its table.
    pub(super) fn triggers(&self) -> HashSet<(Oid, String)> {
        let below = self.table.below.iter().map(|(oid, _)| *oid);
        let tables = iter::once(self.table.oid).chain(below);
        let events = self.events();
        let of = |table| events.iter().map(move |event| (table, trigger(self.prefix, *event)));
        tables.flat_map(of).collect()
    }

    /// Every table that a statement may name to change rows.
    fn tables(&self) -> impl Iterator<Item = &str> {
        let below = self.table.below.iter().map(|(_, name)| name.as_str());
        iter::once(self.table.qualified.as_str()).chain(below)
    }

    fn fires(&self, event: Event, table: &str) -> String {
        let tables = self.transition_tables(event).iter().map(|table| match *table {
            NEW => "NEW TABLE AS cached_new",
            _ => "OLD TABLE AS cached_old",
        });
        let referencing = match tables.collect::<Vec<_>>().join(" ") {
            tables if tables.is_empty() => tables,
            tables => format!("REFERENCING {tables} "),
        };
        let event = event.name().to_uppercase();
        format!("AFTER {event} ON {table} {referencing}FOR EACH STATEMENT")
    }

    fn transition_tables(&self, event: Event) -> &'static [&'static str] {
        match event {
            Event::Insert => &[NEW],
            // Row triggers do not see rows that move between partitions.
            Event::Update if self.table.rows_elsewhere => &[NEW, OLD],
            Event::Update => &[NEW],
            Event::Delete => &[OLD],
            Event::Truncate | Event::Moved => &[],
        }
    }

    fn body(&self, event: Event) -> String {
        let tables = self.transition_tables(event);
        let nothing_changed = match tables.first() {
            Some(table) => format!("OR NOT EXISTS (SELECT FROM {table})"),
            None => String::new(),
        };
        let mut add: Vec<String> = self.check_types(tables).into_iter().collect();
        add.extend(self.targets.iter().map(|target| target.add_changed(tables)));
        if event == Event::Update && self.has_moved() {
            add.push(moved::add(self.prefix, self.targets));
        }
        // The rendering stands in a block of its own, which writes nothing and so costs no transaction id: a table
        // that has changed since must not break its writers, and must not be silent either.
        format!(
            "{COLUMNS_FIRST}{declare}
BEGIN
    IF current_setting('cached.watches', true) = 'off' {nothing_changed} THEN
        RETURN NULL;
    END IF;
    BEGIN
        {add}
        {what}
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'cached: the watch % cannot render what changed (%), so everything is invalidated: install it again', {name}, SQLERRM;
        what := '{{\"everything\":true}}';
    END;
    PERFORM cached.enqueue({cache}, what, interval '0');
    RETURN NULL;
END",
            declare = DECLARE,
            add = add.join("\n        "),
            what = WHAT,
            name = literal(self.name),
            cache = literal(self.cache),
        )
    }

    /// A statement that fails if a column has another type than when this was installed: it would be rendered
    /// otherwise.
    fn check_types(&self, tables: &[&str]) -> Option<String> {
        let table = tables.first()?;
        (!self.columns().is_empty()).then(|| {
            format!(
                "IF (SELECT {} FROM {table} LIMIT 1) THEN
            RAISE EXCEPTION 'a column has another type';
        END IF;",
                self.other_types(table),
            )
        })
    }

    /// SQL that tells whether a column of a row has another type than when this was installed. It names the row, so
    /// that a column which is there no more is an error, and no variable of its name.
    fn other_types(&self, row: &str) -> String {
        let named = self.columns();
        let columns = self.table.columns.iter();
        let named = columns.filter(|column| named.contains(&identifier(&column.name)));
        let (now, then): (Vec<String>, Vec<String>) = named
            .map(|column| {
                let name = identifier(&column.name);
                (format!("pg_typeof({row}.{name})::text"), literal(&column.told))
            })
            .unzip();
        format!("ARRAY[{}] <> ARRAY[{}]", now.join(", "), then.join(", "))
    }

    /// Writes a row that covers every change that was not watched.
    pub(super) fn catch_up(&self) -> String {
        let add: Vec<String> = self.targets.iter().map(Target::add_all).collect();
        let body = format!(
            "{DECLARE}\nBEGIN\n    {}\n    {WHAT}\n    PERFORM cached.enqueue({}, what, interval '0');\nEND",
            add.join("\n    "),
            literal(self.cache),
        );
        format!("DO {}", literal(&body))
    }
}

const NEW: &str = "cached_new";
const OLD: &str = "cached_old";

const DECLARE: &str = "DECLARE
    what text;
    found text[];
    keys text[] := '{}';
    tags text[] := '{}';
    patterns text[] := '{}';
    everything boolean := false;";

const WHAT: &str = "what := json_build_object('keys', keys, 'tags', tags, 'patterns', patterns, 'everything', everything)::text;";

/// The name of the function of an event.
pub(super) fn function(prefix: &str, event: Event) -> String {
    format!("cached.{}", identifier(&format!("{prefix}_{}", event.name())))
}

/// The name of the trigger of an event.
pub(super) fn trigger(prefix: &str, event: Event) -> String {
    format!("cached_{prefix}_{}", event.name())
}
