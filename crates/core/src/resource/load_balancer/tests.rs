use super::*;

/// Others of the owner, each under its own name; those that are missing are not there.
struct Others {
    missing: &'static str,
}

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        let name = node.to_string();
        if name == self.missing {
            Err(node.clone())
        } else {
            Ok(name)
        }
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}

const ALL: Others = Others { missing: "" };
const WEB_ACL: &str = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1";

fn spec() -> Spec {
    Spec {
        name: "web".into(),
        scheme: LoadBalancerScheme::InternetFacing,
        may_be_replaced: false,
        subnets: ["subnet/b", "subnet/a"].map(|id| id.parse().unwrap()).into(),
        security_group: "security-group/load-balancer".parse().unwrap(),
        internet_gateway: Some("internet-gateway".parse().unwrap()),
        attributes: Attributes {
            drop_invalid_headers: true,
            ..Attributes::default()
        },
        web_acl_arn: None,
    }
}

/// As it is once all is done.
fn state() -> State {
    State {
        name: "web".into(),
        scheme: LoadBalancerScheme::InternetFacing,
        subnet_ids: vec!["subnet/a".into(), "subnet/b".into()],
        security_group_ids: vec!["security-group/load-balancer".into()],
        dns_name: None,
        hosted_zone_id: None,
        failure: None,
        details: Some(Details {
            attributes: spec().attributes,
            web_acl_arn: None,
        }),
    }
}

fn findings(spec: &Spec, state: &State, others: &Others) -> Vec<String> {
    let found = spec.compare(state, others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Underway(what) | Finding::Failed(what) => what,
            Finding::Immutable { field, is, wanted } => format!("{field} is {is}, not {wanted}"),
            Finding::Replace { field } => format!("replace for {field}"),
        })
        .collect()
}

fn details(state: &mut State) -> &mut Details {
    state.details.get_or_insert_default()
}

#[test]
fn one_that_is_as_wanted_needs_nothing() {
    assert_eq!(findings(&spec(), &state(), &ALL), Vec::<String>::new());
}

#[test]
fn it_is_created_once_the_internet_gateway_is_attached() {
    let waits = Others {
        missing: "internet-gateway",
    };
    assert_eq!(spec().create(&waits).unwrap_err().to_string(), "internet-gateway");
    assert_eq!(spec().create(&ALL).unwrap().subnet_ids, ["subnet/a", "subnet/b"]);
}

#[test]
fn all_attributes_that_differ_take_one_call() {
    let mut wanted = spec();
    wanted.attributes.idle_timeout_seconds = 120;
    wanted.attributes.access_logs = Some(LoadBalancerLogs {
        bucket: "logs".into(),
        prefix: Some("web".into()),
    });
    assert_eq!(
        findings(&wanted, &state(), &ALL),
        ["idle timeout 120 s, access logs to logs/web"]
    );
}

#[test]
fn subnets_move_when_all_of_them_are_there() {
    let mut moved = state();
    moved.subnet_ids = vec!["subnet/c".into()];
    assert_eq!(findings(&spec(), &moved, &ALL), ["subnets subnet/a, subnet/b"]);
    let waits = Others { missing: "subnet/b" };
    assert_eq!(findings(&spec(), &moved, &waits), ["wait for subnet/b"]);
}

#[test]
fn another_scheme_is_refused_by_name_and_nothing_else_is_touched() {
    let mut internal = state();
    internal.scheme = LoadBalancerScheme::Internal;
    internal.subnet_ids.clear();
    assert_eq!(
        findings(&spec(), &internal, &ALL),
        ["loadBalancer.scheme is Internal, not InternetFacing"]
    );
}

#[test]
fn another_scheme_makes_it_anew_where_the_user_allows_that() {
    let mut internal = state();
    internal.scheme = LoadBalancerScheme::Internal;
    let mut wanted = spec();
    wanted.may_be_replaced = true;
    assert_eq!(findings(&wanted, &internal, &ALL), ["replace for loadBalancer.scheme"]);
}

#[test]
fn a_web_acl_is_put_before_it_and_taken_away() {
    let mut wanted = spec();
    wanted.web_acl_arn = Some(WEB_ACL.into());
    assert_eq!(findings(&wanted, &state(), &ALL), [format!("web ACL {WEB_ACL}")]);
    let mut guarded = state();
    details(&mut guarded).web_acl_arn = Some(WEB_ACL.into());
    assert_eq!(findings(&spec(), &guarded, &ALL), ["no web ACL"]);
}

#[test]
fn a_web_acl_of_the_firewall_manager_stays() {
    let mut guarded = state();
    let theirs = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/FMManagedWebACLV2-all/1";
    details(&mut guarded).web_acl_arn = Some(theirs.into());
    assert_eq!(findings(&spec(), &guarded, &ALL), Vec::<String>::new());
}

#[test]
fn deletion_protection_is_turned_off_before_deletion() {
    let mut guarded = state();
    assert_eq!(guarded.teardown(), None);
    details(&mut guarded).attributes.deletion_protection = true;
    let first = guarded.teardown().unwrap();
    assert_eq!(first.to_string(), "deletion protection off");
    guarded.fold(&first, &Reply::default());
    assert_eq!(guarded.teardown(), None);
}
