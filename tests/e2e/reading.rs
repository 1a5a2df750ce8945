//! What someone reads who has never seen the project.

use crate::cluster::stack;
use crate::stage::Stage;

#[tokio::test]
async fn kubectl_reads_well() {
    let stage = Stage::set("reading").await;
    let _operator = stage.operator().await;
    stage
        .apply(&stack("web", "availabilityZones: 2\nnatGateways: Single"))
        .await;
    let waited = stage
        .show(&["wait", "--for=condition=Ready", "hastack/web", "--timeout=90s"])
        .await;
    assert_eq!(waited.trim(), "hastack.hastack.dev/web condition met");

    let vpc = stage.aws.vpc().await;
    let table = stage.show(&["get", "hastack"]).await;
    let [head, row] = columns(&table);
    assert_eq!(head, ["NAME", "READY", "PROGRESS", "URL", "ZONES", "AGE"]);
    assert_eq!(row[..4], ["web", "True", "15/15", "us-east-1a,us-east-1b"]);

    let table = stage.show(&["get", "has", "--output=wide"]).await;
    let [head, row] = columns(&table);
    let wide = ["VPC", "REGION", "ACCOUNT", "MESSAGE"];
    assert_eq!(
        head,
        [
            &["NAME", "READY", "PROGRESS", "URL", "ZONES", "SERVICES", "AGE"],
            &wide[..]
        ]
        .concat()
    );
    assert_eq!(row[5..8], [vpc.as_str(), "us-east-1", "123456789012"]);
    assert!(table.contains("all 15 AWS resources are as wanted"), "{table}");

    let text = flat(&stage.show(&["describe", "hastack", "web"]).await);
    for wanted in [
        "Nat Gateways: Single",
        "Reason: AsDesired Status: True Type: NetworkReady",
        "Progress: 15/15",
        "CreatedVpc",
        "create subnet/private/us-east-1a: 10.0.0.0/20 in us-east-1a (subnet-",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is missing");
    }
    assert!(!text.contains("Warning"), "nothing went wrong");

    for (field, wanted) in [
        ("hastack", "The shared ground of a highly available application in AWS"),
        (
            "hastack.spec.network",
            "How private subnets reach the internet: not at all, through one NAT gateway",
        ),
        ("hastack.spec.network.cidr", "Cannot be changed"),
        (
            "hastack.status.plan",
            "What hastack is about to do, waits for, or refuses to do",
        ),
    ] {
        let text = flat(&stage.show(&["explain", field]).await);
        assert!(text.contains(wanted), "{wanted:?} is missing");
        assert!(
            !text.contains("<no description>"),
            "{field} has fields without description"
        );
    }
}

impl Stage {
    /// What kubectl prints; the test's output shows it too.
    async fn show(&self, arguments: &[&str]) -> String {
        let text = self.kubectl(arguments).await.unwrap();
        println!("$ kubectl {}\n{text}", arguments.join(" "));
        text
    }
}

/// A text without its alignment.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The head and the only row of a table, split at the blanks.
fn columns(table: &str) -> [Vec<&str>; 2] {
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 2, "{table}");
    [
        lines[0].split_whitespace().collect(),
        lines[1].split_whitespace().collect(),
    ]
}
