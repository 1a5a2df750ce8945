//! The repository itself.
