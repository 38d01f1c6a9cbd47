//! Emits the steps of a rendering as a chain of `KeyBuf` methods.

use super::{Private, local, word};
use crate::rendering::{Part, Rendering, Root, Step};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;

/// `.literal("course:").part(&id)`, in the function `within`.
pub(super) fn chain(rendering: &Rendering, within: &str) -> TokenStream {
    chain_with(rendering, within, part)
}

/// The same, with parts emitted by `emit`.
pub(super) fn chain_with(
    rendering: &Rendering,
    within: &str,
    mut emit: impl FnMut(&Part) -> TokenStream,
) -> TokenStream {
    let site = Span::mixed_site();
    let mut chain = TokenStream::new();
    let mut steps = rendering.steps.iter().peekable();
    while let Some(step) = steps.next() {
        chain.extend(match step {
            Step::Text(text) => quote_spanned!(site=> .literal(#text)),
            Step::Origin(function) => {
                let mut text = format!("::{function}");
                if let Some(Step::Text(more)) = steps.peek() {
                    text.push_str(more);
                    steps.next();
                }
                quote_spanned!(site=> .origin(&|| {}, #within).literal(#text))
            }
            Step::Module(function) => {
                // One literal with the separator that follows.
                let mut text = format!("::{function}");
                if let Some(Step::Text(more)) = steps.peek() {
                    text.push_str(more);
                    steps.next();
                }
                quote_spanned!(site=> .literal(::core::concat!(::core::module_path!(), #text)))
            }
            Step::AnyText => quote_spanned!(site=> .any()),
            Step::AnyByte => quote_spanned!(site=> .any_char()),
            Step::Part(part) => emit(part),
        });
    }
    chain
}

/// `.part(&id)`, or `.part(&each0.field)` inside of a collection.
pub(super) fn part(part: &Part) -> TokenStream {
    if let Root::Type(ident) = &part.root {
        return quote_spanned!(part.span=> .type_name::<#ident>());
    }
    let value = element(&part.root, part.each.len());
    of(part, &quote!(#value))
}

/// `.part(&(*id))`, for a variable behind a reference: the same value, so the same errors, as [`part`] has in the
/// function.
pub(super) fn lent_part(part: &Part, is_lent: impl Fn(&Ident) -> bool) -> TokenStream {
    match &part.root {
        Root::Variable(ident) if is_lent(ident) => of(part, &quote_spanned!(part.span=> (*#ident))),
        _ => self::part(part),
    }
}

/// What a part begins with: the whole, or an element of its collections at a depth.
fn element(root: &Root, depth: usize) -> Ident {
    match (depth.checked_sub(1), root) {
        (Some(depth), _) => local(&format!("each{depth}")),
        (None, Root::Returned) => local("value"),
        (
            None,
            Root::Variable(ident) | Root::Receiver(ident) | Root::Type(ident) | Root::Const(ident),
        ) => ident.clone(),
    }
}

/// `for each0 in value.courses.iter() { .. }` around what a template with `.*` does for one element. `iter` is found
/// through `Arc` and `Box` too, and an `Option` has it.
pub(super) fn for_each(deepest: &Part, inside: TokenStream) -> TokenStream {
    let span = deepest.span.resolved_at(Span::mixed_site());
    deepest.each.iter().enumerate().rev().fold(inside, |inside, (depth, path)| {
        let (outer, inner) = (element(&deepest.root, depth), element(&deepest.root, depth + 1));
        quote_spanned!(span=> for #inner in #outer #(.#path)*.iter() { #inside })
    })
}

fn of(part: &Part, value: &TokenStream) -> TokenStream {
    let span = part.span;
    let fields = &part.fields;
    let value = quote_spanned!(span=> &#value #(.#fields)*);
    if part.hashed {
        quote_spanned!(span=> .hashed(#value))
    } else {
        quote_spanned!(span=> .part(#value))
    }
}

/// `Key::render(|k| { .. })`, or that of another type.
pub(super) fn rendered(private: &Private, ty: &str, chain: &TokenStream) -> TokenStream {
    let (ty, k) = (word(ty), local("k"));
    let site = Span::mixed_site();
    quote_spanned!(site=> #private::#ty::render(|#k| { #k #chain; }))
}

/// Source as a text literal, for people to read.
pub(super) fn as_text(source: &impl ToTokens) -> TokenStream {
    const LONGEST: usize = 120;
    let text = source.to_token_stream().to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    // As it is mostly written.
    let mut text = words.join(" ").replace(" . ", ".").replace(" :: ", "::").replace(" ()", "()");
    if let Some(borrowed) = text.strip_prefix("& ") {
        text = format!("&{borrowed}");
    }
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.replace_range(end.., "..");
    }
    text.to_token_stream()
}

/// A rendering that names `return` is finished after the body, when arguments may be gone: the parts that need
/// arguments are rendered before.
pub(super) struct AfterReturn {
    /// `EarlyPart::render(..)` of each part to render before.
    pub(super) before: Vec<TokenStream>,
    /// The chain for after the body; it takes the rendered parts from the array `early`.
    pub(super) chain: TokenStream,
}

/// Splits a rendering that names `return`. `rendered_already` is the number of keys in `early` before its own.
pub(super) fn after_return(
    rendering: &Rendering,
    name: &str,
    private: &Private,
    rendered_already: usize,
) -> AfterReturn {
    let mut before = Vec::new();
    let early = local("early");
    let chain = chain_with(rendering, name, |each| match &each.root {
        // Types are there at any time.
        Root::Returned | Root::Type(_) | Root::Const(_) => part(each),
        Root::Variable(_) | Root::Receiver(_) => {
            let at = proc_macro2::Literal::usize_unsuffixed(rendered_already + before.len());
            before.push(rendered(private, "EarlyPart", &part(each)));
            quote_spanned!(Span::mixed_site()=> .rendered(&#early[#at]))
        }
    });
    AfterReturn { before, chain }
}
