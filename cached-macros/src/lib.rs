//! The macros of cached-core: `#[cached]`, `#[invalidates]`, `key!` and `#[derive(KeyPart)]`. Use them through cached-core.
//!
//! `parse -> model -> check -> expand`: `options` and `template` read what is written, `read` and `write` hold it
//! with names resolved, `check` has one function per rule, `expand` emits calls of `cached_core::__private`.
//! All errors of a call are reported at once, at the span of their cause. No policy lives here.

mod associated;
mod batch;
mod boxed;
mod captured;
mod check;
mod ctxt;
mod default_key;
mod duration;
mod entry;
mod expand;
mod function;
mod impl_block;
mod item;
mod key_part;
mod options;
mod owned;
mod read;
mod rendering;
mod resolve;
mod suffix;
mod suggest;
mod template;
mod write;

#[cfg(test)]
mod expansions;

use proc_macro::TokenStream;

/// Caches what an `async fn` returns.
///
/// ```text
/// #[cached(ttl = "medium", key = "course:<id>", tags = ["teacher:<return.teacher_id>"])]
/// pub async fn course(&self, id: Uuid) -> Result<Course, sqlx::Error> { /* query */ }
/// ```
///
/// | option | meaning |
/// |---|---|
/// | `ttl = "medium"` | `short` (60 s), `medium` (5 min, the default), `long` (30 min), `very_long` (1 h), `day`; a duration (`"1h30m"`); a `Duration` expression; or a closure over the value |
/// | `key = "course:<id>"` | the key; by default the function's path and all its arguments |
/// | `tags = ["teacher:<return.teacher_id>"]` | what the entry can be invalidated by |
/// | `skip(pool, ctx)` | arguments that the result does not depend on |
/// | `local = "10s"`, `local = off` | how long the copy in this process may live, or no copy |
/// | `remote = off` | nothing in the shared tier |
/// | `none = "short"`, `none = off` | how long `None` is cached, or not at all |
/// | `cache_if = \|value\| ..` | whether to store a value |
/// | `stale_while_revalidate = "10s"` | how long after its lifetime a value is served while it is loaded anew |
/// | `stale_if_error = "10m"` | how long after its lifetime a value is served in place of an error |
/// | `stale_if = \|error\| ..` | in place of which errors: of all, unless it is said |
/// | `early_refresh` | lets one caller load anew a little before the lifetime ends |
/// | `timeout = "2s"` | how long a load is waited for; then a stale value is served, or an error made by `From<LoadTimeout>` |
/// | `timeout_error = EXPR` | the error to return then |
/// | `batch = ids` | many ids at once, each cached under its own key; the function returns a map |
/// | `cache = EXPR` | another cache than the installed one |
/// | `version = 2` | changes when the value's meaning does; older entries are misses |
/// | `codec = Codec::MessagePack` | how values are written in the shared tier, if not as the cache writes |
/// | `crate = path` | where cached-core is, if it was renamed |
///
/// `Result<T, E>` caches `Ok`; aliases of `Result` behave the same. Every argument is in the key or in `skip`.
/// On an `impl Trait for Type` block, without options, it lets methods inside be named by `#[invalidates]`.
///
/// # Cancel safety
/// Dropping the future drops the body's; other callers that wait for it load for themselves.
#[proc_macro_attribute]
pub fn cached(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::cached(args.into(), item.into()).into()
}

/// Invalidates cached values after an `async fn` that changed what they were made of, whatever it returned.
///
/// ```text
/// #[invalidates(Self::course(id), Self::active_courses(), pattern = "dashboard:*")]
/// pub async fn rename_course(&self, id: Uuid, title: &str) -> Result<(), sqlx::Error> { /* update */ }
/// ```
///
/// | element | meaning |
/// |---|---|
/// | `Self::course(id)` | the entry of a cached function; checked by the compiler |
/// | `key = "course:<id>"` | a key, or a list of them |
/// | `tags = ["teacher:<return.teacher_id>"]` | every entry with the tag |
/// | `pattern = "dashboard:*"` | every key that matches; `*` any text, `?` one byte |
/// | `with = EXPR`, `with = \|value\| ..` | an `Invalidation` |
/// | `in = tx` | a transaction, whose commit applies all of it (`cached_postgres::CachedTransaction`) |
/// | `cache = EXPR`, `crate = path` | as for `#[cached]` |
///
/// What names no `return` is rendered before the body runs, and applies on failure too: an error can hide a
/// commit. What names `return` applies on success.
///
/// # Cancel safety
/// If the future is dropped after its body began, the invalidation takes place all the same; with `in`, if the
/// transaction is committed.
#[proc_macro_attribute]
pub fn invalidates(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::invalidates(args.into(), item.into()).into()
}

/// Renders a `Key` from variables in scope, or a `Pattern` if the template holds `*` or `?`.
///
/// ```text
/// let one = key!("course:<id>");
/// let many = key!("dashboard:<user.id>:*");
/// ```
#[proc_macro]
pub fn key(input: TokenStream) -> TokenStream {
    entry::key(input.into()).into()
}

/// Lets a type of yours stand in a key: a newtype as what it holds, several fields as a list, a variant of an enum by its
/// name.
///
/// ```text
/// #[derive(KeyPart)]
/// struct CourseId(Uuid);
/// ```
///
/// In a crate that renamed cached-core: `#[key_part(crate = ::my_cache)]`.
#[proc_macro_derive(KeyPart, attributes(key_part))]
pub fn key_part(item: TokenStream) -> TokenStream {
    entry::key_part(item.into()).into()
}
