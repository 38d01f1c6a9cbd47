//! Recognises the shape that `#[async_trait]` leaves: a function that returns a boxed future, made by
//! `Box::pin(async move { .. })` at the end of its body.

use crate::item::FnItem;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{GenericArgument, Ident, PathArguments, PathSegment, ReturnType, Type, TypeParamBound};

/// The parts of such a function.
pub(crate) struct Boxed {
    /// What the future resolves to.
    pub(crate) output: Type,
    /// Statements before `Box::pin(..)`: an error elsewhere.
    pub(crate) statements: TokenStream,
    /// The `Box::pin` before the parentheses.
    path: TokenStream,
    /// The parentheses, for their span.
    parens: Group,
    /// The braces of the async block.
    pub(crate) block: Group,
}

impl Boxed {
    pub(crate) fn recognise(item: &FnItem) -> Option<Self> {
        if item.sig.asyncness.is_some() {
            return None;
        }
        let output = boxed_output(&item.sig.output)?;
        let mut tokens: Vec<TokenTree> = item.body.stream().into_iter().collect();
        let Some(TokenTree::Group(parens)) = tokens.pop() else { return None };
        if parens.delimiter() != Delimiter::Parenthesis || !ends_in(&tokens, "pin") {
            return None;
        }
        let block = async_block(parens.stream())?;
        let path = tokens.split_off(path_begins(&tokens));
        let (statements, path) = (tokens.into_iter().collect(), path.into_iter().collect());
        Some(Self { output, statements, path, parens, block })
    }

    /// The function's body, with another content of the async block.
    pub(crate) fn body(&self, content: &TokenStream) -> TokenStream {
        let mut parens = Group::new(Delimiter::Parenthesis, quote!(async move { #content }));
        parens.set_span(self.parens.span());
        let Self { statements, path, .. } = self;
        quote!(#statements #path #parens)
    }

    /// Whether the block begins with `let name = name;` and does no more with it, as it does for `_` by value.
    pub(crate) fn only_keeps(&self, name: &Ident) -> bool {
        let tokens: Vec<String> =
            self.block.stream().into_iter().map(|it| it.to_string()).collect();
        let (name, uses) = (name.to_string(), mentions_in(&self.block.stream(), name));
        uses == 2 && tokens.windows(5).any(|it| *it == ["let", &name, "=", &name, ";"])
    }
}

fn mentions_in(tokens: &TokenStream, name: &Ident) -> usize {
    let count = |token: TokenTree| match token {
        TokenTree::Ident(ident) => usize::from(ident == *name),
        TokenTree::Group(group) => mentions_in(&group.stream(), name),
        _ => 0,
    };
    tokens.clone().into_iter().map(count).sum()
}

fn ends_in(tokens: &[TokenTree], name: &str) -> bool {
    matches!(tokens.last(), Some(TokenTree::Ident(ident)) if ident == name)
}

/// Where the path at the end begins: `Box::pin`, `::std::boxed::Box::pin`.
fn path_begins(tokens: &[TokenTree]) -> usize {
    let is_colon = |at: usize| matches!(&tokens[at], TokenTree::Punct(it) if it.as_char() == ':');
    let mut begins = tokens.len() - 1;
    while begins >= 2 && is_colon(begins - 1) && is_colon(begins - 2) {
        begins -= 2;
        if !(begins >= 1 && matches!(tokens[begins - 1], TokenTree::Ident(_))) {
            break;
        }
        begins -= 1;
    }
    begins
}

/// `async move { .. }`
fn async_block(tokens: TokenStream) -> Option<Group> {
    let mut tokens = tokens.into_iter();
    let mut word = |expected: &str| matches!(tokens.next(), Some(TokenTree::Ident(ident)) if ident == expected);
    if !(word("async") && word("move")) {
        return None;
    }
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(block)), None) if block.delimiter() == Delimiter::Brace => {
            Some(block)
        }
        _ => None,
    }
}

/// The `R` of `Pin<Box<dyn Future<Output = R> + ..>>`.
fn boxed_output(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, ty) = output else { return None };
    let Type::TraitObject(future) = argument(argument(ty, "Pin")?, "Box")? else { return None };
    future.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            output_of(last.ident == "Future", last)
        }
        _ => None,
    })
}

fn output_of(is_future: bool, segment: &PathSegment) -> Option<Type> {
    let PathArguments::AngleBracketed(args) = &segment.arguments else { return None };
    args.args.iter().filter(|_| is_future).find_map(|arg| match arg {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(assoc.ty.clone()),
        _ => None,
    })
}

/// The first type argument of a path that ends in `name`.
fn argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    args.args.iter().find_map(|arg| match arg {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens as _;

    fn recognise(text: &str) -> Option<Boxed> {
        Boxed::recognise(&syn::parse_str(text).unwrap())
    }

    #[test]
    fn the_shape_of_async_trait_is_taken_apart() {
        let boxed = recognise(
            "fn f<'life0, 'async_trait>(&'life0 self) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = \
             Result<u8, E>> + ::core::marker::Send + 'async_trait>> where 'life0: 'async_trait { \
             Box::pin(async move { BODY }) }",
        )
        .unwrap();
        assert_eq!(boxed.output.to_token_stream().to_string(), "Result < u8 , E >");
        assert_eq!(boxed.block.to_string(), "{ BODY }");
        assert_eq!(boxed.body(&quote!(NEW)).to_string(), "Box :: pin (async move { NEW })");
    }

    #[test]
    fn statements_before_the_box_are_told_from_its_path() {
        for path in ["Box::pin", "std::boxed::Box::pin", "::std::boxed::Box::pin"] {
            for (before, expected) in [("", ""), ("let a = 1;", "let a = 1 ;"), ("{ b }", "{ b }")]
            {
                let text = format!(
                    "fn f() -> Pin<Box<dyn Future<Output = u8>>> {{ {before} {path}(async move {{ 1 }}) }}"
                );
                let boxed = recognise(&text).unwrap();
                assert_eq!(boxed.statements.to_string(), expected, "{text}");
                assert!(boxed.body(&quote!(NEW)).to_string().starts_with(expected), "{text}");
            }
        }
    }

    #[test]
    fn other_shapes_are_left_alone() {
        for text in [
            "async fn f() -> u8 { 1 }",
            "fn f() -> Pin<Box<dyn Future<Output = u8>>> { make() }",
            "fn f() -> BoxFuture<'static, u8> { Box::pin(async move { 1 }) }",
            "fn f() -> Pin<Box<dyn Stream<Item = u8>>> { Box::pin(async move { 1 }) }",
        ] {
            assert!(recognise(text).is_none(), "{text}");
        }
    }
}
