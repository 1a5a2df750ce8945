use super::*;

#[test]
fn a_state_reads_the_same_in_any_case() {
    assert_eq!(phase(Some("available")), Phase::Ready);
    assert_eq!(phase(Some("Available")), Phase::Ready);
    assert_eq!(phase(Some("PendingAcceptance")), Phase::Pending);
    assert_eq!(phase(Some("failed-insufficient-capacity")), Phase::Failed);
    assert_eq!(phase(Some("error")), Phase::Failed);
}

#[test]
fn a_state_nobody_knows_is_not_built_upon() {
    assert_eq!(phase(Some("hibernating")), Phase::Pending);
    assert_eq!(phase(None), Phase::Pending);
}
