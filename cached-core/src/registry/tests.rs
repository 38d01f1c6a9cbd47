//! The cache map and its warnings, over registries written by hand.

use super::*;
use crate::invalidation::Invalidation;

fn read(path: &str, template: &'static str, tags: &[&'static str]) -> CachedFunction {
    CachedFunction {
        path: path.to_owned(),
        template,
        tags: tags.to_vec(),
        ttl: "medium".to_owned(),
        local: "ttl".to_owned(),
        remote: true,
        version: 0,
        batch: false,
        cache: None,
        file: "src/repo.rs",
        line: 7,
    }
}

fn write(path: &str) -> InvalidatingFunction {
    InvalidatingFunction {
        path: path.to_owned(),
        calls: Vec::new(),
        keys: Vec::new(),
        tags: Vec::new(),
        patterns: Vec::new(),
        event: None,
        cache: None,
        in_transaction: false,
        runs: 0,
        file: "src/repo.rs",
        line: 90,
    }
}

fn registry(cached: Vec<CachedFunction>, invalidating: Vec<InvalidatingFunction>) -> Registry {
    Registry { cached, invalidating, ..Registry::default() }
}

fn reached(registry: &Registry) -> Vec<(usize, Via)> {
    registry.edges().iter().map(|edge| (edge.read, edge.via)).collect()
}

#[test]
fn every_way_to_name_a_read_is_an_edge() {
    let mut all = registry(
        vec![
            read("lms::courses::course", "course:<id>", &[]),
            read("lms::courses::list", "courses:<page>", &[]),
            read("lms::pages::home", "page:home:<user>", &["user:<user>"]),
            read("lms::pages::about", "about", &[]),
        ],
        vec![InvalidatingFunction {
            calls: vec!["Self::course"],
            keys: vec!["courses:<other>"],
            tags: vec!["user:<id>"],
            patterns: vec!["abou?"],
            ..write("lms::courses::rename")
        }],
    );
    let ways = [(0, Via::Call), (1, Via::Key), (2, Via::Tag), (3, Via::Pattern)];
    assert_eq!(reached(&all), ways);
    all.invalidating[0] = InvalidatingFunction {
        event: Some("events::course_changed(id).and(other())"),
        ..write("lms::courses::rename")
    };
    assert_eq!(reached(&all), []);
    let sample = Invalidation::new().key("course:7").tag("user:1");
    assert_eq!(reached(&all.clone().event("changed", sample.clone())), [], "another function");
    let told = all.clone().event("course_changed", sample);
    assert_eq!(reached(&told), [(0, Via::Event), (2, Via::Event)]);
    assert_eq!(all.event("other", Invalidation::new().everything()).edges().len(), 4);
}

#[test]
fn a_call_means_the_nearest_function_of_its_name() {
    let reads =
        || vec![read("a::courses::list", "a:list", &[]), read("a::users::list", "b:list", &[])];
    let from = |call, path: &str| {
        let write = InvalidatingFunction { calls: vec![call], ..write(path) };
        reached(&registry(reads(), vec![write]))
            .into_iter()
            .map(|(read, _)| read)
            .collect::<Vec<_>>()
    };
    assert_eq!(from("Self::list", "a::users::rename"), [1]);
    assert_eq!(from("self.list", "a::courses::rename"), [0]);
    assert_eq!(from("crate::users::list", "a::courses::rename"), [1]);
    assert_eq!(from("Repo::list", "a::api::rename"), [0, 1], "which is not known: both");
}

#[test]
fn each_mistake_has_its_warning() {
    let audit = registry(
        vec![
            read("lms::a", "course:<id>", &["never"]),
            read("lms::b", "course:<slug>", &[]),
            read("lms::c", "lonely", &[]),
            read("lms::d", "analytics", &[]),
            read("lms::get", "lms::get:<id>", &[]),
            read("lms::get", "lms::get:<id>", &[]),
        ],
        vec![InvalidatingFunction {
            calls: vec!["a", "b", "get"],
            keys: vec!["no:key"],
            tags: vec!["no:tag"],
            patterns: vec!["no:*"],
            ..write("lms::w")
        }],
    )
    .by_lifetime("analytics")
    .audit();
    let kinds: Vec<String> = audit
        .warnings
        .iter()
        .map(|warning| serde_json::to_value(warning).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "shared_template",
        "pattern_matches_nothing",
        "key_matches_nothing",
        "tag_matches_nothing",
        "never_invalidated",
        "tag_never_invalidated",
    ];
    assert_eq!(kinds, expected, "{audit}");
    assert!(!audit.is_clean());
    assert!(audit.to_string().contains("src/repo.rs:7: `lms::a` and `lms::b` share"), "{audit}");
    assert!(audit.to_string().contains("nothing invalidates `lonely` of `lms::c`"), "{audit}");
}

#[test]
fn an_unknown_event_withholds_what_it_may_refute() {
    let event = InvalidatingFunction { event: Some("changed(id)"), ..write("lms::w") };
    let registry = registry(vec![read("lms::a", "course:<id>", &[])], vec![event]);
    let audit = registry.clone().audit();
    assert!(matches!(&audit.warnings[..], [Warning::UnknownEvent { .. }]), "{audit}");
    let told = registry.event("changed", Invalidation::new().key("course:1")).audit();
    assert!(told.is_clean(), "{told}");
}

#[test]
fn clearing_everything_excuses_no_read() {
    let import = InvalidatingFunction { event: Some("imported()"), ..write("lms::store") };
    let rename = InvalidatingFunction { keys: vec!["course:<id>"], ..write("lms::rename") };
    let reads = vec![read("lms::a", "course:<id>", &[]), read("lms::b", "lonely", &[])];
    let audit = registry(reads, vec![import, rename])
        .event("imported", Invalidation::new().everything())
        .audit();
    assert_eq!(audit.edges.len(), 3);
    assert!(
        matches!(&audit.warnings[..], [Warning::NeverInvalidated { template, .. }] if template == "lonely"),
        "{audit}"
    );
}

#[test]
fn a_registry_can_be_narrowed() {
    let both = vec![read("lms::a", "a", &[]), read("tests::b", "b", &[])];
    let all = registry(both, vec![write("tests::w"), write("lms::w")]);
    let mut all = all;
    all.learnt = vec![vec!["b"], vec!["a"]];
    let narrow = all.within("lms::");
    assert_eq!((narrow.cached.len(), narrow.invalidating.len()), (1, 1));
    assert_eq!(narrow.learnt, [vec!["a"]]);
}

#[test]
fn a_target_in_another_cache_is_told() {
    let own = |path: &str, template| CachedFunction {
        cache: Some("&self.cache"),
        ..read(path, template, &["all"])
    };
    let of = |write: InvalidatingFunction| {
        let reads = vec![
            own("lms::courses::course", "course:<id>"),
            read("lms::users::user", "user:<id>", &[]),
        ];
        let warnings = registry(reads, vec![write]).audit().warnings;
        let others = warnings.into_iter().filter_map(|warning| match warning {
            Warning::OtherCache { target, .. } => Some(target),
            _ => None,
        });
        others.collect::<Vec<_>>()
    };
    let by = |keys: &[&'static str]| InvalidatingFunction {
        keys: keys.to_vec(),
        ..write("lms::courses::rename")
    };
    assert_eq!(of(by(&["course:<id>", "user:<id>"])), ["course:<id>"]);
    let named =
        InvalidatingFunction { cache: Some("cache()"), ..by(&["course:<id>", "user:<id>"]) };
    assert_eq!(of(named), ["user:<id>"], "two texts may be one cache");
    let tagged = InvalidatingFunction { tags: vec!["all"], ..by(&[]) };
    assert_eq!(of(tagged), ["all"]);
    let wide = InvalidatingFunction { patterns: vec!["*"], ..by(&[]) };
    assert_eq!(of(wide), [""; 0], "it meets a function of its own cache too");
    let called = InvalidatingFunction { calls: vec!["Self::course"], ..by(&[]) };
    assert_eq!(of(called), [""; 0], "a call goes to the function's cache");
    let within = InvalidatingFunction { in_transaction: true, ..by(&["course:<id>"]) };
    assert_eq!(of(within), [""; 0], "the pool has a cache");
}
