//! The renderings that docs/KEYS.md promises, one of each type: a change here is a breaking one.

use super::{Key, KeyPart};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::{NonZeroI8, NonZeroU64};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

fn part(value: &dyn KeyPart) -> String {
    Key::render(|k| {
        k.part(value);
    })
    .as_str()
    .to_owned()
}

#[test]
fn values_render_as_documented() {
    let none: Option<u8> = None;
    let text: &str = "a:b";
    let cases: &[(&dyn KeyPart, &str)] = &[
        (&42_u8, "42"),
        (&-7_i64, "-7"),
        (&u128::MAX, "340282366920938463463374607431768211455"),
        (&NonZeroU64::MIN, "1"),
        (&NonZeroI8::MIN, "-128"),
        (&true, "true"),
        (&'ö', "ö"),
        (&'*', "%2A"),
        (&text, "a%3Ab"),
        (&"", "%E"),
        (&none, "%N"),
        (&Some(none), "%N%S"),
        (&Some("a"), "a"),
        (&vec![1, 2], "(1,2)"),
        (&[""; 2], "(%E,%E)"),
        (&("a", 1), "(a,1)"),
        (&(), "()"),
        (&Box::new(1), "1"),
        (&Rc::new(1), "1"),
        (&Arc::<str>::from("a"), "a"),
        (&Cow::Borrowed("a"), "a"),
        (&BTreeSet::from(["b", "a"]), "(a,b)"),
        (&BTreeMap::from([("b", 2), ("a", 1)]), "((a,1),(b,2))"),
        (&BTreeMap::<u8, u8>::new(), "()"),
        (&Duration::from_secs(90), "90s"),
        (&Duration::from_millis(1_500), "1.5s"),
        (&Duration::from_nanos(1), "0.000000001s"),
        (&Duration::ZERO, "0s"),
        (&Ipv4Addr::LOCALHOST, "127.0.0.1"),
        (&IpAddr::V6(Ipv6Addr::LOCALHOST), "%3A%3A1"),
        (&SocketAddr::from(([127, 0, 0, 1], 80)), "127.0.0.1%3A80"),
        (&SocketAddr::from((Ipv6Addr::LOCALHOST, 80)), "%5B%3A%3A1%5D%3A80"),
        (&SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 7, 3), "%5B%3A%3A1%253%5D%3A80+7"),
    ];
    for (value, rendering) in cases {
        assert_eq!(part(*value), *rendering);
    }
}

#[cfg(feature = "chrono")]
#[test]
fn dates_and_times_render_as_documented() {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let (plain, fraction) = (day.and_hms_opt(13, 45, 0), day.and_hms_milli_opt(13, 45, 0, 5));
    let (plain, fraction) = (plain.unwrap(), fraction.unwrap());
    assert_eq!(part(&day), "2026-03-01");
    assert_eq!(
        (part(&plain), part(&fraction)),
        ("2026-03-01T134500".into(), "2026-03-01T134500.005".into())
    );
    assert_eq!(part(&plain.and_utc()), "2026-03-01T134500Z");
    let east = chrono::FixedOffset::east_opt(3_600).unwrap();
    assert_eq!(part(&fraction.and_utc().with_timezone(&east)), "2026-03-01T134500.005Z");
}

#[test]
fn the_table_names_every_type() {
    let docs = include_str!("../../../docs/KEYS.md");
    for name in [
        "integers",
        "`NonZero`",
        "`bool`",
        "`char`",
        "`None`",
        "`Some(x)`",
        "`Vec`",
        "`BTreeSet`",
        "`BTreeMap`",
        "`Arc`",
        "`Cow`",
        "`Duration`",
        "`IpAddr`",
        "`SocketAddr`",
        "`Uuid`",
        "`chrono::NaiveDate`",
        "`chrono::NaiveDateTime`",
        "`chrono::DateTime`",
    ] {
        assert!(docs.contains(name), "{name} is missing");
    }
}
