use super::*;

/// Others of the owner: the VPC is there, the group `app` is not.
struct Others;

impl Refs for Others {
    fn usable(&self, node: &NodeId) -> Result<String, NodeId> {
        match node.to_string().as_str() {
            "vpc" => Ok("vpc-1".into()),
            _ => Err(node.clone()),
        }
    }

    fn settled(&self, node: &NodeId) -> Result<String, NodeId> {
        self.usable(node)
    }
}

fn spec(ingress: Vec<Allowance>) -> Spec {
    Spec {
        vpc: "vpc".parse().unwrap(),
        name: "shop/web".into(),
        ingress,
        egress: vec![Allowance::anything()],
    }
}

fn rule(port: i32, range: &str) -> Rule {
    Rule {
        protocol: "tcp".into(),
        ports: Some((port, port)),
        peer: Peer::Cidr(range.into()),
    }
}

fn findings(spec: &Spec, state: &State) -> Vec<String> {
    let found = spec.compare(state, &Others).into_iter();
    found
        .map(|finding| match finding {
            Finding::Change(change) => change.to_string(),
            Finding::Wait(node) => format!("wait for {node}"),
            Finding::Underway(what) | Finding::Failed(what) => what,
            Finding::Immutable { field, .. } | Finding::Replace { field } => field.to_owned(),
        })
        .collect()
}

#[test]
fn a_new_group_takes_one_call_for_all_its_rules() {
    let spec = spec(vec![Allowance::tcp(80, ANYWHERE), Allowance::tcp(443, ANYWHERE)]);
    assert_eq!(
        findings(&spec, &State::new("vpc-1", "shop/web")),
        ["let in tcp 80 0.0.0.0/0, tcp 443 0.0.0.0/0"]
    );
}

#[test]
fn a_rule_that_is_not_wanted_is_taken_away() {
    let mut state = State::new("vpc-1", "shop/web");
    state.ingress = vec![rule(22, ANYWHERE)];
    assert_eq!(findings(&spec(Vec::new()), &state), ["let in no more tcp 22 0.0.0.0/0"]);
}

#[test]
fn while_a_wanted_group_is_not_known_no_rule_is_taken_away() {
    let mut state = State::new("vpc-1", "shop/web");
    state.ingress = vec![rule(22, ANYWHERE)];
    let party = Party::Group("security-group/app".parse().unwrap());
    let from_app = Allowance {
        party,
        ..Allowance::tcp(5432, "")
    };
    assert_eq!(findings(&spec(vec![from_app]), &state), ["wait for security-group/app"]);
}
