//! What keys promise: no two argument lists share one, and globs mean what Redis means.

use super::*;
use proptest::prelude::*;

fn two(a: &dyn KeyPart, b: &dyn KeyPart) -> String {
    Key::render(|k| {
        k.literal("x:").part(a).literal(":").part(b);
    })
    .as_str()
    .to_owned()
}

#[test]
fn separators_inside_arguments_do_not_collide() {
    assert_ne!(two(&"a:b", &"c"), two(&"a", &"b:c"));
    assert_eq!(two(&"a:b", &"c"), "x:a%3Ab:c");
}

#[test]
fn empty_none_and_look_alikes_all_differ() {
    let none: Option<&str> = None;
    let nested: Option<Option<&str>> = Some(None);
    let outer: Option<Option<&str>> = None;
    let keys = [
        two(&"", &1),
        two(&none, &1),
        two(&nested, &1),
        two(&outer, &2),
        two(&"%N", &1),
        two(&"%E", &1),
        two(&"None", &1),
        two(&" ", &1),
        two(&"\0", &1),
        two(&Some(""), &2),
        two(&Vec::<u8>::new(), &1),
        two(&vec![""], &1),
        two(&vec!["", ""], &1),
        two(&vec![vec![1, 2], vec![]], &1),
        two(&vec![vec![1], vec![2]], &1),
        two(&("a", "b"), &1),
        two(&"(a,b)", &1),
    ];
    let distinct: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len(), "{keys:#?}");
}

#[test]
fn a_star_is_text_in_keys_and_in_patterns() {
    assert_eq!(two(&"*", &"?"), "x:%2A:%3F");
    let pattern = Pattern::render(|k| {
        k.literal("x:").part("*").literal(":").any();
    });
    assert!(pattern.matches("x:%2A:1") && !pattern.matches("x:other:1"));
    assert_eq!(Key::from("course:*").as_str(), "course:%2A");
}

#[test]
fn long_keys_keep_their_lead_and_end_in_a_digest() {
    let long = "y".repeat(2_000);
    let key = two(&long, &1);
    assert!(key.len() <= MAX_KEY_BYTES && key.starts_with("x:~"), "{key}");
    assert_ne!(key, two(&long, &2));
    assert_ne!(key, two(&format!("{long}y"), &1));
    let pattern = Pattern::render(|k| {
        k.literal("x:").part(&long).literal(":").any();
    });
    assert!(pattern.matches(&key), "a pattern over the limit widens instead of missing");
}

#[test]
fn what_follows_a_long_part_is_digested_as_it_is_rendered() {
    let long = "y".repeat(600);
    let parts = two(&long, &"a");
    let literals = Key::render(|k| {
        k.literal("x:").part(&long).literal(":a");
    });
    assert_eq!(parts, literals.as_str());
}

#[test]
fn a_part_rendered_before_gives_the_same_key() {
    for len in [0, 511, 513, 2_000] {
        let text = "y:".repeat(len);
        let early = EarlyPart::render(|k| {
            k.part(&text);
        });
        let key = Key::render(|k| {
            k.literal("x:").rendered(&early).literal(":").part(&1);
        });
        assert_eq!(key.as_str(), two(&text, &1), "{len}");
    }
}

/// A type of the user's that hands its rendering on, as the documentation shows.
struct Cursor(Option<u32>);

impl KeyPart for Cursor {
    fn render(&self, part: &mut Part<'_>) {
        self.0.render(part);
    }
}

#[test]
fn none_inside_a_users_type_is_not_none() {
    let long = "y".repeat(600);
    for lead in ["", &*long] {
        let keys = [
            two(&lead, &None::<Cursor>),
            two(&lead, &Some(Cursor(None))),
            two(&lead, &Some(Some(Cursor(None)))),
            two(&lead, &Some(None::<Cursor>)),
            two(&lead, &Some(Cursor(Some(1)))),
            two(&lead, &Some("%N")),
        ];
        let distinct: std::collections::HashSet<_> = keys.iter().collect();
        // `Some(Cursor(None))` and `Some(None::<Cursor>)` are of different types: one template has one type.
        assert!(distinct.len() >= 5, "{keys:#?}");
        assert_ne!(keys[0], keys[1]);
        assert_ne!(keys[1], keys[2]);
    }
}

#[test]
fn patterns_reach_keys_that_end_in_a_digest() {
    let long = "y".repeat(600);
    let key = Key::render(|k| {
        k.literal("lk:").part("a").literal(":").part(&long);
    });
    let pattern = |glob: &str| Pattern::parse(glob).unwrap();
    for glob in ["lk:a:*", "lk:*", "*", "*:a:*", "lk:[a-c]:*", "lk:?:*"] {
        assert!(pattern(glob).matches(key.as_str()), "{glob} {key}");
    }
    for glob in ["lj:*", "l", "lk:", "x*"] {
        assert!(!pattern(glob).matches(key.as_str()), "{glob} {key}");
    }
}

#[test]
fn a_long_literal_of_wide_characters_is_cut_between_them() {
    let key = Key::render(|k| {
        k.literal(WIDE).literal(":").part(&"y".repeat(600));
    });
    assert!(key.as_str().starts_with("xéé") && key.as_str().len() <= MAX_KEY_BYTES);
}

const WIDE: &str = "xéééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé";

#[test]
fn a_digest_hides_its_value_and_depends_on_it() {
    let hashed = |secret: &str| {
        Key::render(|k| {
            k.literal("t:").hashed(secret);
        })
    };
    assert_eq!(hashed("s3cret").as_str().len(), "t:".len() + 32);
    assert_ne!(hashed("s3cret"), hashed("s3creT"));
}

#[test]
fn malformed_globs_are_refused_with_advice() {
    let bad = [
        ("", "clear"),
        ("a[b", "close the `[`"),
        ("a\\", "double the `\\`"),
        ("[a-é]*", "outside of ASCII"),
        ("*[xé-z]", "outside of ASCII"),
    ];
    for (glob, advice) in bad {
        let error = Pattern::parse(glob).unwrap_err().to_string();
        assert!(error.contains(advice), "{error}");
    }
}

/// Every case checked against `SCAN MATCH` of Redis 7.0.
#[test]
fn globs_match_as_in_redis() {
    let yes = [
        ("*", ""),
        ("a*", "a"),
        ("a*c", "abbc"),
        ("a?c", "abc"),
        ("[ab]x", "bx"),
        ("[^ab]x", "cx"),
        ("[a-c]1", "b1"),
        ("[c-a]1", "b1"),
        ("\\*", "*"),
        ("a**b", "ab"),
        ("*a*b*", "xaxbx"),
    ];
    for (glob, key) in &yes {
        assert!(glob_of(glob).matches(key), "{glob} should match {key}");
    }
    let no = [("a", "ab"), ("a?", "a"), ("[^a]", "a"), ("a*c", "ab"), ("\\*", "x"), ("?", "é")];
    for (glob, key) in &no {
        assert!(!glob_of(glob).matches(key), "{glob} should not match {key}");
    }
}

fn glob_of(glob: &str) -> Pattern {
    Pattern::parse(glob).unwrap()
}

/// A UUID has a way of its own, which is the way of its text wherever it stands.
#[cfg(feature = "uuid")]
#[test]
fn a_uuid_is_its_text_at_every_length_and_in_every_value() {
    let id = uuid::Uuid::from_u128(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210);
    let text = id.to_string();
    let both = |render: &dyn Fn(&mut KeyBuf, &dyn KeyPart)| {
        let of = |part: &dyn KeyPart| Key::render(|k| render(k, part)).as_str().to_owned();
        (of(&id), of(&text))
    };
    for filler in 400..=560 {
        let filler = "y".repeat(filler);
        let (as_id, as_text) = both(&|k, part| {
            k.literal("x:").part(&filler).literal(":").part(part).literal(":").part(part);
        });
        assert_eq!(as_id, as_text, "after {} bytes", filler.len());
    }
    assert_eq!(two(&Some(id), &Some(Some(id))), two(&Some(&text), &Some(Some(&text))));
    assert_eq!(two(&vec![id; 20], &(id, id)), two(&vec![&text; 20], &(&text, &text)));
    assert_eq!(two(&Some(vec![id]), &[Some(id)]), two(&Some(vec![&text]), &[Some(&text)]));
}

proptest! {
    #[test]
    fn different_texts_never_share_a_key(a in ".{0,12}", b in ".{0,12}", c in ".{0,12}", d in ".{0,12}") {
        prop_assume!((&a, &b) != (&c, &d));
        prop_assert_ne!(two(&a, &b), two(&c, &d));
    }

    #[test]
    fn different_lists_never_share_a_key(a in prop::collection::vec(".{0,4}", 0..4), b in prop::collection::vec(".{0,4}", 0..4)) {
        prop_assume!(a != b);
        prop_assert_ne!(two(&a, &1), two(&b, &1));
    }

    #[test]
    fn parts_hold_no_separator_glob_or_space(text in ".{0,40}") {
        let key = Key::render(|k| { k.part(&text); });
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || r":*?[]\{}/".contains(c);
        prop_assert!(!key.as_str().chars().any(forbidden));
    }

    #[test]
    fn a_rendered_pattern_matches_what_it_was_rendered_for(a in ".{0,12}", b in ".{0,12}") {
        let pattern = Pattern::render(|k| { k.literal("x:").part(&a).literal(":").any(); });
        prop_assert!(pattern.matches(&two(&a, &b)));
    }

    #[test]
    fn any_glob_and_key_terminate(glob in "[a*?\\[\\]\\\\^-]{1,24}", key in "[a*^-]{0,40}") {
        if let Ok(pattern) = Pattern::parse(&glob) {
            let _ = pattern.matches(&key);
        }
    }
}
