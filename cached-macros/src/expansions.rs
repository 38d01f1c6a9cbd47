//! Snapshots of whole expansions, and what must hold for all of them: the body once, little around it.

use crate::entry;
use proc_macro2::TokenStream;

fn pretty(tokens: TokenStream) -> String {
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"));
    prettyplease::unparse(&file)
}

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap()
}

fn cached(options: &str, item: &str) -> String {
    pretty(entry::cached(tokens(options), tokens(item)))
}

fn invalidates(options: &str, item: &str) -> String {
    pretty(entry::invalidates(tokens(options), tokens(item)))
}

/// The item inside of an impl block, where prettyplease accepts `self`.
fn in_impl(expanded: &TokenStream) -> String {
    pretty(quote::quote!(impl Repo { #expanded }))
}

const COURSE: &str = "
    pub async fn course(&self, school: u32, id: Uuid) -> Result<Course, sqlx::Error> {
        self.pool.fetch(BODY, school, id).await
    }
";

const SMALL: &str = "
    pub async fn small(&self, id: Uuid) -> sqlx::Result<Course> {
        self.pool.fetch(BODY, id).await
    }
";

const COURSE_OPTIONS: &str = r#"ttl = "medium", key = "course:<school>:<id>", tags = ["school:<school>", "teacher:<return.teacher_id>"]"#;

const RENAME: &str = "
    pub async fn rename(&self, id: Uuid, title: &str) -> Result<Course, sqlx::Error> {
        self.pool.execute(BODY, id, title).await
    }
";

const RENAME_OPTIONS: &str = r#"Self::course(id), self.recent(&title), tags = ["teacher:<return.teacher_id>", "course:<id>:<return.id>"], pattern = "dashboard:*""#;

#[test]
fn a_cached_method() {
    let expanded = entry::cached(tokens(COURSE_OPTIONS), tokens(COURSE));
    insta::assert_snapshot!(in_impl(&expanded));
}

#[test]
fn an_invalidating_method() {
    let expanded = entry::invalidates(tokens(RENAME_OPTIONS), tokens(RENAME));
    insta::assert_snapshot!(in_impl(&expanded));
}

#[test]
fn a_method_in_a_transaction() {
    let options = r#"in = self.tx, Self::course(id), tags = "teacher:<return.*.id>""#;
    let item = "async fn rename(&mut self, id: u32) -> Vec<Teacher> { BODY }";
    insta::assert_snapshot!(in_impl(&entry::invalidates(tokens(options), tokens(item))));
}

#[test]
fn a_small_function_gains_at_most_25_lines_and_holds_its_body_once() {
    for (before, after) in [
        (SMALL, entry::cached(tokens(r#"ttl = "short", key = "course:<id>""#), tokens(SMALL))),
        (
            SMALL,
            entry::invalidates(tokens(r#"Self::course(id), pattern = "page:*""#), tokens(SMALL)),
        ),
    ] {
        let (before, after) = (in_impl(&tokens(before)), in_impl(&after));
        assert_eq!(after.matches("BODY").count(), 1, "{after}");
        let added = after.lines().count() - before.lines().count();
        assert!(added <= 25, "{added} lines were added:\n{after}");
    }
}

#[test]
fn every_option_at_once() {
    insta::assert_snapshot!(cached(
        r#"ttl = |course: &Course| course.ttl(), skip(pool), local = "10s", none = "short", version = 3, codec = Codec::Json,
           cache_if = Course::is_public, cache = ctx.cache, tags = ["org:<ctx.org>:teacher:<return.0.id:hash>"],
           key = "course:<id:hash>:<ctx.org>""#,
        "#[tracing::instrument(skip_all)]
         #[cfg(feature = \"courses\")]
         async fn course(pool: &Pool, ctx: Ctx, id: String) -> Result<Course, Error> { #![allow(unused)] BODY }",
    ));
}

#[test]
fn a_method_that_is_called_again_in_the_background() {
    let expanded = entry::cached(
        tokens(
            r#"stale_while_revalidate = "10s", stale_if_error = "day", stale_if = E::is_passing, early_refresh, key = "course:<T>:<id>:<name>:<some>""#,
        ),
        tokens(
            "pub async fn course<T>(&self, id: T, name: &str, some: Option<&u32>) -> Result<u8, E> where T: Clone { BODY }",
        ),
    );
    insta::assert_snapshot!(in_impl(&expanded));
}

#[test]
fn a_key_part() {
    let item = "enum Order<T> where T: Copy { ByTitle, By { field: T, descending: bool } }";
    let of_enum = entry::key_part(tokens(item));
    let of_struct = entry::key_part(tokens("struct CourseId(Uuid);"));
    insta::assert_snapshot!(pretty(quote::quote!(#of_enum #of_struct)));
}

#[test]
fn a_batch() {
    let expanded = entry::cached(
        tokens(
            r#"batch = ids, key = "course:<school>:<ids.0>", tags = ["all", "teacher:<return.teacher>:<ids>"], cache = self.cache"#,
        ),
        tokens(
            "pub async fn courses(&self, school: u32, ids: &[Id]) -> Result<HashMap<Id, Course>, E> { BODY }",
        ),
    );
    insta::assert_snapshot!(in_impl(&expanded));
}

#[test]
fn a_default_key_with_generics_and_patterns() {
    insta::assert_snapshot!(cached(
        "skip(pool, E)",
        "pub(crate) async fn find<'a, E, T, const N: usize>(
             pool: E, Path(mut id): Path<Uuid>, (a, _): (u32, u32), name: &'a str, _: u8,
         ) -> sqlx::Result<T> where E: Executor<'a>, T: Clone { BODY }",
    ));
}

#[test]
fn the_shape_of_async_trait() {
    let expanded = entry::cached(
        tokens("__in_trait_impl(; Courses), key = \"course:<id>\""),
        tokens(
            "fn course<'life0, 'async_trait>(&'life0 self, id: u64)
                 -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = Result<u8, E>> + ::core::marker::Send + 'async_trait>>
             where 'life0: 'async_trait, Self: 'async_trait
             { Box::pin(async move { let __self = self; BODY }) }",
        ),
    );
    insta::assert_snapshot!(in_impl(&expanded));
}

#[test]
fn an_impl_block_marks_its_methods() {
    insta::assert_snapshot!(cached(
        "",
        "#[async_trait]
         impl<T: Send, U> Courses<U> for Repo<T> where U: Sync {
             type Id = u64;
             const LIMIT: usize = 3;
             #[cached(key = \"course:<id>\", ttl = \"day\")]
             async fn course(&self, id: Self::Id) -> Result<u8, E> { BODY }
             #[cached_core::cached]
             async fn all(&self) -> Vec<u8> { BODY }
             async fn other(&self) { BODY }
         }",
    ));
}

#[test]
fn an_event_over_the_returned_value() {
    insta::assert_snapshot!(invalidates(
        "courses::list::<Open>(page), with = move |course| { if course.draft { return none(); } changed(course) }",
        "async fn save(page: u32, course: Course) -> Result<Course, Error> { BODY }",
    ));
}

#[test]
fn a_half_typed_body_is_passed_on() {
    let expanded = entry::cached(tokens(""), tokens("async fn f(id: u32) -> u32 { id. }"));
    assert!(expanded.to_string().contains("id . }"), "{expanded}");
}

#[test]
fn an_error_keeps_the_item_and_adds_a_stand_in() {
    insta::assert_snapshot!(cached(
        "tll = \"short\", key = \"course:<idd>\"",
        "pub async fn course(id: Uuid, user: u32) -> Result<Course, Error> { BODY }",
    ));
}

#[test]
fn a_renamed_crate_is_named_everywhere() {
    let read = cached(
        r#"crate = renamed, ttl = "1s", none = off, cache = CACHE, tags = ["a:<id>:<return>", "b"]"#,
        "async fn f(id: u32) -> u32 { 1 }",
    );
    let write = invalidates(
        r#"crate = renamed, f(1), pattern = "a:*", key = "b:<id>:<return>", cache = id.cache"#,
        "async fn g(id: u32) -> u32 { 1 }",
    );
    for expanded in [read, write] {
        assert!(expanded.contains("renamed::__private"), "{expanded}");
        assert!(!expanded.contains("cached_core"), "{expanded}");
    }
}

#[test]
fn key_gives_a_key_or_a_pattern() {
    let expanded = entry::key(tokens(r#""course:<id>:<user.org.0:hash>""#));
    insta::assert_snapshot!("key", pretty(quote::quote!(const K: () = #expanded;)));
    let expanded = entry::key(tokens(
        r#"crate = $crate::renamed; "course:<self.org>:*:?","#.replace('$', "").as_str(),
    ));
    insta::assert_snapshot!("pattern", pretty(quote::quote!(const K: () = #expanded;)));
}
