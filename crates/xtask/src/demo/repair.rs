//! Deletes the public way out of a stack behind the operator's back, and waits for it to come back.
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use hastack_testbed::account::list;
use serde_json::{Value, json};

use super::Options;
use super::ground::{CLUSTER_TAG, Ground, SWEEP_INTERVAL};
use crate::terminal::{seconds, spinner};

const PERIOD: Duration = Duration::from_secs(1);
const ANYWHERE: &str = "0.0.0.0/0";

/// A default route to an internet gateway.
struct Route {
    region: String,
    table: String,
}

pub(crate) async fn show(ground: &Ground, options: &Options) -> Result<()> {
    let Some(route) = find(ground).await? else {
        println!("  These stacks have no public route to delete, so no repair is shown.");
        return Ok(());
    };
    let Route { region, table } = &route;
    let mut seen = BTreeSet::new();
    new_events(ground, &mut seen).await?;
    let parameters = json!({"RouteTableId": table, "DestinationCidrBlock": ANYWHERE});
    ground
        .account
        .calls(region, &[("ec2", "delete_route", parameters)])
        .await?;
    println!("  Deleted the route {ANYWHERE} of {table}: nothing gets out of the public subnets now.");
    println!("  The operator looks at everything every {SWEEP_INTERVAL} here, every minute by default.");
    let start = Instant::now();
    let spinner = spinner("waiting for the repair");
    let mut is_back = false;
    while start.elapsed() < options.limit() {
        for event in new_events(ground, &mut seen).await? {
            spinner.suspend(|| println!("  {:>9}  {event}", seconds(start.elapsed())));
        }
        // One more look at the events then: they come after the deed.
        if is_back {
            return Ok(());
        }
        is_back = routes(ground, region).await?.iter().any(|there| there == table);
        if is_back {
            spinner.finish_and_clear();
            println!("  {:>9}  The route is back.", seconds(start.elapsed()));
        }
        tokio::time::sleep(PERIOD).await;
    }
    bail!(
        "the route of {table} did not come back within {}",
        seconds(options.limit())
    )
}

async fn find(ground: &Ground) -> Result<Option<Route>> {
    for region in &ground.stacks.regions {
        if let Some(table) = routes(ground, region).await?.into_iter().next() {
            return Ok(Some(Route {
                region: region.clone(),
                table,
            }));
        }
    }
    Ok(None)
}

/// The route tables of ours that have a default route to an internet gateway.
async fn routes(ground: &Ground, region: &str) -> Result<Vec<String>> {
    let filter = json!({"Name": format!("tag:{CLUSTER_TAG}"), "Values": [ground.cluster_id]});
    let call = ("ec2", "describe_route_tables", json!({"Filters": [filter]}));
    let answers = ground.account.calls(region, &[call]).await?;
    let tables = answers.iter().flat_map(|answer| list(answer, "RouteTables"));
    let open = tables.filter(|table| list(table, "Routes").iter().any(leads_out));
    Ok(open
        .filter_map(|table| table["RouteTableId"].as_str().map(String::from))
        .collect())
}

fn leads_out(route: &Value) -> bool {
    let gateway = route["GatewayId"].as_str().unwrap_or_default();
    route["DestinationCidrBlock"] == ANYWHERE && gateway.starts_with("igw-")
}

/// Events of the stacks that were not there before.
async fn new_events(ground: &Ground, seen: &mut BTreeSet<String>) -> Result<Vec<String>> {
    let uids: Vec<Value> = ground
        .stacks
        .look(&ground.kubectl)
        .await?
        .iter()
        .map(|stack| uid(stack).clone())
        .collect();
    let arguments = [
        "get",
        "events",
        "--all-namespaces",
        "--sort-by=.metadata.creationTimestamp",
        "--output=json",
    ];
    let events = ground.kubectl.objects(&arguments).await?;
    let ours = events
        .iter()
        .filter(|event| uids.contains(&event["involvedObject"]["uid"]));
    // A repeated event is one object whose resource version changes.
    let new = ours.filter(|event| seen.insert(format!("{}@{}", uid(event), event["metadata"]["resourceVersion"])));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(new
        .map(|event| format!("{}: {}", text(&event["reason"]), text(&event["message"])))
        .collect())
}

fn uid(object: &Value) -> &Value {
    &object["metadata"]["uid"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_default_route_to_an_internet_gateway_leads_out() {
        let route = |cidr: &str, gateway: &str| json!({"DestinationCidrBlock": cidr, "GatewayId": gateway});
        assert!(leads_out(&route("0.0.0.0/0", "igw-1")));
        assert!(!leads_out(&route("10.0.0.0/16", "local")));
        assert!(!leads_out(
            &json!({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"})
        ));
    }
}
