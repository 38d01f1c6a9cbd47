//! Patterns mean here what they mean to Redis: a local tier forgets exactly what `SCAN MATCH` finds.

use cached_core::Pattern;
use cached_testkit::{RedisServer, Value};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::BTreeSet;

/// Text in which globs often match, and the signs that mean something in them. No `~`: it begins a digest.
fn key() -> impl Strategy<Value = String> {
    "[a-d:\\[\\]\\\\^*?é-]{1,6}"
}

/// One that cannot be used is as good as none: what remains is compared.
fn pattern() -> impl Strategy<Value = Pattern> {
    let sign = prop_oneof![
        4 => "[a-d:é^-]".prop_map(String::from),
        2 => Just("*".to_owned()),
        1 => Just("?".to_owned()),
        1 => "\\\\[a-d*?\\[\\]\\\\]",
        2 => "\\[\\^?[a-dé\\\\^:-]{0,4}\\]",
    ];
    let glob = prop::collection::vec(sign, 1..6).prop_map(|signs| signs.concat());
    glob.prop_filter_map("not a glob", |glob| Pattern::parse(&glob).ok())
}

/// Puts keys in place of all others, and gives those that a pattern finds.
const FIND: &str = "redis.call('FLUSHALL') for i = 2, #ARGV do redis.call('SET', ARGV[i], '') end \
     return redis.call('KEYS', ARGV[1])";

fn found(server: &RedisServer, pattern: &Pattern, keys: &BTreeSet<String>) -> BTreeSet<String> {
    let arguments = ["EVAL", FIND, "0", pattern.as_str()];
    let arguments: Vec<&str> = arguments.into_iter().chain(keys.iter().map(|key| &**key)).collect();
    let Ok(Value::Array(found)) = server.command(&arguments) else { panic!("Redis answers") };
    let text = |value| match value {
        Value::Bytes(bytes) => String::from_utf8(bytes).expect("as they were put"),
        other => panic!("not a key: {other:?}"),
    };
    found.into_iter().map(text).collect()
}

#[test]
fn a_pattern_matches_what_redis_finds() {
    let server = RedisServer::start().expect("redis-server starts");
    // Cases in which nothing matches would prove nothing.
    let matched = Cell::new(0);
    let cases = (pattern(), prop::collection::btree_set(key(), 30));
    TestRunner::new(ProptestConfig::with_cases(1_000))
        .run(&cases, |(pattern, keys)| {
            let here: BTreeSet<String> =
                keys.iter().filter(|key| pattern.matches(key)).cloned().collect();
            prop_assert_eq!(&found(&server, &pattern, &keys), &here, "{}", pattern);
            matched.set(matched.get() + here.len());
            Ok(())
        })
        .unwrap();
    assert!(matched.get() > 500, "{matched:?} keys matched");
}
