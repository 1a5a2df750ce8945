use super::*;

#[test]
fn a_marker_counts_only_while_there_is_more() {
    assert_eq!(marker(true, Some("next".into())), Some("next".to_owned()));
    assert_eq!(marker(false, Some("next".into())), None);
    assert_eq!(marker(true, None), None);
}
