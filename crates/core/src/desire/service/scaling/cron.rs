//! What AWS takes for a schedule: minute, hour, day of the month, month, day of the week.
//! <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html>

/// The fields, with the highest number of each.
const FIELDS: [(&str, u32); 5] = [
    ("minute", 59),
    ("hour", 23),
    ("day of the month", 31),
    ("month", 12),
    ("day of the week", 7),
];

/// What is wrong with a schedule, if AWS would refuse it.
pub(super) fn fault(cron: &str) -> Option<String> {
    let fields: Vec<_> = cron.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!(
            "it has {} fields and not five: minute, hour, day of the month, month, day of the week",
            fields.len()
        ));
    }
    let mut named = fields.iter().zip(FIELDS);
    named.find_map(|(field, (name, highest))| (!is_readable(field, highest)).then(|| format!("{field:?} is no {name}")))
}

/// Whether a field is made of what cron knows, with no number above the highest.
fn is_readable(field: &str, highest: u32) -> bool {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "*,-/?#".contains(letter);
    let mut numbers = field
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|number| !number.is_empty());
    field.chars().all(known) && numbers.all(|number| number.parse::<u32>().is_ok_and(|number| number <= highest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_of_five_fields_is_taken() {
        for cron in ["0 8 * * MON-FRI", "*/15 0-6,22 1 jan,7 ?", "  30  6 L * 5#2 "] {
            assert_eq!(fault(cron), None, "{cron}");
        }
    }

    #[test]
    fn another_says_what_is_wrong() {
        let five = "fields and not five: minute, hour, day of the month, month, day of the week";
        for (cron, expected) in [
            ("0 8 * *", format!("it has 4 {five}")),
            ("0 0 8 * * MON", format!("it has 6 {five}")),
            ("@daily", format!("it has 1 {five}")),
            ("60 8 * * *", "\"60\" is no minute".to_owned()),
            ("0 24 * * *", "\"24\" is no hour".to_owned()),
            ("0 8 32 * *", "\"32\" is no day of the month".to_owned()),
            ("0 8 * 1-13 *", "\"1-13\" is no month".to_owned()),
            ("0 8 * * mon;tue", "\"mon;tue\" is no day of the week".to_owned()),
        ] {
            assert_eq!(fault(cron), Some(expected), "{cron}");
        }
    }
}
