//! The pages in a real browser: headless Chromium.

mod driver;
mod keyboard;
mod walk;
mod write;
