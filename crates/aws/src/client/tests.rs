use std::sync::Mutex;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::*;

/// Notes the host of each request, and the region and service it is signed for: `iam.amazonaws.com us-east-1/iam`.
#[derive(Clone, Debug, Default)]
struct Wire(Arc<Mutex<Vec<String>>>);

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = request.uri().split('/').nth(2).unwrap_or_default();
        let signature = request.headers().get("authorization").unwrap_or_default();
        let scope: Vec<_> = signature.split('/').skip(2).take(2).collect();
        self.0.lock().unwrap().push(format!("{host} {}", scope.join("/")));
        let answer = HttpResponse::new(StatusCode::try_from(500).unwrap(), SdkBody::empty());
        HttpConnectorFuture::ready(Ok(answer))
    }
}

impl Wire {
    fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn clients(&self, endpoint: Option<&str>, holds_lease: bool) -> Clients {
        let wire = SharedHttpConnector::new(self.clone());
        let credentials = Credentials::new("AKID", "secret", None, None, "test");
        let mut sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| wire.clone()));
        sdk.set_endpoint_url(endpoint.map(str::to_owned));
        Clients::new(&sdk.build(), &Guard::new(Arc::new(Lease(holds_lease))))
    }
}

struct Lease(bool);

impl Fence for Lease {
    fn may_write(&self) -> bool {
        self.0
    }
}

/// One read of each service. Where they go is what matters, not what comes of them.
async fn read_each(clients: &Clients) {
    let _ = clients.acm.read.list_certificates().send().await;
    let targets = clients.applicationautoscaling.read.describe_scalable_targets();
    let _ = targets.service_namespace(ServiceNamespace::Rds).send().await;
    let _ = clients.ec2.read.describe_vpcs().send().await;
    let _ = clients.efs.read.describe_file_systems().send().await;
    let _ = clients.elb.read.describe_load_balancers().send().await;
    let _ = clients.iam.read.list_roles().send().await;
    let _ = clients.logs.read.describe_log_groups().send().await;
    let _ = clients.rds.read.describe_db_instances().send().await;
    let _ = clients.route53.read.list_hosted_zones_by_name().send().await;
    let _ = clients
        .secretsmanager
        .read
        .describe_secret()
        .secret_id("arn-1")
        .send()
        .await;
    let _ = clients.sts.read.get_caller_identity().send().await;
    let _ = clients
        .wafv2
        .read
        .get_web_acl_for_resource()
        .resource_arn("arn-1")
        .send()
        .await;
}

/// One write of each service that has any.
async fn write_each(clients: &Clients) {
    let _ = clients
        .acm
        .write
        .delete_certificate()
        .certificate_arn("arn-1")
        .send()
        .await;
    let _ = clients
        .applicationautoscaling
        .write
        .deregister_scalable_target()
        .service_namespace(ServiceNamespace::Rds)
        .resource_id("cluster:web")
        .scalable_dimension(ScalableDimension::RdsClusterReadReplicaCount)
        .send()
        .await;
    let _ = clients.ec2.write.delete_vpc().vpc_id("vpc-1").send().await;
    let _ = clients
        .efs
        .write
        .untag_resource()
        .resource_id("fs-1")
        .tag_keys("team")
        .send()
        .await;
    let _ = clients.elb.write.delete_listener().listener_arn("arn-1").send().await;
    let _ = clients.iam.write.delete_role().role_name("web").send().await;
    let group = clients
        .logs
        .write
        .tag_resource()
        .resource_arn("arn-1")
        .tags("team", "web");
    let _ = group.send().await;
    let _ = clients
        .rds
        .write
        .start_db_instance()
        .db_instance_identifier("web")
        .send()
        .await;
    let _ = clients
        .secretsmanager
        .write
        .rotate_secret()
        .secret_id("arn-1")
        .send()
        .await;
    let _ = clients
        .wafv2
        .write
        .disassociate_web_acl()
        .resource_arn("arn-1")
        .send()
        .await;
}

#[tokio::test]
async fn a_global_service_is_reached_from_any_region() {
    let wire = Wire::default();
    read_each(&wire.clients(None, true)).await;
    assert_eq!(
        wire.seen(),
        [
            "acm.eu-central-1.amazonaws.com eu-central-1/acm",
            "application-autoscaling.eu-central-1.amazonaws.com eu-central-1/application-autoscaling",
            "ec2.eu-central-1.amazonaws.com eu-central-1/ec2",
            "elasticfilesystem.eu-central-1.amazonaws.com eu-central-1/elasticfilesystem",
            "elasticloadbalancing.eu-central-1.amazonaws.com eu-central-1/elasticloadbalancing",
            "iam.amazonaws.com us-east-1/iam",
            "logs.eu-central-1.amazonaws.com eu-central-1/logs",
            "rds.eu-central-1.amazonaws.com eu-central-1/rds",
            "route53.amazonaws.com us-east-1/route53",
            "secretsmanager.eu-central-1.amazonaws.com eu-central-1/secretsmanager",
            "sts.eu-central-1.amazonaws.com eu-central-1/sts",
            "wafv2.eu-central-1.amazonaws.com eu-central-1/wafv2",
        ]
    );
}

#[tokio::test]
async fn one_endpoint_stands_for_all_services() {
    let wire = Wire::default();
    read_each(&wire.clients(Some("http://127.0.0.1:5000"), true)).await;
    let seen = wire.seen();
    assert_eq!(seen.len(), 12);
    assert!(
        seen.iter().all(|request| request.starts_with("127.0.0.1:5000 ")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_read_of_any_service_needs_no_lease() {
    let wire = Wire::default();
    read_each(&wire.clients(None, false)).await;
    assert_eq!(wire.seen().len(), 12);
}

#[tokio::test]
async fn a_write_of_any_service_needs_the_lease() {
    let wire = Wire::default();
    write_each(&wire.clients(None, false)).await;
    assert_eq!(wire.seen(), [""; 0]);
    write_each(&wire.clients(None, true)).await;
    assert_eq!(wire.seen().len(), 10);
}
