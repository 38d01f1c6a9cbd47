//! The query string of lists: `?page=2&per_page=20&search=text`.

use serde::Deserialize;

use super::error::ApiError;
use crate::model::PageRequest;

/// The longest text that can be searched for, in characters.
const LONGEST_SEARCH: usize = 100;

/// A query string, not checked yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Paging {
    page: Option<u32>,
    per_page: Option<u32>,
    search: String,
}

impl Paging {
    /// The first page of 20 unless asked otherwise.
    ///
    /// # Errors
    ///
    /// A sentence for the client that says which value is allowed.
    pub(super) fn check(self) -> Result<PageRequest, ApiError> {
        let page = self.page.unwrap_or(1);
        if !(1..=1_000_000).contains(&page) {
            return Err(ApiError::invalid("page: give a number from 1 to 1000000"));
        }
        let per_page = self.per_page.unwrap_or(20);
        if !(1..=100).contains(&per_page) {
            return Err(ApiError::invalid("per_page: give a number from 1 to 100"));
        }
        let search = self.search.trim().to_owned();
        if search.chars().count() > LONGEST_SEARCH || search.contains('\0') {
            let message =
                format!("search: give at most {LONGEST_SEARCH} characters, none of them NUL");
            return Err(ApiError::invalid(message));
        }
        Ok(PageRequest { page, per_page, search })
    }

    /// The page of a list that has neither another length nor a search.
    ///
    /// # Errors
    ///
    /// As above; and what such a list does not know.
    pub(super) fn page_alone(self) -> Result<u32, ApiError> {
        if self.per_page.is_some() || !self.search.is_empty() {
            return Err(ApiError::invalid("this list takes `page` alone"));
        }
        Ok(self.check()?.page)
    }
}
