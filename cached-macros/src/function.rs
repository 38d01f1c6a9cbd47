//! The annotated function as the macros see it: arguments with the names they bind, the value's type, and where
//! the body runs. It judges nothing.

use crate::boxed::Boxed;
use crate::item::FnItem;
use crate::options::Parameter;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{FnArg, GenericParam, Ident, Pat, PatIdent, Receiver, ReceiverKind, ReturnType, Type};

/// A function and what is known about it.
pub(crate) struct Function {
    pub(crate) item: FnItem,
    pub(crate) style: Style,
    pub(crate) args: Vec<Argument>,
    /// Parameters of a trait that it implements a method of, which the type of that has not.
    pub(crate) outer: Vec<Parameter>,
    /// The declared return type; of the future, if the function returns a boxed one.
    pub(crate) output: Type,
}

/// How the function is asynchronous.
pub(crate) enum Style {
    /// `async fn`
    Async,
    /// `fn .. -> Pin<Box<dyn Future<Output = R>>> { Box::pin(async move { .. }) }`, as `#[async_trait]` leaves it.
    Boxed(Box<Boxed>),
    /// Not at all; an error elsewhere.
    Sync,
}

/// An argument that is not the receiver.
pub(crate) struct Argument {
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    /// The names that its pattern binds; none for `_`.
    pub(crate) names: Vec<Ident>,
}

impl Function {
    pub(crate) fn new(item: FnItem) -> Self {
        let boxed = Boxed::recognise(&item);
        let output = match (&boxed, &item.sig.output) {
            (Some(boxed), _) => boxed.output.clone(),
            (None, ReturnType::Type(_, ty)) => (**ty).clone(),
            (None, ReturnType::Default) => syn::parse_quote!(()),
        };
        let style = match (boxed, item.sig.asyncness) {
            (Some(boxed), _) => Style::Boxed(Box::new(boxed)),
            (None, Some(_)) => Style::Async,
            (None, None) => Style::Sync,
        };
        let mut args: Vec<Argument> = item.sig.inputs.iter().filter_map(Argument::of).collect();
        if let Style::Boxed(boxed) = &style {
            args.iter_mut().for_each(|arg| arg.restore_unnamed(boxed));
        }
        Self { item, style, args, outer: Vec::new(), output }
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.item.sig.receiver()
    }

    /// Every name that an argument binds.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.args.iter().flat_map(|arg| &arg.names)
    }

    pub(crate) fn type_params(&self) -> impl Iterator<Item = &Ident> {
        self.item.sig.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            _ => None,
        })
    }

    pub(crate) fn const_params(&self) -> impl Iterator<Item = &Ident> {
        self.item.sig.generics.params.iter().filter_map(|param| match param {
            GenericParam::Const(param) => Some(&param.ident),
            _ => None,
        })
    }

    /// Every type parameter that a key can name.
    pub(crate) fn key_types(&self) -> impl Iterator<Item = &Ident> {
        let outer = self.outer.iter().filter(|param| !param.is_const);
        self.type_params().chain(outer.map(|param| &param.name))
    }

    /// Every const parameter that a key can name.
    pub(crate) fn key_consts(&self) -> impl Iterator<Item = &Ident> {
        let outer = self.outer.iter().filter(|param| param.is_const);
        self.const_params().chain(outer.map(|param| &param.name))
    }

    /// Whether `#[async_trait]` has rewritten it, so that it is a method of a trait: that leaves a lifetime of its name.
    pub(crate) fn is_async_trait(&self) -> bool {
        let mut lifetimes = self.item.sig.generics.lifetimes();
        matches!(self.style, Style::Boxed(_))
            && lifetimes.any(|param| param.lifetime.ident == "async_trait")
    }

    /// The name, without `r#`.
    pub(crate) fn name(&self) -> String {
        self.item.sig.ident.unraw().to_string()
    }

    /// Whether the signature says `Self`, so that the function is an associated one.
    pub(crate) fn names_self_type(&self) -> bool {
        self.receiver().is_some() || mentions(&self.item.sig.to_token_stream(), "Self")
    }
}

impl Argument {
    fn of(arg: &FnArg) -> Option<Self> {
        let FnArg::Typed(arg) = arg else { return None };
        let names = bound_names(&arg.pat);
        Some(Self { pat: (*arg.pat).clone(), ty: ungrouped(&arg.ty).clone(), names })
    }

    /// Makes `_` of what `#[async_trait]` has named only to drop it where the body's end would.
    fn restore_unnamed(&mut self, boxed: &Boxed) {
        let Some(name) = self.plain_name().filter(|name| is_renamed(name)) else { return };
        if boxed.only_keeps(name) {
            let underscore_token = syn::Token![_](name.span());
            self.pat = Pat::Wild(syn::PatWild { attrs: Vec::new(), underscore_token });
            self.names.clear();
        }
    }

    /// The name, if the argument is a plain one.
    pub(crate) fn plain_name(&self) -> Option<&Ident> {
        match &self.pat {
            Pat::Ident(PatIdent { ident, subpat: None, .. }) => Some(ident),
            _ => None,
        }
    }
}

/// What to do about such a name, where the argument is to be known.
pub(crate) const RENAMED: &str = "`#[async_trait]` has renamed this pattern: give the argument a name and take it apart in the body";

/// Whether a name is one that `#[async_trait]` gives a pattern.
pub(crate) fn is_renamed(name: &Ident) -> bool {
    let name = name.to_string();
    let digits = name.strip_prefix("__arg").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// A type without the group that a `macro_rules` macro puts around what it was given (`$ty:ty`), which cannot be seen.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        ty => ty,
    }
}

/// The names that a pattern binds.
pub(crate) fn bound_names(pat: &Pat) -> Vec<Ident> {
    let mut bound = Bound(Vec::new());
    bound.visit_pat(pat);
    bound.0
}

struct Bound(Vec<Ident>);

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        self.0.push(pat.ident.clone());
        visit::visit_pat_ident(self, pat);
    }
}

/// Whether a receiver is `&mut self`, however it is spelt.
pub(crate) fn is_mutable(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => mutable_inside(ty),
        _ => false,
    }
}

fn mutable_inside(ty: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
            self.0 |= reference.mutability.is_some();
            visit::visit_type_reference(self, reference);
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    finder.0
}

/// Whether an identifier occurs in tokens, however deep.
pub(crate) fn mentions(tokens: &proc_macro2::TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident.unraw() == name,
        proc_macro2::TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

/// Whether a path's last segment is `name`, whatever module it was imported from.
pub(crate) fn ends_in(path: &syn::Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}
