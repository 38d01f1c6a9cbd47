//! Which values have a stable rendering: the implementations of `KeyPart`.

use super::buf::{KeyPart, Part};
use super::escape::{NONE, SOME};
use arrayvec::ArrayString;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

impl KeyPart for str {
    #[inline]
    fn render(&self, part: &mut Part<'_>) {
        part.text(self);
    }
}

impl KeyPart for String {
    #[inline]
    fn render(&self, part: &mut Part<'_>) {
        part.text(self);
    }
}

impl KeyPart for char {
    fn render(&self, part: &mut Part<'_>) {
        part.text(self.encode_utf8(&mut [0; 4]));
    }
}

impl KeyPart for bool {
    fn render(&self, part: &mut Part<'_>) {
        part.buf.push(if *self { "true" } else { "false" });
    }
}

macro_rules! integers {
    ($($int:ty)*) => { $(
        impl KeyPart for $int {
            #[inline]
            fn render(&self, part: &mut Part<'_>) {
                part.buf.push(itoa::Buffer::new().format(*self));
            }
        }
    )* };
}
integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! nonzero {
    ($($int:ident)*) => { $(
        impl KeyPart for std::num::$int {
            fn render(&self, part: &mut Part<'_>) {
                self.get().render(part);
            }
        }
    )* };
}
nonzero!(NonZeroU8 NonZeroU16 NonZeroU32 NonZeroU64 NonZeroU128 NonZeroUsize);
nonzero!(NonZeroI8 NonZeroI16 NonZeroI32 NonZeroI64 NonZeroI128 NonZeroIsize);

macro_rules! transparent {
    ($($outer:ty),*) => { $(
        impl<T: KeyPart + ?Sized> KeyPart for $outer {
            #[inline]
            fn render(&self, part: &mut Part<'_>) {
                (**self).render(part);
            }
        }
    )* };
}
transparent!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: KeyPart + ToOwned + ?Sized> KeyPart for Cow<'_, T> {
    fn render(&self, part: &mut Part<'_>) {
        (**self).render(part);
    }
}

/// `None` has a mark that no text has. A value that itself begins with that mark (an inner `None`, also inside a
/// type of the user's) gets another one behind it.
impl<T: KeyPart> KeyPart for Option<T> {
    fn render(&self, part: &mut Part<'_>) {
        match self {
            None => part.buf.push(NONE),
            Some(value) => {
                let none_inside = part.buf.marked(|buf| {
                    buf.part(value);
                });
                if none_inside {
                    part.buf.push(SOME);
                }
            }
        }
    }
}

impl<T: KeyPart> KeyPart for [T] {
    fn render(&self, part: &mut Part<'_>) {
        part.list(self.iter().map(|value| value as &dyn KeyPart));
    }
}

impl<T: KeyPart> KeyPart for Vec<T> {
    fn render(&self, part: &mut Part<'_>) {
        self.as_slice().render(part);
    }
}

impl<T: KeyPart, const N: usize> KeyPart for [T; N] {
    fn render(&self, part: &mut Part<'_>) {
        self.as_slice().render(part);
    }
}

impl KeyPart for () {
    fn render(&self, part: &mut Part<'_>) {
        part.list([]);
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => { $(
        impl<$($name: KeyPart),+> KeyPart for ($($name,)+) {
            #[allow(non_snake_case)]
            fn render(&self, part: &mut Part<'_>) {
                let ($($name,)+) = self;
                part.list([$($name as &dyn KeyPart),+]);
            }
        }
    )* };
}
tuples!((A)(A B)(A B C)(A B C D)(A B C D E)(A B C D E F));

impl<T: KeyPart> KeyPart for BTreeSet<T> {
    fn render(&self, part: &mut Part<'_>) {
        part.list(self.iter().map(|value| value as &dyn KeyPart));
    }
}

impl<K: KeyPart, V: KeyPart> KeyPart for BTreeMap<K, V> {
    fn render(&self, part: &mut Part<'_>) {
        part.buf.push("(");
        for (at, pair) in self.iter().enumerate() {
            if at > 0 {
                part.buf.push(",");
            }
            part.buf.part(&pair);
        }
        part.buf.push(")");
    }
}

/// In seconds, with a fraction only if there is one.
impl KeyPart for Duration {
    fn render(&self, part: &mut Part<'_>) {
        self.as_secs().render(part);
        let nanos = self.subsec_nanos();
        if nanos > 0 {
            let mut fraction = ArrayString::<10>::new();
            let _ = write!(fraction, ".{nanos:09}");
            part.buf.push(fraction.trim_end_matches('0'));
        }
        part.buf.push("s");
    }
}

macro_rules! addresses {
    ($($address:ty)*) => { $(
        impl KeyPart for $address {
            fn render(&self, part: &mut Part<'_>) {
                part.display(self);
            }
        }
    )* };
}
addresses!(IpAddr Ipv4Addr Ipv6Addr SocketAddrV4);

/// `Display` leaves the flow label out.
impl KeyPart for SocketAddrV6 {
    fn render(&self, part: &mut Part<'_>) {
        part.display(self);
        if self.flowinfo() != 0 {
            part.buf.push("+");
            self.flowinfo().render(part);
        }
    }
}

impl KeyPart for SocketAddr {
    fn render(&self, part: &mut Part<'_>) {
        match self {
            Self::V4(address) => address.render(part),
            Self::V6(address) => address.render(part),
        }
    }
}

#[cfg(feature = "uuid")]
impl KeyPart for uuid::Uuid {
    #[inline]
    fn render(&self, part: &mut Part<'_>) {
        part.buf.push_uuid(self.as_bytes());
    }
}

#[cfg(feature = "chrono")]
mod dates {
    use super::{KeyPart, Part};

    impl KeyPart for chrono::NaiveDate {
        fn render(&self, part: &mut Part<'_>) {
            part.display(self);
        }
    }

    /// Without a zone, as it is.
    impl KeyPart for chrono::NaiveDateTime {
        fn render(&self, part: &mut Part<'_>) {
            part.display(&self.format("%Y-%m-%dT%H%M%S%.f"));
        }
    }

    /// In UTC, to the nanosecond: one instant has one rendering whatever its zone.
    impl<Z: chrono::TimeZone> KeyPart for chrono::DateTime<Z> {
        fn render(&self, part: &mut Part<'_>) {
            part.display(&self.to_utc().format("%Y-%m-%dT%H%M%S%.fZ"));
        }
    }
}
