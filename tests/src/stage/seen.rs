//! What suites ask of a stage again and again.

use hastack_core::resource::{State, auto_scaling_group};

use super::Stage;

impl Stage {
    /// Lets the operator work until every custom resource is Ready for its present generation, or gone: it must come to that.
    #[track_caller]
    pub fn settle(&mut self) {
        assert!(self.converge(), "{:#?}", self.plans());
    }

    /// The actions of the calls that change something, in their order.
    pub fn writes(&self) -> Vec<&'static str> {
        let calls = self.sim.calls().into_iter();
        calls.filter(|call| call.write).map(|call| call.action).collect()
    }

    /// How many calls of an action there were.
    pub fn count(&self, action: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.action == action).count()
    }

    /// The Auto Scaling groups that are there.
    pub fn auto_scaling_groups(&self) -> Vec<auto_scaling_group::State> {
        let objects = self.sim.objects().into_iter();
        let groups = objects.filter_map(|object| match object.state {
            State::AutoScalingGroup(group) => Some(group),
            _ => None,
        });
        groups.collect()
    }
}
