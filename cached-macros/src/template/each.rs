//! The rules of `.*`: it goes through what is returned, and a template goes through one collection.

use super::{EACH, Piece, Placeholder};

pub(super) fn check(pieces: &[Piece]) -> Result<(), String> {
    let mut deepest: Option<&Placeholder> = None;
    for piece in pieces {
        let Piece::Slot(slot) = piece else { continue };
        let Some(collection) = collection(slot) else { continue };
        if slot.root != "return" {
            let list = Placeholder { fields: Vec::new(), ..slot.clone() };
            return Err(format!(
                "`{slot}`: `.*` stands for each element of what is returned (`<return.*>`); an argument renders as a \
                 whole: `{list}`"
            ));
        }
        let other = deepest.and_then(self::collection).unwrap_or_default();
        let (long, short) =
            if collection.len() > other.len() { (collection, other) } else { (other, collection) };
        if !long.starts_with(short) {
            let first = deepest.unwrap_or(slot);
            return Err(format!(
                "`{first}` and `{slot}` go through two collections, so that no element of one belongs to one of the \
                 other: write a template for each"
            ));
        }
        if collection.len() > other.len() {
            deepest = Some(slot);
        }
    }
    Ok(())
}

/// The path up to the last `*`.
fn collection(slot: &Placeholder) -> Option<&[String]> {
    let last = slot.fields.iter().rposition(|field| field == EACH)?;
    Some(&slot.fields[..=last])
}

#[cfg(test)]
mod tests {
    use super::super::grammar::placeholder;
    use super::*;

    fn check_all(insides: &[&str]) -> Result<(), String> {
        let slots = insides.iter().map(|inside| Piece::Slot(placeholder(inside).unwrap()));
        check(&slots.collect::<Vec<_>>())
    }

    #[test]
    fn one_collection_and_what_is_around_it() {
        for insides in [
            &["return.a.*.id", "return.a.*.name", "return.b", "id"][..],
            &["return.a.*.id", "return.a.*.b.*", "return.a.*.b.*.c"],
            &["return.a.*.b.*", "return.a.*.id"],
            &["return.*"],
        ] {
            assert_eq!(check_all(insides), Ok(()));
        }
    }

    #[test]
    fn two_collections_are_two_templates() {
        for insides in [
            &["return.a.*.id", "return.b.*.id"][..],
            &["return.a.*.b.*", "return.a.*.c.*"],
            &["return.a.*.b.*", "return.*"],
        ] {
            assert!(check_all(insides).unwrap_err().contains("two collections"), "{insides:?}");
        }
        assert!(check_all(&["ids.*"]).unwrap_err().contains("renders as a whole: `<ids>`"));
    }
}
