//! What AWS takes for the steps of a policy.
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StepAdjustment.html>

use hastack_api::service::scaling::{ScalingStep, StepUnit};

/// What is wrong with steps, if AWS would refuse them.
#[expect(
    clippy::float_cmp,
    reason = "where one step ends the next must begin, to the last digit"
)]
pub(super) fn fault(unit: StepUnit, steps: &[ScalingStep], min_change: Option<u16>) -> Option<&'static str> {
    if min_change.is_some() && unit != StepUnit::Percent {
        return Some("minChange goes with unit Percent only");
    }
    if unit == StepUnit::Exact && steps.iter().any(|step| step.change < 0) {
        return Some("with unit Exact there is no change below 0");
    }
    if steps.iter().any(|step| step.from.is_none() && step.to.is_none()) {
        return Some("a step needs from or to: 0 is the alarm's threshold");
    }
    let (from, to) = (
        |step: &ScalingStep| step.from.unwrap_or(f64::NEG_INFINITY),
        |step: &ScalingStep| step.to.unwrap_or(f64::INFINITY),
    );
    if steps.iter().any(|step| from(step) >= to(step)) {
        return Some("a step's from must be below its to");
    }
    let mut sorted: Vec<_> = steps.iter().collect();
    sorted.sort_by(|one, other| from(one).total_cmp(&from(other)));
    let pairs = || sorted.iter().zip(sorted.iter().skip(1));
    if pairs().any(|(one, next)| to(one) > from(next)) {
        return Some("steps must not overlap");
    }
    if pairs().any(|(one, next)| to(one) != from(next)) {
        return Some("steps must leave no gap: each begins where another ends");
    }
    let lowest = sorted.first().and_then(|step| step.from);
    if lowest.is_some_and(|from| from < 0.0) {
        return Some("the lowest step is below 0 and needs no from: nothing would be done below it");
    }
    let highest = sorted.last().and_then(|step| step.to);
    if highest.is_some_and(|to| to > 0.0) {
        return Some("the highest step is above 0 and needs no to: nothing would be done above it");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: Option<f64>, to: Option<f64>, change: i32) -> ScalingStep {
        ScalingStep { from, to, change }
    }

    fn plain(steps: &[ScalingStep]) -> Option<&'static str> {
        fault(StepUnit::Instances, steps, None)
    }

    #[test]
    fn steps_without_a_gap_are_taken_in_any_order() {
        let out = [step(Some(0.0), Some(10.0), 1), step(Some(10.0), None, 2)];
        let in_ = [step(None, Some(-10.0), -2), step(Some(-10.0), Some(0.0), -1)];
        let both = [step(Some(0.0), None, 1), step(None, Some(0.0), -1)];
        for steps in [&out, &in_, &both] {
            assert_eq!(plain(steps), None);
        }
    }

    #[test]
    fn others_say_what_is_wrong() {
        for (steps, expected) in [
            (vec![step(None, None, 1)], "a step needs from or to"),
            (
                vec![step(Some(1.0), Some(1.0), 1)],
                "a step's from must be below its to",
            ),
            (
                vec![step(Some(0.0), Some(5.0), 1), step(Some(4.0), None, 2)],
                "steps must not overlap",
            ),
            (
                vec![step(Some(0.0), None, 1), step(Some(4.0), None, 2)],
                "steps must not overlap",
            ),
            (
                vec![step(None, Some(0.0), 1), step(None, Some(4.0), 2)],
                "steps must not overlap",
            ),
            (
                vec![step(Some(0.0), Some(5.0), 1), step(Some(6.0), None, 2)],
                "steps must leave no gap",
            ),
            (vec![step(Some(-5.0), Some(0.0), -1)], "the lowest step is below 0"),
            (vec![step(Some(0.0), Some(5.0), 1)], "the highest step is above 0"),
        ] {
            let fault = plain(&steps).unwrap();
            assert!(fault.starts_with(expected), "{fault}");
        }
    }

    #[test]
    fn what_belongs_to_one_unit_does_not_go_with_another() {
        let steps = [step(Some(0.0), None, 1)];
        let fewer = [step(None, Some(0.0), -1)];
        assert_eq!(fault(StepUnit::Percent, &steps, Some(2)), None);
        assert!(fault(StepUnit::Instances, &steps, Some(2)).is_some());
        assert!(fault(StepUnit::Exact, &fewer, None).is_some());
        assert_eq!(fault(StepUnit::Exact, &steps, None), None);
    }
}
