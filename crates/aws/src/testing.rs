//! What the tests of this crate share: an [`Aws`] that is answered from a list.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_rds::operation::describe_events::DescribeEventsOutput;
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, mock};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_types::error::ErrorMetadata;
use hastack_core::cloud::{Cloud, CreateRequest, Fence};
use hastack_core::hidden::Hidden;
use hastack_core::kind::Kind;
use hastack_core::object::{Object, Phase};
use hastack_core::owner::NodeId;
use hastack_core::resource::database::setting::Settings;
use hastack_core::resource::database::status::Status;
use hastack_core::resource::database::{self, Password, Source};
use hastack_core::resource::{Create, State};
use hastack_core::tag::{self, Tags};

use crate::client::Clients;
use crate::fence::Guard;
use crate::observe::{Call, CallObserver};
use crate::{Aws, Config, Limits};

/// What was called, in order.
#[derive(Default)]
pub struct Calls(Mutex<Vec<Call>>);

impl CallObserver for Calls {
    fn called(&self, call: &Call) {
        self.0.lock().unwrap().push(*call);
    }
}

impl Calls {
    /// `CreateVpc ok` and so on.
    pub fn seen(&self) -> Vec<String> {
        let calls = self.0.lock().unwrap();
        calls
            .iter()
            .map(|call| format!("{} {}", call.action, call.outcome))
            .collect()
    }
}

struct Lease(bool);

impl Fence for Lease {
    fn may_write(&self) -> bool {
        self.0
    }
}

/// Calls must come as the rules are listed; each answers one.
pub fn aws(rules: &[Rule]) -> (Aws, Arc<Calls>) {
    assemble(rules, true)
}

/// The same after the lease was lost.
pub fn fenced_aws(rules: &[Rule]) -> (Aws, Arc<Calls>) {
    assemble(rules, false)
}

fn assemble(rules: &[Rule], holds_lease: bool) -> (Aws, Arc<Calls>) {
    let guard = Guard::new(Arc::new(Lease(holds_lease)));
    let answers = MockResponseInterceptor::new().rule_mode(RuleMode::Sequential);
    let answers = rules.iter().fold(answers, MockResponseInterceptor::with_rule);
    // One list for all services, so that the order of calls to several of them is seen too.
    let clients = Clients::mock(&guard, &SharedInterceptor::new(answers));
    let config = Config {
        region: "us-east-1".into(),
        cluster: "c1".into(),
        limits: Limits::default(),
    };
    let calls = Arc::new(Calls::default());
    (Aws::assemble(clients, config, calls.clone()), calls)
}

/// AWS's refusal with this code.
pub fn refusal(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message("because").build()
}

pub fn tags() -> Tags {
    Tags::from([(tag::CLUSTER.to_owned(), "c1".to_owned())])
}

pub fn request(kind: Kind, create: Create) -> CreateRequest {
    CreateRequest {
        node: NodeId::only(kind),
        create,
        token: "t0k3n".into(),
        tags: tags(),
    }
}

pub fn object(id: &str, state: State) -> Object {
    Object {
        id: id.into(),
        tags: tags(),
        phase: Phase::Ready,
        created: None,
        state,
    }
}

/// Nothing has happened to any database.
pub fn no_events() -> Rule {
    mock!(aws_sdk_rds::Client::describe_events).then_output(|| DescribeEventsOutput::builder().build())
}

/// A database of which no more is known than that it works.
pub fn database() -> database::State {
    database::State {
        arn: "arn:aws:rds:us-east-1:123456789012:db:web".into(),
        resource_id: None,
        engine: "postgres".into(),
        status: Status::Available,
        settings: Settings::new(),
        pending: Settings::new(),
        reboot_pending: false,
        hurried: false,
        subnet_group: None,
        kms_key_id: None,
        username: None,
        database: None,
        host: None,
        reader_host: None,
        secret_arn: None,
        password_digest: None,
        password_set: None,
        cluster: None,
        replica_of: None,
        zone: None,
        standby_zone: None,
        members: BTreeMap::new(),
        restorable: None,
        maintenance: Vec::new(),
        events: Vec::new(),
        details: None,
    }
}

/// A wish for a database of which nothing is set.
pub fn wanted_database(source: Source<String>) -> database::Create {
    database::Create {
        id: "web".into(),
        engine: "postgres",
        source,
        settings: Settings::new(),
        subnet_group: None,
        zone: None,
        kms_key_id: None,
        username: None,
        database: None,
        password: None,
    }
}

/// A change of settings that waits for the maintenance window.
pub fn modification(settings: Settings) -> database::Modification {
    database::Modification {
        settings,
        before: Settings::new(),
        password: None,
        immediately: false,
        major: false,
    }
}

pub fn password() -> Password {
    Password {
        text: Hidden::new("hunter2"),
        digest: "a1b2c3".into(),
    }
}

/// Whether the request asks for this installation's resources only.
pub fn asks_for_ours(filters: &[aws_sdk_ec2::types::Filter]) -> bool {
    filters.len() == 1 && filters[0].name() == Some("tag:hastack.dev/cluster") && filters[0].values() == ["c1"]
}

/// A future of this crate can be spawned.
#[test]
fn a_call_can_be_made_from_any_thread() {
    fn spawnable<F: Future + Send>(_: F) {}
    let (aws, _) = aws(&[]);
    spawnable(aws.sweep(Kind::RouteTable, &[]));
}
