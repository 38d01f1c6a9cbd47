//! The usual containers, by their name: they render what they hold. Other types' parameters may mean anything.

use syn::{GenericArgument, Path, PathArguments, Type};

const CONTAINERS: [&str; 8] = ["Option", "Vec", "Box", "Arc", "Rc", "Cow", "BTreeMap", "BTreeSet"];

/// The types of what a container holds; nothing for other types.
pub(super) fn content(path: &Path) -> impl Iterator<Item = &Type> {
    let last = path.segments.last().filter(|last| CONTAINERS.iter().any(|name| last.ident == name));
    let args = last.and_then(|last| match &last.arguments {
        PathArguments::AngleBracketed(args) => Some(&args.args),
        _ => None,
    });
    args.into_iter().flatten().filter_map(|arg| match arg {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The types whose values are rendered where one of `ty` is: what references, lists, tuples and containers hold.
pub(super) fn rendered(ty: &Type) -> Vec<&Type> {
    let inside: Vec<&Type> = match ty {
        Type::Reference(reference) => vec![&reference.elem],
        Type::Paren(paren) => vec![&paren.elem],
        Type::Group(group) => vec![&group.elem],
        Type::Array(array) => vec![&array.elem],
        Type::Slice(slice) => vec![&slice.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Path(path) => content(&path.path).collect(),
        _ => Vec::new(),
    };
    if inside.is_empty() {
        return vec![ty];
    }
    inside.into_iter().flat_map(rendered).collect()
}
