//! The rules, one named `check_*` each, with its reason. They report and change nothing.

mod arguments;
mod background;
mod batch;
mod containers;
mod opaque;
mod options;
mod rendering;
mod returned;
mod signature;

use crate::ctxt::Ctxt;
use crate::read::Read;
use crate::write::Write;
use rendering::User;

/// The rules of `#[cached]`.
pub(crate) fn read(read: &Read, ctxt: &Ctxt) {
    signature::check_beside(&read.function, &["cached", "invalidates"], ctxt);
    signature::check_name(&read.function, ctxt);
    signature::check_async(&read.function, ctxt);
    signature::check_nothing_before_box(&read.function, ctxt);
    signature::check_plain(&read.function, ctxt);
    signature::check_receiver_unchanged(&read.function, ctxt);
    signature::check_named_arguments(&read.function, ctxt);
    returned::check_returns_value(&read.function, ctxt);
    returned::check_value_is_named_type(&read.function, ctxt);
    returned::check_value_is_owned(&read.function, ctxt);
    options::check_some_tier(&read.options, ctxt);
    options::check_codec(&read.options, ctxt);
    options::check_closures(&read.options, ctxt);
    background::check_local_tier(&read.options, ctxt);
    background::check_arguments_owned(read, ctxt);
    background::check_trait_known(read, ctxt);
    background::check_stale_if(&read.options, ctxt);
    background::check_timeout_error(&read.options, ctxt);
    batch::check_ids(read, ctxt);
    batch::check_options(read, ctxt);
    arguments::check_skip_names_arguments(read, ctxt);
    if let Some(key) = &read.key {
        arguments::check_skip_not_in_key(read, key, ctxt);
        arguments::check_arguments_in_key(read, key, ctxt);
        arguments::check_parameters_in_key(read, key, ctxt);
        arguments::check_arguments_are_there(read, key, ctxt);
        opaque::check_types_have_names(read, key, ctxt);
    }
    let renderings = read.key.iter().chain(&read.tags);
    rendering::check_stable(&read.function, renderings, User::Read, ctxt);
}

/// The rules of `#[invalidates]`.
pub(crate) fn write(write: &Write, ctxt: &Ctxt) {
    signature::check_beside(&write.function, &["cached"], ctxt);
    signature::check_name(&write.function, ctxt);
    signature::check_async(&write.function, ctxt);
    signature::check_nothing_before_box(&write.function, ctxt);
    signature::check_plain(&write.function, ctxt);
    returned::check_output_is_named_type(&write.function, ctxt);
    options::check_with_closure(write, ctxt);
    options::check_one_destination(&write.options, ctxt);
    let renderings = write.targets.iter().map(|target| &target.rendering);
    rendering::check_stable(&write.function, renderings, User::Write, ctxt);
}
