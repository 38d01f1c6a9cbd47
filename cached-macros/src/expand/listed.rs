//! What an invalidating function tells the list of annotated functions.

use super::{Private, steps, word};
use crate::options::{Call, With};
use crate::write::{Kind, Write};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Expr;
use syn::ext::IdentExt as _;

/// `write_site!("rename", calls(&["Self::course"]), ..)`: a static with what is known at compile time.
pub(super) fn write(write: &Write, private: &Private) -> TokenStream {
    let site = Span::mixed_site();
    let name = write.function.name();
    let mut settings = TokenStream::new();
    let mut set = |method: &str, argument: TokenStream| {
        let method = word(method);
        settings.extend(quote_spanned!(site=> , #method(#argument)));
    };
    let calls: Vec<String> = write.options.calls.iter().map(path_of).collect();
    if !calls.is_empty() {
        set("calls", quote_spanned!(site=> &[#(#calls),*]));
    }
    for (method, wanted) in [("keys", Kind::Key), ("tags", Kind::Tag), ("patterns", Kind::Pattern)]
    {
        let of_kind = write.targets.iter().filter(|target| target.kind == wanted);
        let mut templates =
            of_kind.filter_map(|target| target.rendering.literal.as_ref()).peekable();
        if templates.peek().is_some() {
            set(method, quote_spanned!(site=> &[#(#templates),*]));
        }
    }
    if let Some(cache) = write.options.cache.get() {
        set("cache", steps::as_text(cache));
    }
    if write.options.within.get().is_some() {
        set("in_transaction", TokenStream::new());
    }
    match write.options.with.get() {
        Some(With::Value(event)) => set("event", steps::as_text(event)),
        Some(With::Returned(closure)) => set("event", steps::as_text(closure)),
        None => {}
    }
    quote_spanned!(site=> #private::write_site!(#name #settings))
}

/// `Self::course`, without arguments and generics.
fn path_of(call: &Call) -> String {
    match call {
        Call::Method(call) => format!("self.{}", call.method.unraw()),
        Call::Function(call) => match &*call.func {
            Expr::Path(path) => {
                let segments =
                    path.path.segments.iter().map(|segment| segment.ident.unraw().to_string());
                segments.collect::<Vec<_>>().join("::")
            }
            other => other.to_token_stream().to_string(),
        },
    }
}
