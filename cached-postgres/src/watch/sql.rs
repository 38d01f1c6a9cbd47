//! The SQL of a watch: one function and one trigger for each of INSERT, UPDATE, DELETE and TRUNCATE. Nothing is run
//! here.

use super::catalogue::Table;
use super::part::{ColumnPart, column_part};
use super::template::{Kind, Piece, Template};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// More keys or patterns than this, by one statement and one template, become one pattern.
const MAX_KEYS: usize = 1_000;
/// More tags than this, by one statement and one template, become everything: a tag has no pattern. The queue of
/// cached-core widens at the same number.
const MAX_TAGS: usize = 10_000;

/// What a watch runs on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
}

impl Event {
    pub(super) const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Delete, Self::Truncate];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
        }
    }

    fn transition_tables(self) -> &'static [&'static str] {
        match self {
            Self::Insert => &["cached_new"],
            Self::Update => &["cached_new", "cached_old"],
            Self::Delete => &["cached_old"],
            Self::Truncate => &[],
        }
    }

    fn referencing(self) -> &'static str {
        match self {
            Self::Insert => "REFERENCING NEW TABLE AS cached_new",
            Self::Update => "REFERENCING OLD TABLE AS cached_old NEW TABLE AS cached_new",
            Self::Delete => "REFERENCING OLD TABLE AS cached_old",
            Self::Truncate => "",
        }
    }
}

/// A template whose columns are known.
pub(super) struct Target {
    template: Template,
    /// In the order of the template's columns.
    parts: Vec<ColumnPart>,
}

impl Target {
    /// Resolves the columns of a template; says of each what is wrong.
    pub(super) fn resolve(template: Template, table: &Table) -> Result<Self, Vec<String>> {
        let (mut parts, mut problems) = (Vec::new(), Vec::new());
        for name in template.columns() {
            let part = match table.columns.iter().find(|column| column.name == name) {
                Some(column) => column_part(column),
                None => Err(no_such_column(name, table)),
            };
            match part {
                Ok(part) => parts.push(part),
                Err(problem) => {
                    problems.push(format!("{} `{}`: {problem}", template.kind, template.text));
                }
            }
        }
        if problems.is_empty() { Ok(Self { template, parts }) } else { Err(problems) }
    }

    /// SQL of the rendered text, over the template's columns.
    fn rendered(&self) -> String {
        let mut parts = self.parts.iter();
        let mut bytes = Some(0);
        let mut terms = Vec::new();
        for piece in &self.template.pieces {
            terms.push(match piece {
                Piece::Text(text) => {
                    bytes = bytes.map(|bytes| bytes + text.len());
                    literal(text)
                }
                Piece::Wildcard(c) => {
                    bytes = bytes.map(|bytes| bytes + 1);
                    literal(&c.to_string())
                }
                Piece::Column { hashed, .. } => {
                    let Some(part) = parts.next() else { continue };
                    let most = if *hashed { Some(32) } else { part.bytes };
                    bytes = bytes.zip(most).map(|(bytes, most)| bytes + most);
                    if *hashed {
                        format!("cached.key_hash({})", part.sql)
                    } else {
                        part.sql.clone()
                    }
                }
            });
        }
        let whole = terms.join(" || ");
        match (bytes, self.template.kind) {
            (Some(..=512), _) => whole,
            (_, Kind::Pattern) => format!(
                "CASE WHEN octet_length({whole}) <= 512 THEN {whole} ELSE {} END",
                literal(&self.widened())
            ),
            _ => format!("cached.key_bound({}, {whole})", literal(self.template.lead())),
        }
    }

    /// A pattern that matches every rendering, digests included.
    fn widened(&self) -> String {
        format!("{}*", self.template.lead())
    }

    /// Statements that add every rendering that there could be.
    fn add_all(&self) -> String {
        let text = literal(&self.template.text);
        match (self.template.kind, self.parts.is_empty()) {
            (Kind::Key, true) => format!("keys := keys || ARRAY[{text}];"),
            (Kind::Tag, true) => format!("tags := tags || ARRAY[{text}];"),
            (Kind::Pattern, true) => format!("patterns := patterns || ARRAY[{text}];"),
            (Kind::Tag, false) => "everything := true;".to_owned(),
            (_, false) => format!("patterns := patterns || ARRAY[{}];", literal(&self.widened())),
        }
    }

    /// Statements that add the renderings of the rows that an event has changed.
    fn add_changed(&self, tables: &[&str]) -> String {
        let all = self.add_all();
        if self.parts.is_empty() || tables.is_empty() {
            return all;
        }
        let (max, list) = match self.template.kind {
            Kind::Key => (MAX_KEYS, "keys"),
            Kind::Tag => (MAX_TAGS, "tags"),
            Kind::Pattern => (MAX_KEYS, "patterns"),
        };
        let columns: BTreeSet<String> = self.template.columns().map(identifier).collect();
        let columns: Vec<String> = columns.into_iter().collect();
        let columns = columns.join(", ");
        let rows: Vec<String> =
            tables.iter().map(|table| format!("SELECT {columns} FROM {table}")).collect();
        let (rows, rendered, first) = (rows.join(" UNION ALL "), self.rendered(), tables[0]);
        // A look at the first rows spares the sorting out of the rest where they are all different.
        format!(
            "found := NULL;
        IF NOT EXISTS (SELECT FROM {first} OFFSET {max}) OR (
            SELECT count(*) <= {max} FROM (
                SELECT DISTINCT {columns} FROM (SELECT {columns} FROM {first} LIMIT {twice}) AS s) AS d) THEN
            found := ARRAY(SELECT {rendered} FROM (
                SELECT DISTINCT {columns} FROM ({rows}) AS r LIMIT {more}) AS d);
        END IF;
        IF cardinality(found) <= {max} THEN
            {list} := {list} || found;
        ELSE
            {all}
        END IF;",
            twice = 2 * max,
            more = max + 1,
        )
    }
}

fn no_such_column(name: &str, table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    format!("{} has no column `{name}`; it has {}", table.qualified, columns.join(", "))
}

/// A watch as it is in the database.
pub(super) struct Installed<'a> {
    pub(super) cache: &'a str,
    pub(super) name: &'a str,
    /// Leads the names of its functions and triggers.
    pub(super) prefix: &'a str,
    pub(super) table: &'a str,
    pub(super) targets: &'a [Target],
}

impl Installed<'_> {
    /// The functions and triggers.
    pub(super) fn create(&self) -> String {
        let mut sql = String::new();
        for event in Event::ALL {
            let _ = writeln!(
                sql,
                "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql \
                 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {body};\n\
                 CREATE TRIGGER {trigger} AFTER {event_name} ON {table} {referencing} \
                 FOR EACH STATEMENT EXECUTE FUNCTION {function}();",
                function = function(self.prefix, event),
                body = literal(&self.body(event)),
                trigger = trigger(self.prefix, event),
                event_name = event.name().to_uppercase(),
                table = self.table,
                referencing = event.referencing(),
            );
        }
        sql
    }

    fn body(&self, event: Event) -> String {
        let tables = event.transition_tables();
        let nothing_changed = match tables.first() {
            Some(table) => format!("OR NOT EXISTS (SELECT FROM {table})"),
            None => String::new(),
        };
        let add: Vec<String> =
            self.targets.iter().map(|target| target.add_changed(tables)).collect();
        // The rendering stands in a block of its own, which writes nothing and so costs no transaction id: a table
        // that has changed since must not break its writers, and must not be silent either.
        format!(
            "{declare}
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
    identifier(&format!("cached_{prefix}_{}", event.name()))
}

pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text constant, for `standard_conforming_strings`.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
