//! What each mistake in the use of the macros says. One test, since every trybuild run builds a project of its own;
//! right use is in `pass`, which cached-tests runs.

#[test]
fn fail() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}
