//! Paging: what was asked for, and one page of an answer.

use serde::{Deserialize, Serialize};

/// A checked request for one page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// Counted from 1.
    pub page: u32,
    /// 1 to 100.
    pub per_page: u32,
    /// Text to search for; empty for all.
    pub search: String,
}

impl PageRequest {
    /// How many rows come before the page.
    pub fn offset(&self) -> i64 {
        i64::from(self.page.saturating_sub(1)) * i64::from(self.per_page)
    }
}

/// One page of a longer list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Counted from 1.
    pub page: u32,
    /// How many rows a page holds at most.
    pub per_page: u32,
    /// How many rows all pages hold.
    pub total: i64,
}
