//! The pages in a real browser: headless Chromium.

mod driver;
mod keyboard;
mod live;
mod walk;
mod write;
