//! The secret in which RDS keeps the master password of a database.

use hastack_core::cloud::{CloudError, ErrorKind};
use hastack_core::hidden::Hidden;
use hastack_core::resource::State as AnyState;
use hastack_core::resource::secret::{Change, Create, Details, State, id};

use super::{Names, Refusal, Simulated};
use crate::fault::failure;
use crate::world::{Sim, World};

/// Days after which RDS makes another password where nobody says otherwise.
const DAYS: u16 = 7;

impl Simulated for State {
    type Create = Create;
    type Change = Change;

    const NAMES: Names = Names {
        create: "RotateSecret",
        describe: "DescribeSecret",
        delete: "DeleteSecret",
    };

    fn update_name(change: &Change) -> &'static str {
        match change {
            Change::Rotation(_) => "RotateSecret",
        }
    }

    fn create(_world: &World, create: &Create) -> Result<Self, Refusal> {
        match *create {}
    }

    fn own_id(&self) -> Option<String> {
        Some(id(&self.database, &self.arn))
    }

    fn holds(&self, _id: &str) -> bool {
        // It goes with its database.
        false
    }

    fn hide(&mut self) {
        self.details = None;
    }
}

/// The ARN of the secret of a database.
pub(super) fn arn_of(database: &str) -> String {
    format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!{database}")
}

impl World {
    /// Has RDS make a password for a database and keep it.
    pub(super) fn add_secret(&mut self, database: &str) {
        self.add_untagged(AnyState::Secret(State {
            database: database.to_owned(),
            arn: arn_of(database),
            details: Some(Details {
                rotation_days: Some(DAYS),
                version: Some("1".to_owned()),
            }),
        }));
    }

    pub(super) fn remove_secret(&mut self, database: &str) {
        self.things
            .retain(|_, thing| !matches!(&thing.object.state, AnyState::Secret(secret) if secret.database == database));
    }

    /// What a secret says.
    pub(crate) fn content_of(&self, arn: &str) -> Result<Hidden, CloudError> {
        let mut secrets = self.states().filter_map(|state| match state {
            AnyState::Secret(secret) if secret.arn == arn => Some(secret),
            _ => None,
        });
        let version = secrets
            .next()
            .and_then(|secret| secret.details.as_ref()?.version.clone());
        let message = "Secrets Manager can't find the specified secret.";
        let missing = || {
            failure(
                "GetSecretValue",
                ErrorKind::NotFound,
                "ResourceNotFoundException",
                message,
            )
        };
        let version = version.ok_or_else(missing)?;
        let text = format!("{{\"username\": \"hastack\", \"password\": \"managed/{version}\"}}");
        Ok(Hidden::new(text))
    }
}

impl Sim {
    /// Has RDS make another password for a database.
    pub fn rotate(&self, database: &str) {
        let mut world = self.world();
        for thing in world.things.values_mut() {
            if let AnyState::Secret(secret) = &mut thing.object.state
                && secret.database == database
                && let Some(details) = &mut secret.details
            {
                details.version.iter_mut().for_each(|version| version.push('1'));
            }
        }
        world.remember();
    }
}
