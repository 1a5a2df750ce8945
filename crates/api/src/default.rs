//! What is so where a field is left out.

/// What is so unless it is said otherwise.
pub(crate) const fn yes() -> bool {
    true
}
