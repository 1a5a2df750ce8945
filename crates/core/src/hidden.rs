//! A text that is shown to nobody.

use std::fmt;

/// A text that is shown to nobody, such as a password: it prints as what it is, never as what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What it says: only for whom it is meant.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_printed() {
        assert_eq!(format!("{:?}", Some(Hidden::new("hunter2"))), "Some((hidden))");
    }
}
