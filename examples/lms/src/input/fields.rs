//! What was typed into a form, field by field, and what is wrong with it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

/// What was typed, by the name of the field. Nothing of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// What was typed into a field; empty if it was not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a field was there, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every field, by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.insert(name.to_owned(), value.to_string());
        self
    }
}

impl From<BTreeMap<String, String>> for Fields {
    fn from(fields: BTreeMap<String, String>) -> Self {
        Self(fields)
    }
}

/// What is wrong, field by field; an empty name stands for the form as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<(&'static str, String)>);

impl FieldErrors {
    /// One fault.
    pub fn one(field: &'static str, message: impl Into<String>) -> Self {
        Self(vec![(field, message.into())])
    }

    /// What is wrong with a field.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, message)| message.as_str())
    }

    /// Every fault, `field: message`, in the order of the form.
    pub fn sentences(&self) -> String {
        let sentence = |(field, message): &(&str, String)| match *field {
            "" => message.clone(),
            field => format!("{field}: {message}"),
        };
        self.0.iter().map(sentence).collect::<Vec<_>>().join("; ")
    }
}

/// Reads fields and collects every fault, so that a form shows all of them at once.
pub(super) struct Checker<'a> {
    fields: &'a Fields,
    errors: FieldErrors,
}

impl<'a> Checker<'a> {
    pub(super) fn new(fields: &'a Fields) -> Self {
        Self { fields, errors: FieldErrors::default() }
    }

    /// Adds a fault.
    pub(super) fn fault(&mut self, field: &'static str, message: impl Into<String>) {
        self.errors.0.push((field, message.into()));
    }

    /// One line of text, trimmed.
    pub(super) fn line(&mut self, field: &'static str, longest: usize) -> String {
        let text = self.fields.get(field).trim();
        if text.is_empty() {
            self.fault(field, "must not be empty");
        } else if text.chars().count() > longest {
            self.fault(field, format!("give at most {longest} characters"));
        } else if text.chars().any(char::is_control) {
            self.fault(field, "must not hold line breaks or control characters");
        }
        text.to_owned()
    }

    /// Text of any number of lines, perhaps none.
    pub(super) fn text(&mut self, field: &'static str, longest: usize) -> String {
        // Browsers send CRLF.
        let text = self.fields.get(field).trim().replace("\r\n", "\n");
        if text.chars().count() > longest {
            self.fault(field, format!("give at most {longest} characters"));
        } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.fault(field, "must not hold control characters");
        }
        text
    }

    /// A whole number.
    pub(super) fn number(&mut self, field: &'static str, least: i32, most: i32) -> i32 {
        let number = self.fields.get(field).trim().parse().ok();
        number.filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
            self.fault(field, format!("give a whole number from {least} to {most}"));
            least
        })
    }

    /// A date, as browsers send it.
    pub(super) fn date(&mut self, field: &'static str) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default();
        let last = NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or_default();
        let date = NaiveDate::parse_from_str(self.fields.get(field).trim(), "%Y-%m-%d").ok();
        date.filter(|date| (first..=last).contains(date)).unwrap_or_else(|| {
            self.fault(field, "give a date such as 2026-10-01, from 1990 to 2199");
            first
        })
    }

    /// An id out of a list.
    pub(super) fn id(&mut self, field: &'static str) -> Uuid {
        self.fields.get(field).parse().unwrap_or_else(|_| {
            self.fault(field, "choose one of the list");
            Uuid::nil()
        })
    }

    /// The value, if no fault was found.
    pub(super) fn finish<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.errors.0.is_empty() { Ok(value) } else { Err(self.errors) }
    }
}
