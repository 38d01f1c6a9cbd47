//! The history checker: for each rule histories that break it, and their neighbours that do not.

#[path = "history/build.rs"]
mod build;
#[path = "history/durability.rs"]
mod durability;
#[path = "history/freshness.rs"]
mod freshness;
#[path = "history/recording.rs"]
mod recording;
#[path = "history/sharing.rs"]
mod sharing;
#[path = "history/simulation.rs"]
mod simulation;
#[path = "history/size.rs"]
mod size;
