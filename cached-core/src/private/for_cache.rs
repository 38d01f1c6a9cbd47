//! What the companion of a cached function hands to its `cache = EXPR`, decided by an argument's type through method resolution:
//! a copy of what it was lent, or else the reference. The receiver is `&ForCache`.

/// Stands for an argument that the function takes by value and its companion by reference.
#[derive(Debug)]
pub struct ForCache<'a, T>(pub &'a T);

impl<T> Clone for ForCache<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ForCache<'_, T> {}

/// Of what is `Copy`.
pub trait ViaCopy<T>: Sized {
    /// The value, as the function has it.
    fn via_for_cache(self) -> T;
}

/// Of anything else.
pub trait ViaReference<R>: Sized {
    /// The reference.
    fn via_for_cache(self) -> R;
}

impl<T: Copy> ViaCopy<T> for &ForCache<'_, T> {
    fn via_for_cache(self) -> T {
        *self.0
    }
}

impl<'a, T> ViaReference<&'a T> for ForCache<'a, T> {
    fn via_for_cache(self) -> &'a T {
        self.0
    }
}
