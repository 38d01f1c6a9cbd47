//! The old renderings of rows whose named columns an UPDATE has changed: a row trigger remembers them in a setting of
//! the transaction, and the statement trigger takes them from there.

use super::catalogue::Table;
use super::quote::{COLUMNS_FIRST, literal};
use super::target::Target;
use std::collections::BTreeSet;

/// When the row trigger fires.
pub(super) fn fires(table: &Table, columns: &BTreeSet<String>) -> String {
    let all: Vec<&str> = columns.iter().map(String::as_str).collect();
    let differs: Vec<String> =
        all.iter().map(|column| format!("OLD.{column} IS DISTINCT FROM NEW.{column}")).collect();
    let (table, differs) = (&table.qualified, differs.join(" OR "));
    // Without `OF`: a trigger that rewrites rows may change a column that the statement does not name.
    format!("AFTER UPDATE ON {table} FOR EACH ROW WHEN ({differs})")
}

/// Remembers the old renderings of one row, as a JSON array in the order of the targets that name columns. `other_types`
/// tells that a column of OLD has another type than when this was installed.
pub(super) fn body(prefix: &str, targets: &[Target], other_types: &str) -> String {
    let rendered: Vec<String> = with_columns(targets).map(Target::rendered).collect();
    format!(
        "{COLUMNS_FIRST}DECLARE
    entry text;
BEGIN
    IF current_setting('cached.watches', true) = 'off' THEN
        RETURN NULL;
    END IF;
    BEGIN
        IF {other_types} THEN
            RAISE EXCEPTION 'a column has another type';
        END IF;
        SELECT json_build_array({rendered})::text INTO entry FROM (SELECT OLD.*) AS o;
    EXCEPTION WHEN OTHERS THEN
        entry := '*';
    END;
    PERFORM cached.remember({setting}, entry);
    RETURN NULL;
END",
        rendered = rendered.join(", "),
        setting = setting(prefix),
    )
}

/// Statements that add what was remembered, and forget it.
pub(super) fn add(prefix: &str, targets: &[Target]) -> String {
    let setting = setting(prefix);
    let all: Vec<String> = with_columns(targets).map(Target::add_all).collect();
    let each = with_columns(targets).enumerate().map(|(at, target)| {
        let list = target.list();
        format!(
            "{list} := {list} || ARRAY(SELECT DISTINCT line::json->>{at} FROM unnest(found) AS lines(line));"
        )
    });
    format!(
        "found := string_to_array(nullif(current_setting({setting}, true), ''), chr(10));
        IF found IS NOT NULL THEN
            PERFORM set_config({setting}, '', true);
            IF found[1] = '*' THEN
                {all}
            ELSE
                {each}
            END IF;
        END IF;",
        all = all.join("\n                "),
        each = each.collect::<Vec<_>>().join("\n                "),
    )
}

fn with_columns(targets: &[Target]) -> impl Iterator<Item = &Target> {
    targets.iter().filter(|target| !target.columns().is_empty())
}

fn setting(prefix: &str) -> String {
    literal(&format!("cached.{prefix}"))
}
