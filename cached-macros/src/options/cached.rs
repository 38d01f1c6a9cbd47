//! The options of `#[cached(..)]`.

use super::lifetime::{self, Lifetime, Tiered, Ttl};
use super::list::{self, Slot};
use super::trait_impl::{self, InTraitImpl};
use super::{names, skip, templates};
use crate::ctxt::Ctxt;
use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path, Token};

#[derive(Default)]
pub(crate) struct CachedOptions {
    pub(crate) ttl: Slot<Ttl>,
    pub(crate) key: Slot<LitStr>,
    pub(crate) tags: Slot<Vec<LitStr>>,
    pub(crate) skip: Slot<Vec<Ident>>,
    pub(crate) local: Slot<Tiered>,
    pub(crate) remote_off: Slot<()>,
    pub(crate) none: Slot<Tiered>,
    pub(crate) cache_if: Slot<Expr>,
    pub(crate) stale_while_revalidate: Slot<Lifetime>,
    pub(crate) stale_if_error: Slot<Lifetime>,
    pub(crate) stale_if: Slot<Expr>,
    pub(crate) early_refresh: Slot<()>,
    /// In milliseconds.
    pub(crate) timeout: Slot<u64>,
    pub(crate) timeout_error: Slot<Expr>,
    pub(crate) batch: Slot<Ident>,
    pub(crate) cache: Slot<Expr>,
    pub(crate) version: Slot<u32>,
    pub(crate) codec: Slot<Expr>,
    pub(crate) krate: Slot<Path>,
    /// The companion stands elsewhere: a trait impl cannot hold it.
    pub(crate) in_trait_impl: Option<InTraitImpl>,
    /// Whether `Self` stands somewhere, also in a template.
    pub(crate) name_self_type: bool,
}

impl CachedOptions {
    pub(crate) fn parse(tokens: TokenStream, ctxt: &Ctxt) -> Self {
        let text = tokens.to_string();
        let mut words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
        let name_self_type = words.any(|word| word == "Self");
        let mut options = Self { name_self_type, ..Self::default() };
        let parser = |input: ParseStream<'_>| {
            list::each(input, ctxt, |input| options.one(input, ctxt));
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            ctxt.push(error);
        }
        options
    }

    fn one(&mut self, input: ParseStream<'_>, ctxt: &Ctxt) -> syn::Result<()> {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            let message = format!(
                "options are written `name = value`; did you mean `key = {}`?",
                quoted(&literal)
            );
            return Err(syn::Error::new(literal.span(), message));
        }
        let name = list::name(input)?;
        match name.to_string().as_str() {
            "ttl" => self.ttl.set(&name, lifetime::ttl(&name, input)?, ctxt),
            "key" => self.key.set(&name, templates::one(&name, input)?, ctxt),
            "tags" => self.tags.set_list(&name, templates::many(&name, input)?, ctxt),
            "skip" => self.skip.set(&name, skip::names(&name, input)?, ctxt),
            "local" => self.local.set(&name, lifetime::tiered(&name, input)?, ctxt),
            "remote" => self.remote_off.set(&name, lifetime::off(&name, input)?, ctxt),
            "none" => self.none.set(&name, lifetime::tiered(&name, input)?, ctxt),
            "cache_if" => {
                let example = "over the value, such as `|list| !list.is_empty()`";
                self.cache_if.set(&name, predicate(&name, input, example)?, ctxt);
            }
            "stale_while_revalidate" => {
                self.stale_while_revalidate.set(&name, lifetime::window(&name, input)?, ctxt);
            }
            "stale_if_error" => {
                self.stale_if_error.set(&name, lifetime::window(&name, input)?, ctxt);
            }
            "stale_if" => {
                let example = "over the error, such as `|error| !matches!(error, Error::NotFound)`";
                self.stale_if.set(&name, predicate(&name, input, example)?, ctxt);
            }
            "early_refresh" => self.early_refresh.set(&name, list::flag(&name, input)?, ctxt),
            "timeout" => self.timeout.set(&name, lifetime::limit(&name, input)?, ctxt),
            "timeout_error" => self.timeout_error.set(&name, list::expr(&name, input)?, ctxt),
            "batch" => self.batch.set(&name, batch(&name, input)?, ctxt),
            "cache" => self.cache.set(&name, list::value(&name, input)?, ctxt),
            "version" => self.version.set(&name, version(&name, input)?, ctxt),
            "codec" => self.codec.set(&name, codec(&name, input)?, ctxt),
            "crate" => self.krate.set(&name, krate(&name, input)?, ctxt),
            trait_impl::MARKER => self.in_trait_impl = Some(input.parse()?),
            _ => return Err(names::unknown_in_cached(&name)),
        }
        Ok(())
    }
}

fn quoted(literal: &LitStr) -> String {
    format!("{:?}", literal.value())
}

/// A closure or the path of a function.
fn predicate(name: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<Expr> {
    match list::expr(name, input)? {
        expr @ (Expr::Closure(_) | Expr::Path(_)) => Ok(expr),
        other => Err(syn::Error::new_spanned(
            other,
            format!("`{name}` takes a closure {example}, or the path of a function"),
        )),
    }
}

/// The name of an argument.
fn batch(name: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    list::equals(name, input)?;
    input.call(Ident::parse_any).map(skip::raw).map_err(|error| {
        syn::Error::new(
            error.span(),
            "`batch` takes the name of the argument that holds the ids, such as `batch = ids`",
        )
    })
}

fn version(name: &Ident, input: ParseStream<'_>) -> syn::Result<u32> {
    let expr = list::expr(name, input)?;
    let number: Option<&LitInt> = match &expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => Some(number),
        _ => None,
    };
    number.and_then(|number| number.base10_parse().ok()).ok_or_else(|| {
        syn::Error::new_spanned(
            &expr,
            "`version` takes a whole number up to 4294967295, such as `version = 2`",
        )
    })
}

/// Anything but text and numbers, which nobody could make a codec of.
fn codec(name: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    match list::expr(name, input)? {
        literal @ Expr::Lit(_) => Err(syn::Error::new_spanned(
            literal,
            "`codec` takes a `Codec`, such as `codec = Codec::Json`",
        )),
        expr => Ok(expr),
    }
}

/// The path of cached-core in a crate that renamed it.
pub(super) fn krate(name: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    list::equals(name, input)?;
    input.call(Path::parse_mod_style).map_err(|error| {
        syn::Error::new(
            error.span(),
            "`crate` takes the path of cached-core, such as `crate = ::my_cache`",
        )
    })
}

/// `crate = path`, where it stands by itself: in `key!`, in `#[key_part(..)]`.
pub(crate) fn crate_path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    input.call(Path::parse_mod_style)
}
