//! Which column types have a rendering that equals cached-core's, and the SQL for it.

use super::catalogue::Column;
use super::quote::identifier;

/// A column in a key.
pub(super) struct ColumnPart {
    /// SQL that renders it.
    pub(super) sql: String,
    /// The most bytes that it renders to, if there is a bound.
    pub(super) bytes: Option<usize>,
}

/// The rendering of a column, or what is wrong with it.
pub(super) fn column_part(column: &Column) -> Result<ColumnPart, String> {
    let name = identifier(&column.name);
    let plain =
        |bytes| Ok(ColumnPart { sql: format!("coalesce({name}::text, '%N')"), bytes: Some(bytes) });
    let escaped =
        |sql: String| Ok(ColumnPart { sql: format!("cached.key_part({sql})"), bytes: None });
    let refused =
        |why: &str| Err(format!("column `{}` is {}, {why}", column.name, column.declared));
    if column.generated == "v" {
        return Err(format!(
            "column `{}` is generated and virtual, which triggers see as NULL: make it STORED, or name the columns that \
             it is made of",
            column.name
        ));
    }
    if column.is_enum {
        return escaped(format!("{name}::text"));
    }
    if !column.deterministic {
        return refused(
            "in a collation in which different texts are equal, so that one row has many keys",
        );
    }
    if !column.is_builtin {
        return refused(NO_RENDERING);
    }
    match column.base.as_str() {
        "int2" | "int4" | "int8" => plain(20),
        "bool" => plain(5),
        "uuid" => plain(36),
        "text" | "varchar" | "name" => escaped(format!("{name}::text")),
        "date" | "timestamptz" => escaped(name),
        "bpchar" => refused("which is padded with blanks: make it text"),
        "timestamp" => refused("which is no instant: make it timestamptz"),
        "float4" | "float8" | "numeric" => {
            refused("which has no stable rendering: use an integer or text")
        }
        _ => refused(NO_RENDERING),
    }
}

const NO_RENDERING: &str = "which has no rendering in keys: use integers, text, boolean, uuid, date, timestamptz or \
                            an enum, or a constant key, tag or pattern";

#[cfg(test)]
mod tests {
    use super::*;

    /// As a server before Postgres 18 never has it.
    #[test]
    fn a_virtual_column_is_refused_and_a_stored_one_is_not() {
        let column = |generated: &str| Column {
            name: "slug".into(),
            declared: "text".into(),
            told: "text".into(),
            base: "text".into(),
            is_enum: false,
            is_builtin: true,
            deterministic: true,
            generated: generated.into(),
        };
        let refused = |generated| column_part(&column(generated)).err();
        assert_eq!((refused(""), refused("s")), (None, None));
        let why = refused("v").unwrap();
        assert!(why.contains("`slug`") && why.contains("make it STORED"), "{why}");
    }
}
