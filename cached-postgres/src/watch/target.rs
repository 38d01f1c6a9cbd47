//! A template of a watch on a known table: the SQL that renders it, and that adds its renderings to the lists
//! `keys`, `tags` and `patterns` of a trigger function.

use super::catalogue::Table;
use super::part::{ColumnPart, column_part};
use super::quote::{identifier, literal};
use super::template::{Kind, Piece, Template};
use std::collections::BTreeSet;

/// More keys or patterns than this, by one statement and one template, become one pattern.
const MAX_KEYS: usize = 1_000;
/// More tags than this, by one statement and one template, become everything: a tag has no pattern. The queue of
/// cached-core widens at the same number.
const MAX_TAGS: usize = 10_000;

/// How many rows are looked at first.
const LOOK: usize = 1_000;

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

    /// The columns that it names, quoted, each once.
    pub(super) fn columns(&self) -> BTreeSet<String> {
        self.template.columns().map(identifier).collect()
    }

    /// The list that its renderings are added to.
    pub(super) fn list(&self) -> &'static str {
        match self.template.kind {
            Kind::Key => "keys",
            Kind::Tag => "tags",
            Kind::Pattern => "patterns",
        }
    }

    /// SQL of the rendered text, over the template's columns.
    pub(super) fn rendered(&self) -> String {
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
    pub(super) fn add_all(&self) -> String {
        let (list, text) = match (self.template.kind, self.parts.is_empty()) {
            (_, true) => (self.list(), literal(&self.template.text)),
            (Kind::Tag, false) => return "everything := true;".to_owned(),
            (_, false) => ("patterns", literal(&self.widened())),
        };
        format!("{list} := {list} || ARRAY[{text}];")
    }

    /// Statements that add the renderings of the rows that an event has changed.
    pub(super) fn add_changed(&self, tables: &[&str]) -> String {
        let all = self.add_all();
        if self.parts.is_empty() || tables.is_empty() {
            return all;
        }
        let max = if self.template.kind == Kind::Tag { MAX_TAGS } else { MAX_KEYS };
        let list = self.list();
        let columns = self.columns().into_iter().collect::<Vec<_>>().join(", ");
        let rows: Vec<String> =
            tables.iter().map(|table| format!("SELECT {columns} FROM {table}")).collect();
        let (rows, rendered, first) = (rows.join(" UNION ALL "), self.rendered(), tables[0]);
        // A look at the first rows spares the sorting out of the rest where they are all different: at a few, and
        // where most of these are different, at more.
        let at_most = |distinct: usize, of: usize| {
            format!(
                "(SELECT count(*) <= {distinct} FROM (
                SELECT DISTINCT {columns} FROM (SELECT {columns} FROM {first} LIMIT {of}) AS s) AS d)"
            )
        };
        let (few, many) = (at_most(LOOK / 2, LOOK), at_most(max, 2 * max));
        format!(
            "found := NULL;
        IF NOT EXISTS (SELECT FROM {first} OFFSET {half}) OR {few} OR {many} THEN
            found := ARRAY(SELECT {rendered} FROM (
                SELECT DISTINCT {columns} FROM ({rows}) AS r LIMIT {more}) AS d);
        END IF;
        IF cardinality(found) <= {max} THEN
            {list} := {list} || found;
        ELSE
            {all}
        END IF;",
            half = LOOK / 2,
            more = max + 1,
        )
    }
}

fn no_such_column(name: &str, table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    format!("{} has no column `{name}`; it has {}", table.qualified, columns.join(", "))
}
