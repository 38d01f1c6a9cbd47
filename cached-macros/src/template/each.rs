//! The rules of `.*`: it goes through what is returned or, in `#[invalidates]`, through an argument; a template goes
//! through one collection.

use super::{EACH, Piece, Placeholder, Purpose};

pub(super) fn check(pieces: &[Piece], purpose: Purpose) -> Result<(), String> {
    let slots = || {
        pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(slot) => Some(slot),
            _ => None,
        })
    };
    let mut deepest: Option<&Placeholder> = None;
    for slot in slots() {
        let Some(collection) = collection(slot) else { continue };
        if slot.root != "return" && !purpose.is_invalidated() {
            return Err(whole(slot, purpose));
        }
        let other = deepest.and_then(self::collection).unwrap_or_default();
        let (long, short) =
            if collection.len() > other.len() { (collection, other) } else { (other, collection) };
        if let Some(first) = deepest
            && !(long.starts_with(short) && first.root == slot.root)
        {
            return Err(format!(
                "`{first}` and `{slot}` go through two collections, so that no element of one belongs to one of the \
                 other: write a template for each"
            ));
        }
        if collection.len() > other.len() {
            deepest = Some(slot);
        }
    }
    let Some(deepest) = deepest.filter(|slot| slot.root != "return") else { return Ok(()) };
    match slots().find(|slot| slot.root == "return") {
        None => Ok(()),
        Some(late) => Err(format!(
            "`{deepest}` is gone through before the body runs, and `{late}` is known after it: write \
             `with = |value| ..`"
        )),
    }
}

fn whole(slot: &Placeholder, purpose: Purpose) -> String {
    let list = Placeholder { fields: Vec::new(), ..slot.clone() };
    let others = match purpose {
        Purpose::KeyOrPattern => "in `#[invalidates]`",
        _ => "of what is returned (`<return.*>`), and in `#[invalidates]` of an argument",
    };
    format!("`{slot}`: `.*` stands for each element {others}; here it renders as a whole: `{list}`")
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
        check_for(Purpose::InvalidatedTag, insides)
    }

    fn check_for(purpose: Purpose, insides: &[&str]) -> Result<(), String> {
        let slots = insides.iter().map(|inside| Piece::Slot(placeholder(inside).unwrap()));
        check(&slots.collect::<Vec<_>>(), purpose)
    }

    #[test]
    fn one_collection_and_what_is_around_it() {
        for insides in [
            &["return.a.*.id", "return.a.*.name", "return.b", "id"][..],
            &["return.a.*.id", "return.a.*.b.*", "return.a.*.b.*.c"],
            &["return.a.*.b.*", "return.a.*.id"],
            &["return.*"],
            &["ids.*", "id"],
            &["self.items.*.id", "self.items.*.parts.*", "self.tenant"],
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
            &["ids.*", "others.*"],
            &["return.*", "ids.*"],
        ] {
            assert!(check_all(insides).unwrap_err().contains("two collections"), "{insides:?}");
        }
    }

    #[test]
    fn arguments_are_gone_through_in_writes_alone_and_before_the_body() {
        for purpose in [Purpose::Key, Purpose::Tag, Purpose::KeyOrPattern] {
            let error = check_for(purpose, &["ids.*"]).unwrap_err();
            assert!(error.contains("renders as a whole: `<ids>`"), "{error}");
        }
        for insides in [["ids.*", "return.id"], ["return", "ids.*"]] {
            assert!(check_all(&insides).unwrap_err().contains("before the body runs"));
        }
    }
}
