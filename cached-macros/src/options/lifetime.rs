//! Lifetimes: `ttl`, `local`, `remote`, `none` and the stale windows. What they do at run time is not decided here.

use super::list;
use crate::{duration, suggest};
use syn::parse::ParseStream;
use syn::{Expr, ExprClosure, ExprLit, Ident, Lit, LitStr};

/// Tier names as they are written, and the constant of `Ttl`.
const TIERS: [(&str, &str); 5] = [
    ("short", "SHORT"),
    ("medium", "MEDIUM"),
    ("long", "LONG"),
    ("very_long", "VERY_LONG"),
    ("day", "DAY"),
];

/// A lifetime that is known at compile time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lifetime {
    /// The constant of `Ttl` for a tier.
    Tier(&'static str),
    Millis(u64),
}

/// `ttl = ..`
pub(crate) enum Ttl {
    Fixed(Lifetime),
    /// A `Duration` or `Ttl`, computed at each call.
    Expr(Box<Expr>),
    /// Computed from the loaded value.
    ByValue(Box<ExprClosure>),
}

/// `local = ..`, `none = ..`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tiered {
    Lifetime(Lifetime),
    Off,
}

/// Reads the value of `ttl`.
pub(super) fn ttl(name: &Ident, input: ParseStream<'_>) -> syn::Result<Ttl> {
    match list::expr(name, input)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => lifetime(&text).map(Ttl::Fixed),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => Err(syn::Error::new(
            number.span(),
            format!("say the unit: `ttl = \"{number}s\"` for seconds"),
        )),
        Expr::Closure(closure) => Ok(Ttl::ByValue(Box::new(closure))),
        expr => match tier_without_quotes(&expr) {
            Some(message) => Err(syn::Error::new_spanned(expr, message)),
            None => Ok(Ttl::Expr(Box::new(expr))),
        },
    }
}

/// `ttl = medium`: an expression that names no variable anybody has.
fn tier_without_quotes(expr: &Expr) -> Option<String> {
    let Expr::Path(path) = expr else { return None };
    let name = path.path.get_ident()?.to_string();
    TIERS
        .iter()
        .any(|(tier, _)| *tier == name)
        .then(|| format!("write the TTL tier as text: `ttl = \"{name}\"`"))
}

/// Reads the value of `local` or `none`.
pub(super) fn tiered(name: &Ident, input: ParseStream<'_>) -> syn::Result<Tiered> {
    list::equals(name, input)?;
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        if text.value() == "off" {
            let message = format!("`off` is a word here: write `{name} = off`");
            return Err(syn::Error::new(text.span(), message));
        }
        return lifetime(&text).map(Tiered::Lifetime);
    }
    match list::ungrouped(input.parse()?) {
        expr if is_off(&expr) => Ok(Tiered::Off),
        other => Err(syn::Error::new_spanned(
            other,
            format!("`{name}` takes a TTL tier or duration as text (`{name} = \"10s\"`), or `off`"),
        )),
    }
}

/// Reads the value of `stale_while_revalidate` or `stale_if_error`.
pub(super) fn window(name: &Ident, input: ParseStream<'_>) -> syn::Result<Lifetime> {
    match list::expr(name, input)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => lifetime(&text),
        other => Err(syn::Error::new_spanned(
            other,
            format!(
                "`{name}` takes a TTL tier or duration as text (`{name} = \"10s\"`), and is left out where no window \
                 is wanted"
            ),
        )),
    }
}

/// Reads the value of `timeout`, in milliseconds.
pub(super) fn limit(name: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    match list::expr(name, input)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let millis = match duration::parse(&text.value()) {
                Ok(0) => {
                    Err("no load ends in no time: leave `timeout` out to wait for it".to_owned())
                }
                parsed => parsed,
            };
            millis.map_err(|message| syn::Error::new(text.span(), message))
        }
        other => {
            let message = format!("`{name}` takes a duration as text, such as `{name} = \"2s\"`");
            Err(syn::Error::new_spanned(other, message))
        }
    }
}

/// Reads the value of `remote`, which can only be switched off.
pub(super) fn off(name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    match list::expr(name, input)? {
        expr if is_off(&expr) => Ok(()),
        other => Err(syn::Error::new_spanned(
            other,
            format!("`{name}` takes only `off`; how long values live there is `ttl`"),
        )),
    }
}

fn is_off(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident("off"))
}

/// Reads a tier or a duration.
fn lifetime(text: &LitStr) -> syn::Result<Lifetime> {
    parse_lifetime(&text.value()).map_err(|message| syn::Error::new(text.span(), message))
}

fn parse_lifetime(text: &str) -> Result<Lifetime, String> {
    if let Some((_, constant)) = TIERS.iter().find(|(tier, _)| *tier == text) {
        return Ok(Lifetime::Tier(constant));
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | ' ' | '.')) {
        let hint = suggest::did_you_mean(text, TIERS.iter().map(|(tier, _)| *tier));
        return Err(format!(
            "unknown TTL tier `{text}`{hint} The tiers are `short` (60 s), `medium` (5 min), `long` (30 min), \
             `very_long` (1 h) and `day`; or {}",
            duration::EXAMPLES
        )
        .replace("` The", "`. The"));
    }
    match duration::parse(text)? {
        0 => Err("a lifetime of zero stores nothing: write `off` where the option takes it, or remove the \
                  attribute"
            .to_owned()),
        millis => Ok(Lifetime::Millis(millis)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_and_durations_are_lifetimes() {
        assert_eq!(parse_lifetime("very_long"), Ok(Lifetime::Tier("VERY_LONG")));
        assert_eq!(parse_lifetime("90s"), Ok(Lifetime::Millis(90_000)));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("medum", "unknown TTL tier `medum`; did you mean `medium`? The tiers"),
            ("forever", "unknown TTL tier `forever`. The tiers"),
            ("", "unknown TTL tier ``. The tiers"),
            ("0s", "stores nothing"),
            ("90", "has no unit"),
        ] {
            let message = parse_lifetime(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
