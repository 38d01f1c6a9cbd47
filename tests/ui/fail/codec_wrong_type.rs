//! `codec` is a `Codec`.

use cached_core::{Codec, cached};

#[cached(codec = Some(Codec::Json))]
async fn course(id: u32) -> u32 {
    id
}

#[cached(codec = Codec::Jason)]
async fn unknown(id: u32) -> u32 {
    id
}

fn main() {}
