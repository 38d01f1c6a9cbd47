//! The expansion of `key!`: a `Key`, or a `Pattern`.

use super::{Private, steps};
use crate::rendering::Rendering;
use proc_macro2::TokenStream;

/// `Key::render(|k| { .. })`
pub(crate) fn key(rendering: &Rendering, is_pattern: bool, private: &Private) -> TokenStream {
    let ty = if is_pattern { "Pattern" } else { "Key" };
    steps::rendered(private, ty, &steps::chain(rendering, ""))
}
