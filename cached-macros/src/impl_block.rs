//! `#[cached]` on an `impl Trait for Type` block: marks the cached methods inside, and emits their companions in
//! an inherent impl, since a trait impl can hold nothing that its trait has not.

use crate::associated;
use crate::ctxt::Ctxt;
use crate::expand::{self, Place, Private};
use crate::function::{self, Function, ends_in};
use crate::item::FnItem;
use crate::options::{CachedOptions, InTraitImpl, Parameter};
use crate::read::Read;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, GenericParam, Generics, Meta, Path, Token, Type, TypePath, Visibility, WhereClause,
};

/// Whether an item is an impl block; only its first tokens are looked at.
pub(crate) fn is_impl(item: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        let found = input.peek(Token![impl]);
        input.parse::<TokenStream>()?;
        Ok(found)
    };
    syn::parse::Parser::parse2(parser, item.clone()).unwrap_or(false)
}

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let block = match syn::parse2::<ImplBlock>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = error.to_compile_error();
            return quote!(#error #item);
        }
    };
    let ctxt = Ctxt::new();
    block.check(args, &ctxt);
    match ctxt.finish() {
        Ok(()) => block.expand(),
        Err(errors) => {
            // Marked: where there is no impl for companions, the methods emit none of their own.
            let (marked, _) = block.marked(&block.divided().1);
            quote!(#errors #marked)
        }
    }
}

/// An impl block whose items are not parsed, so that half-typed ones stay as they are.
struct ImplBlock {
    attrs: Vec<Attribute>,
    unsafety: Option<Token![unsafe]>,
    impl_token: Token![impl],
    generics: Generics,
    trait_: Option<Path>,
    self_ty: Type,
    brace: syn::token::Brace,
    items: Vec<TokenStream>,
}

impl Parse for ImplBlock {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let unsafety = input.parse()?;
        let impl_token = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let first: Type = input.parse()?;
        let (trait_, self_ty) = match input.parse::<Option<Token![for]>>()? {
            None => (None, first),
            Some(token) => match function::ungrouped(&first) {
                Type::Path(TypePath { path, .. }) => (Some(path.clone()), input.parse()?),
                _ => return Err(syn::Error::new(token.span, "expected a trait before `for`")),
            },
        };
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        let content;
        let brace = syn::braced!(content in input);
        let items = split_items(content.parse()?);
        Ok(Self { attrs, unsafety, impl_token, generics, trait_, self_ty, brace, items })
    }
}

/// Cuts after every `;` and `{ .. }`: what stands between is an item, or a part of one that is left as it is. Braces before a
/// `>` or a `,` are an argument of a type, as in `Page<{ SIZE }>`, and no body.
fn split_items(tokens: TokenStream) -> Vec<TokenStream> {
    let mut items = Vec::new();
    let mut item = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => {
                let next = tokens.peek();
                group.delimiter() == Delimiter::Brace
                    && !matches!(next, Some(TokenTree::Punct(it)) if ['>', ','].contains(&it.as_char()))
            }
            _ => false,
        };
        item.extend([token]);
        if ends {
            items.push(std::mem::take(&mut item));
        }
    }
    items.push(item);
    items
}

impl ImplBlock {
    fn check(&self, args: TokenStream, ctxt: &Ctxt) {
        if !args.is_empty() {
            ctxt.error_over(
                args,
                "`#[cached]` on an impl block takes no options: write them at its methods",
            );
        }
        if self.trait_.is_none() {
            ctxt.error_at(
                self.impl_token.span,
                "`#[cached]` goes on an `impl Trait for Type`; in an inherent impl the attributes of the methods are \
                 enough",
            );
        }
        if self.trait_.is_some() && !self.may_be_own() {
            ctxt.error_over(
                &self.self_ty,
                "what `#[invalidates]` calls stands in an inherent impl, which this type cannot have here: move the \
                 body into a function, or a method of a type of your own, annotate that, and call it here",
            );
        }
        if !self.items.iter().any(|item| cached_method(item).is_some()) {
            ctxt.error_at(
                self.impl_token.span,
                "no method of this block has a `#[cached(..)]` of its own: annotate one, or remove this attribute",
            );
        }
    }

    /// Whether the type can be one of this crate, as far as it shows; of others the compiler tells.
    fn may_be_own(&self) -> bool {
        match function::ungrouped(&self.self_ty) {
            Type::Path(path) => {
                !self.generics.type_params().any(|param| path.path.is_ident(&param.ident))
            }
            ty => matches!(ty, Type::TraitObject(_) | Type::Macro(_)),
        }
    }

    /// Parameters of an inherent impl, and those of the trait alone.
    fn divided(&self) -> (Generics, Generics) {
        expand::divided(&self.generics, &self.self_ty.to_token_stream())
    }

    fn expand(&self) -> TokenStream {
        let Self { attrs, self_ty, .. } = self;
        let (own, outer) = self.divided();
        let (block, beside) = self.marked(&outer);
        let (own_params, _, own_where) = own.split_for_impl();
        let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        // An error about a type that is not of this crate points at it.
        let here = self_ty.span().resolved_at(Span::mixed_site());
        let own = quote_spanned!(here=> impl #own_params #self_ty #own_where { #beside });
        quote! {
            #block

            #(#cfgs)*
            #[doc(hidden)]
            #[allow(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
            #own
        }
    }

    /// The block with its methods marked, and what belongs beside them.
    fn marked(&self, outer: &Generics) -> (TokenStream, TokenStream) {
        let Self { attrs, unsafety, impl_token, generics, trait_, self_ty, .. } = self;
        let mut beside = TokenStream::new();
        let mut items = TokenStream::new();
        for item in &self.items {
            match cached_method(item) {
                Some((method, at)) => {
                    beside.extend(self.beside(&method, at, outer));
                    items.extend(marked(method, at, self.marker(outer)));
                }
                None => items.extend(item.clone()),
            }
        }
        let mut braces = proc_macro2::Group::new(Delimiter::Brace, items);
        braces.set_span(self.brace.span.join());
        let (params, _, where_clause) = generics.split_for_impl();
        let of_trait = trait_.as_ref().map(|path| quote!(#path for));
        let block = quote! {
            #(#attrs)*
            #unsafety #impl_token #params #of_trait #self_ty #where_clause #braces
        };
        (block, beside)
    }

    fn marker(&self, outer: &Generics) -> Option<InTraitImpl> {
        let outer = outer.params.iter().filter_map(|param| {
            let (is_const, name) = match param {
                GenericParam::Type(param) => (false, param.ident.clone()),
                GenericParam::Const(param) => (true, param.ident.clone()),
                GenericParam::Lifetime(_) => return None,
            };
            Some(Parameter { is_const, name })
        });
        Some(InTraitImpl { outer: outer.collect(), of: self.trait_.clone()? })
    }

    /// What belongs beside a method; errors in its options are reported by its own attribute.
    fn beside(&self, method: &FnItem, at: usize, outer: &Generics) -> TokenStream {
        let mut method = method.clone();
        let options = match method.attrs.remove(at).meta {
            Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        // In the inherent impl, `Self::Id` would not find the trait's associated type.
        let own = associated::names(&self.items);
        if let Some(path) = &self.trait_ {
            associated::qualify(&mut method.sig, path, own.as_deref());
        }
        let ctxt = Ctxt::new();
        let mut options = CachedOptions::parse(options, &ctxt);
        options.in_trait_impl = self.marker(outer);
        let mut read = Read::new(Function::new(method), options, &ctxt);
        let unknown = Ctxt::new();
        associated::check(&mut read, own.as_deref(), &unknown);
        let private = Private::new(read.options.krate.get());
        let public = Visibility::Public(Token![pub](Span::mixed_site()));
        let place = Place { vis: &public, outer };
        let stand_in = || expand::stand_in(&read, &private, &place);
        match (ctxt.finish(), unknown.finish(), &read.key) {
            (Ok(()), Ok(()), Some(key)) => expand::beside(&read, key, &private, &place),
            (_, Ok(()), _) => stand_in(),
            (_, Err(errors), _) => {
                let stand_in = stand_in();
                quote!(#errors #stand_in)
            }
        }
    }
}

/// The method, and which of its attributes is `#[cached]`.
fn cached_method(item: &TokenStream) -> Option<(FnItem, usize)> {
    let method = syn::parse2::<FnItem>(item.clone()).ok()?;
    let at = method.attrs.iter().position(|attr| ends_in(attr.path(), "cached"))?;
    Some((method, at))
}

/// Tells the method's own attribute that its companion stands elsewhere.
fn marked(mut method: FnItem, at: usize, marker: Option<InTraitImpl>) -> TokenStream {
    let Some(marker) = marker else { return method.into_token_stream() };
    let attr = &mut method.attrs[at];
    let marker = marker.into_token_stream();
    match &mut attr.meta {
        Meta::List(list) => {
            let options = &list.tokens;
            list.tokens = if options.is_empty() { marker } else { quote!(#marker, #options) };
        }
        meta => {
            let path = meta.path().clone();
            *meta = syn::parse_quote!(#path(#marker));
        }
    }
    method.into_token_stream()
}
