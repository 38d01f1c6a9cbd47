//! The cache map of the application, as the linker lists it: clean, with every write in it, and true for each of them.

use cached_core::registry::{Registry, Warning};
use lms::repository::cache_map;

#[test]
fn the_audit_of_the_application_is_clean() {
    let audit = cache_map(Registry::linked()).audit();
    assert!(audit.is_clean(), "{audit}");
}

#[test]
fn the_audit_would_tell_a_read_that_no_write_names() {
    let mut registry = cache_map(Registry::linked());
    let mut forgotten = registry.cached[0].clone();
    (forgotten.template, forgotten.tags) = ("forgotten:<id>", Vec::new());
    registry.cached.push(forgotten);
    let audit = registry.audit();
    let [Warning::NeverInvalidated { template, .. }] = &audit.warnings[..] else {
        panic!("{audit}");
    };
    assert_eq!(template, "forgotten:<id>");
}

#[test]
fn every_write_is_in_the_map_and_invalidates_something() {
    let audit = cache_map(Registry::linked()).audit();
    let writes: Vec<&str> = audit.registry.invalidating.iter().map(|write| &*write.path).collect();
    for write in [
        "accounts::log_out",
        "admins::edit",
        "assessments::give",
        "course_writes::create",
        "course_writes::move_on",
        "course_writes::rename",
        "course_writes::set",
        "enrolments::let_out",
        "enrolments::take_in",
        "import::store",
        "payments::complete",
        "students::edit",
        "teachers::edit",
    ] {
        let path = format!("lms::repository::{write}");
        let at = writes.iter().position(|path_of| **path_of == path);
        let at = at.unwrap_or_else(|| panic!("{path} is not in {writes:?}"));
        assert!(audit.edges.iter().any(|edge| edge.write == at), "{path} invalidates nothing");
    }
}
