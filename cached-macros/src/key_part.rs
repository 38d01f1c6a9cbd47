//! `#[derive(KeyPart)]`: what is written (`parse`), and which of it has a rendering (`check`). How it is rendered is in
//! `expand::key_part`.

use crate::ctxt::Ctxt;
use crate::function;
use crate::options::crate_path;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Generics, Ident, Member, Path, Type};

/// A type that renders itself as part of a key.
pub(crate) struct KeyPart {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) shape: Shape,
    pub(crate) krate: Option<Path>,
}

pub(crate) enum Shape {
    Struct(Vec<Part>),
    Enum(Vec<(Ident, Vec<Part>)>),
}

/// A field that is part of the key.
pub(crate) struct Part {
    pub(crate) member: Member,
    pub(crate) ty: Type,
}

impl KeyPart {
    /// `None` if it cannot be one, which has been reported.
    pub(crate) fn parse(input: DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let krate = krate(&input.attrs, ctxt);
        check_places(&input.data, ctxt);
        let shape = match input.data {
            Data::Struct(data) => Shape::Struct(parts(data.fields)),
            Data::Enum(data) => {
                let variants = data.variants.into_iter();
                Shape::Enum(
                    variants.map(|variant| (variant.ident, parts(variant.fields))).collect(),
                )
            }
            Data::Union(data) => {
                ctxt.error_at(
                    data.union_token.span,
                    "a union cannot stand in a key: which of its fields holds is not known",
                );
                return None;
            }
        };
        Some(Self { name: input.ident, generics: input.generics, shape, krate })
    }
}

/// All fields but those that hold nothing.
fn parts(fields: Fields) -> Vec<Part> {
    let members: Vec<Member> = fields.members().collect();
    let parts =
        members.into_iter().zip(fields).map(|(member, Field { ty, .. })| Part { member, ty });
    parts.filter(|part| !is_marker(&part.ty)).collect()
}

/// `PhantomData<T>`, by its name: types are not known here.
fn is_marker(ty: &Type) -> bool {
    let Type::Path(path) = function::ungrouped(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "PhantomData")
}

/// A type without a field has one value, which tells no two keys apart.
pub(crate) fn check(part: &KeyPart, ctxt: &Ctxt) {
    if let Shape::Struct(parts) = &part.shape
        && parts.is_empty()
    {
        ctxt.error_at(
            part.name.span(),
            format!(
                "`{}` has no field, so it would tell no two keys apart: leave it out of the key, with `skip(..)` where it \
                 is an argument",
                part.name
            ),
        );
    }
}

/// The compiler takes the attribute at fields and variants too, where it would say nothing.
fn check_places(data: &Data, ctxt: &Ctxt) {
    let inside: Vec<&Attribute> = match data {
        Data::Struct(data) => data.fields.iter().flat_map(|field| &field.attrs).collect(),
        Data::Union(data) => data.fields.named.iter().flat_map(|field| &field.attrs).collect(),
        Data::Enum(data) => {
            let of_fields = data.variants.iter().flat_map(|variant| &variant.fields);
            let of_variants = data.variants.iter().flat_map(|variant| &variant.attrs);
            of_variants.chain(of_fields.flat_map(|field| &field.attrs)).collect()
        }
    };
    for attr in inside.into_iter().filter(|attr| attr.path().is_ident("key_part")) {
        ctxt.error_over(
            attr,
            "`key_part` stands at the type, not inside: every field is part of the key; to leave one out, implement \
             `KeyPart` by hand",
        );
    }
}

/// `#[key_part(crate = path)]`
fn krate(attrs: &[Attribute], ctxt: &Ctxt) -> Option<Path> {
    let mut found = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("key_part")) {
        match attr.parse_args_with(crate_path) {
            Ok(_) if found.is_some() => ctxt.error_at(attr.span(), "`crate` is given twice"),
            Ok(path) => found = Some(path),
            Err(error) => ctxt.error_at(
                error.span(),
                "`key_part` takes the path of cached-core, such as `#[key_part(crate = ::my_cache)]`",
            ),
        }
    }
    found
}
