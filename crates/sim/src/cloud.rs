//! The port: every call is counted, may be made to fail, and shows what the view lets it show.

use std::future::pending;

use hastack_core::cloud::{
    Answer, Cloud, CloudError, CreateRequest, Deletion, ErrorKind, Question, Reply, Reveal, Zone,
};
use hastack_core::hidden::Hidden;
use hastack_core::kind::{Details, Kind};
use hastack_core::object::{Object, Phase};
use hastack_core::resource::Change;
use hastack_core::tag::Tags;

use crate::fault::{Effect, failure};
use crate::resource;
use crate::world::{Call, Sim, World};

impl Cloud for Sim {
    async fn sweep(&self, kind: Kind, parents: &[Object]) -> Result<Vec<Object>, CloudError> {
        let mut world = self.world();
        let mut objects = world.shown(kind);
        objects.extend(resource::foreign_databases(&world, kind));
        let all = objects.len().div_ceil(usize::from(kind.row().page)).max(1);
        let pages = match kind.row().listed_by {
            // Nothing lists them.
            _ if is_unlisted(kind) => 0,
            // Those of all groups, or clusters, are listed together, if there is any.
            _ if matches!(kind, Kind::ScalingPolicy | Kind::ScheduledAction | Kind::ScalableTarget) => {
                all.min(parents.len() * all)
            }
            [] => all,
            // Asked for with a filter.
            [_, _, ..] => all.min(parents.len()),
            [_] => parents.len(),
        };
        if !kind.row().listed_by.is_empty() {
            objects.retain(|object| {
                let (uses, whole) = (object.state.uses(), object.state.parents());
                parents
                    .iter()
                    .any(|parent| uses.contains(&parent.id.as_str()) || whole.contains(&parent.id.as_str()))
            });
        }
        for _ in 0..pages {
            world.count(resource::names(kind).describe, false);
        }
        world.sweeps += 1;
        if world.view.flapping > 0 && world.sweeps.is_multiple_of(3) && !objects.is_empty() {
            let gap = world.sweeps / 3 % world.view.flapping;
            objects = objects
                .into_iter()
                .enumerate()
                .filter(|(index, _)| index % world.view.flapping != gap)
                .map(|(_, object)| object)
                .collect();
        }
        for object in &mut objects {
            resource::hide(&mut object.state);
        }
        Ok(objects)
    }

    async fn read(&self, kind: Kind, ids: &[String]) -> Result<Vec<Object>, CloudError> {
        let mut world = self.world();
        let calls = match kind {
            // Asked for one by one.
            _ if is_unlisted(kind) => ids.len(),
            _ => 1,
        };
        for _ in 0..calls {
            world.count(resource::names(kind).describe, false);
        }
        let mut objects: Vec<_> = world
            .shown(kind)
            .into_iter()
            .filter(|object| ids.contains(&object.id))
            .collect();
        let others = ids.iter().filter(|id| !world.things.contains_key(*id));
        objects.extend(others.filter_map(|id| foreign(kind, id)));
        if kind.row().details == Details::None {
            for object in &mut objects {
                resource::hide(&mut object.state);
            }
        }
        for object in &objects {
            for action in resource::details(&object.state) {
                world.count(action, false);
            }
        }
        Ok(objects)
    }

    async fn look_up(&self, question: &Question) -> Result<Answer, CloudError> {
        Ok(match question {
            Question::Account => Answer::Account("123456789012".into()),
            Question::Zones => {
                let zone = |letter: char| Zone {
                    name: format!("us-east-1{letter}"),
                    available: true,
                };
                Answer::Zones(('a'..='f').map(zone).collect())
            }
            Question::HostedZones(text) => Answer::HostedZones(resource::hosted_zones(text)),
            Question::Parameter(name) => Answer::Parameter(self.world().catalogue.parameter(name)),
            Question::Image(query) => Answer::Image(self.world().catalogue.image(query)),
        })
    }

    async fn create(&self, request: &CreateRequest) -> Result<Object, CloudError> {
        self.write(resource::names(request.node.kind).create, |world| world.create(request))
            .await
    }

    async fn update(&self, object: &Object, change: &Change) -> Result<Reply, CloudError> {
        self.write(resource::update_name(change), |world| world.update(object, change))
            .await
    }

    async fn delete(&self, object: &Object, snapshot: Option<&str>) -> Result<Deletion, CloudError> {
        self.write(resource::names(object.kind()).delete, |world| {
            world.delete(object, snapshot)
        })
        .await
    }
}

impl Reveal for Sim {
    async fn reveal(&self, secret_arn: &str) -> Result<Hidden, CloudError> {
        let mut world = self.world();
        world.count("GetSecretValue", false);
        world.content_of(secret_arn)
    }
}

/// Whether nothing lists it, and each is asked for by itself.
const fn is_unlisted(kind: Kind) -> bool {
    matches!(kind, Kind::InstanceRefresh | Kind::Secret)
}

/// One that nobody here has made and that is taken for granted.
fn foreign(kind: Kind, id: &str) -> Option<Object> {
    Some(Object {
        id: id.to_owned(),
        tags: Tags::new(),
        phase: Phase::Ready,
        created: None,
        state: resource::foreign(kind, id)?,
    })
}

impl Sim {
    async fn write<T>(
        &self,
        action: &'static str,
        act: impl FnOnce(&mut World) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let effect = {
            let mut world = self.world();
            let ordinal = world.calls.iter().filter(|call| call.write).count();
            world.count(action, true);
            world
                .faults
                .iter()
                .find(|fault| fault.at == ordinal)
                .map(|fault| fault.mode.effect(action))
        };
        match effect {
            None => self.act(act),
            Some(Effect::Refuse(error)) => {
                self.world().mark_failed();
                Err(error)
            }
            Some(Effect::DoAndFail(error)) => {
                let _ = self.act(act);
                self.world().mark_failed();
                Err(error)
            }
            Some(Effect::Crash(done)) => {
                if done {
                    let _ = self.act(act);
                }
                // The process is no more: nobody gets an answer.
                pending::<()>().await;
                Err(failure(action, ErrorKind::Ambiguous, "Crash", "the process has ended"))
            }
        }
    }

    fn act<T>(&self, act: impl FnOnce(&mut World) -> Result<T, CloudError>) -> Result<T, CloudError> {
        let mut world = self.world();
        let result = act(&mut world);
        world.remember();
        if result.is_err() {
            world.mark_failed();
        }
        result
    }
}

impl World {
    fn count(&mut self, action: &'static str, write: bool) {
        self.calls.push(Call {
            action,
            write,
            failed: false,
        });
    }

    fn mark_failed(&mut self) {
        if let Some(call) = self.calls.last_mut() {
            call.failed = true;
        }
    }
}
