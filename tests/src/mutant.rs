//! Ways to break hastack on purpose. A suite that passes with one of them proves nothing.

/// A safety measure that is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A creation that is repeated has another client token.
    ClientTokenOff,
    /// Tags do not tell whose a resource is.
    TagLookupOff,
    /// Nothing is written down before a creation.
    IntentSkipped,
    /// The custom resource goes as soon as it is to be deleted.
    FinalizerRemovedEarly,
    /// What one sweep does not show does not exist.
    AbsenceTrusted,
    /// A leader that lost its lease goes on writing.
    LeaseNotChecked,
    /// It is forgotten which number of instances was written last.
    CapacityForgotten,
    /// It is forgotten which image is in use.
    ImageForgotten,
    /// A database is deleted without a last snapshot.
    SnapshotSkipped,
    /// It is forgotten that there was a database.
    LossForgotten,
}

impl Mutant {
    /// Every mutant.
    pub const ALL: [Self; 10] = [
        Self::ClientTokenOff,
        Self::TagLookupOff,
        Self::IntentSkipped,
        Self::FinalizerRemovedEarly,
        Self::AbsenceTrusted,
        Self::LeaseNotChecked,
        Self::CapacityForgotten,
        Self::ImageForgotten,
        Self::SnapshotSkipped,
        Self::LossForgotten,
    ];
}
