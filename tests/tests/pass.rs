//! Right use of the macros, one file a subject or option: each compiles and runs in a cache of its own.

#[path = "../ui/pass/arguments.rs"]
mod arguments;
#[path = "../ui/pass/async_trait.rs"]
mod async_trait;
#[path = "../ui/pass/companions.rs"]
mod companions;
#[path = "../ui/pass/default_keys.rs"]
mod default_keys;
#[path = "../ui/pass/derive_key_part.rs"]
mod derive_key_part;
#[path = "../ui/pass/each_argument.rs"]
mod each_argument;
#[path = "../ui/pass/each_returned.rs"]
mod each_returned;
#[path = "../ui/pass/future_size.rs"]
mod future_size;
#[path = "../ui/pass/generics.rs"]
mod generics;
#[path = "../ui/pass/hygiene.rs"]
mod hygiene;
#[path = "../ui/pass/in_macros.rs"]
mod in_macros;
#[path = "../ui/pass/inference.rs"]
mod inference;
#[path = "../ui/pass/invalidates.rs"]
mod invalidates;
#[path = "../ui/pass/key_macro.rs"]
mod key_macro;
#[path = "../ui/pass/lints.rs"]
mod lints;
#[path = "../ui/pass/not_sync.rs"]
mod not_sync;
#[path = "../ui/pass/option_batch.rs"]
mod option_batch;
#[path = "../ui/pass/option_cache.rs"]
mod option_cache;
#[path = "../ui/pass/option_cache_if.rs"]
mod option_cache_if;
#[path = "../ui/pass/option_codec.rs"]
mod option_codec;
#[path = "../ui/pass/option_crate.rs"]
mod option_crate;
#[path = "../ui/pass/option_early_refresh.rs"]
mod option_early_refresh;
#[path = "../ui/pass/option_in.rs"]
mod option_in;
#[path = "../ui/pass/option_key.rs"]
mod option_key;
#[path = "../ui/pass/option_local.rs"]
mod option_local;
#[path = "../ui/pass/option_none.rs"]
mod option_none;
#[path = "../ui/pass/option_pattern.rs"]
mod option_pattern;
#[path = "../ui/pass/option_remote.rs"]
mod option_remote;
#[path = "../ui/pass/option_skip.rs"]
mod option_skip;
#[path = "../ui/pass/option_stale_if.rs"]
mod option_stale_if;
#[path = "../ui/pass/option_stale_if_error.rs"]
mod option_stale_if_error;
#[path = "../ui/pass/option_stale_while_revalidate.rs"]
mod option_stale_while_revalidate;
#[path = "../ui/pass/option_tags.rs"]
mod option_tags;
#[path = "../ui/pass/option_timeout.rs"]
mod option_timeout;
#[path = "../ui/pass/option_timeout_error.rs"]
mod option_timeout_error;
#[path = "../ui/pass/option_ttl.rs"]
mod option_ttl;
#[path = "../ui/pass/option_version.rs"]
mod option_version;
#[path = "../ui/pass/option_with.rs"]
mod option_with;
#[path = "../ui/pass/other_attributes.rs"]
mod other_attributes;
#[path = "../ui/pass/receivers.rs"]
mod receivers;
#[path = "../ui/pass/results.rs"]
mod results;
#[path = "../ui/pass/trait_impl.rs"]
mod trait_impl;
#[path = "../ui/pass/transaction_by_value.rs"]
mod transaction_by_value;

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let cache = cached_core::Cache::builder().build().expect("the defaults are valid");
                cache.scope($name::run()).await;
            }
        )*

        #[test]
        fn every_file_is_a_case() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/pass");
            for entry in std::fs::read_dir(folder).expect("the folder is there") {
                let path = entry.expect("the entry is readable").path();
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                assert!([$(stringify!($name)),*].contains(&name.as_str()), "add {name} to tests/pass.rs");
            }
        }
    };
}

cases! {
    arguments
    async_trait
    companions
    default_keys
    derive_key_part
    each_argument
    each_returned
    future_size
    generics
    hygiene
    in_macros
    inference
    invalidates
    key_macro
    lints
    not_sync
    option_batch
    option_cache
    option_cache_if
    option_codec
    option_crate
    option_early_refresh
    option_in
    option_key
    option_local
    option_none
    option_pattern
    option_remote
    option_skip
    option_stale_if
    option_stale_if_error
    option_stale_while_revalidate
    option_tags
    option_timeout
    option_timeout_error
    option_ttl
    option_version
    option_with
    other_attributes
    receivers
    results
    trait_impl
    transaction_by_value
}
