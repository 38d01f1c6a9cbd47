//! The contract, case by case.

mod backplane;
mod batches;
mod invalidation;
mod leases;
mod outage;
mod payloads;
mod stale_sets;
mod values;
mod windows;

use crate::process::World;
use std::future::Future;
use std::pin::Pin;

type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A promise that holds on every deployment.
pub struct Case {
    pub name: &'static str,
    pub run: for<'a> fn(&'a World<'a>) -> Running<'a>,
    /// Takes the server away: no other case may run meanwhile.
    pub alone: bool,
}

macro_rules! cases {
    (@alone) => { false };
    (@alone alone) => { true };
    ($($(#[$alone:ident])? $module:ident :: $name:ident),* $(,)?) => {
        vec![$(Case {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: |world| Box::pin($module::$name(world)),
            alone: cases!(@alone $($alone)?),
        }),*]
    };
}

pub fn all() -> Vec<Case> {
    cases![
        values::a_value_is_found_across_processes,
        values::binary_payloads_survive,
        values::large_payloads_survive,
        values::long_and_odd_keys,
        values::undecodable_bytes_are_misses,
        values::another_kind_of_value_is_left_alone,
        payloads::of_every_codec_survive,
        payloads::compressed_ones_survive,
        payloads::sealed_ones_survive_and_are_read_by_nobody_else,
        invalidation::by_key,
        invalidation::by_tag,
        invalidation::by_tag_of_the_value,
        invalidation::by_pattern,
        invalidation::by_pattern_over_many_keys,
        invalidation::of_everything,
        invalidation::of_many_keys_at_once,
        invalidation::a_lost_generation_makes_misses,
        invalidation::synchronous,
        stale_sets::by_key,
        stale_sets::by_tag,
        stale_sets::by_tag_of_the_value,
        stale_sets::by_pattern,
        windows::one_process_loads_anew_while_others_are_served,
        windows::an_error_is_answered_by_what_another_process_has_stored,
        windows::an_invalidation_takes_stale_entries,
        windows::a_load_over_a_stale_entry_refills_nothing_that_was_invalidated,
        windows::one_process_loads_over_a_stale_entry,
        batches::what_is_missing_is_loaded_at_once,
        batches::each_entry_is_invalidated_by_key_and_tag,
        batches::nothing_that_was_invalidated_is_refilled,
        batches::undecodable_bytes_are_replaced,
        leases::many_callers_cause_one_load,
        leases::many_keys_at_a_time_are_each_loaded_once,
        leases::a_dead_holder_delays_others_by_its_lease,
        leases::bytes_in_the_shape_of_a_lease_are_replaced,
        leases::a_failed_load_gives_the_lease_back,
        backplane::an_invalidation_is_heard,
        backplane::a_trimmed_stream_is_noticed,
        backplane::a_lost_stream_is_noticed,
        #[alone]
        outage::reads_and_writes_go_on_and_caching_resumes,
    ]
}

pub fn names() -> Vec<&'static str> {
    all().into_iter().map(|case| case.name).collect()
}
