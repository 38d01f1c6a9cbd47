//! Load on running servers: who asks for what, how long it takes, and whether any page shows an older
//! state after a write has answered. Knows the application by its pages alone.

mod check;
mod client;
mod compare;
mod kinds;
mod life;
mod mix;
mod outage;
mod plot;
mod table;
mod tally;
mod target;
mod verify;
mod write;

pub use client::{Settings, run};
pub use mix::World;
pub use outage::Outage;
pub use plot::plot;
pub use table::table;
pub use tally::{Outcome, Second, Template};
pub use target::{Servers, Target};
