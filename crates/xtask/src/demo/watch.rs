//! What the stacks report, as it changes.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::domain;
use super::ground::Ground;
use crate::terminal::{seconds, spinner};

const PERIOD: Duration = Duration::from_millis(400);
/// A message that fills more than a line says no more to who watches.
const MESSAGE: usize = 120;

/// The conditions of what does not wait for the certificate.
const PARTS: [&str; 3] = ["NetworkReady", "FileSystemReady", "BastionReady"];

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// Ready, or nothing is missing but DNS records that only the domain's user can create.
    Records,
    Ready,
    /// The load balancer's services are back at what they were before a change of theirs that failed.
    RolledBack,
    Gone,
}

/// What one object reports.
#[derive(Debug, PartialEq)]
struct Report {
    name: String,
    progress: String,
    is_ready: bool,
    /// Whether nothing is missing but DNS records.
    waits_for_records: bool,
    /// The name of the stack it stands on.
    stack: Option<String>,
    /// Whether its last rollout failed and was rolled back, or could not fail.
    is_rolled_back: bool,
    /// What someone must do something about.
    stalled: Option<String>,
    said: String,
}

/// Prints each change until all objects have reached the goal.
pub(crate) async fn until(ground: &Ground, goal: Goal, limit: Duration) -> Result<()> {
    let watched = async {
        tokio::select! {
            reached = follow(ground, goal) => reached,
            exit = ground.operator.ended() => bail!("the operator ended with {exit}"),
        }
    };
    match tokio::time::timeout(limit, watched).await {
        Ok(reached) => reached,
        Err(_) => bail!("gave up waiting after {}", seconds(limit)),
    }
}

async fn follow(ground: &Ground, goal: Goal) -> Result<()> {
    let start = Instant::now();
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    let spinner = spinner("waiting for the operator");
    loop {
        let reports: Vec<_> = ground
            .stacks
            .look(&ground.kubectl)
            .await?
            .iter()
            .map(Report::of)
            .collect();
        for report in &reports {
            let line = report.line();
            if shown.get(&report.name) != Some(&line) {
                let time = seconds(start.elapsed());
                spinner.suspend(|| println!("  {time:>9}  {line}"));
                spinner.set_message(line.clone());
                shown.insert(report.name.clone(), line);
            }
        }
        let reached = match goal {
            Goal::Records => reached_by(&reports, |report| {
                report.is_ready || waits_for_records(report, &reports)
            }),
            Goal::RolledBack => reached_by(&reports, |report| report.is_ready || report.is_rolled_back),
            Goal::Ready => reached_by(&reports, |report| report.is_ready),
            Goal::Gone => reports.is_empty(),
        };
        if reached {
            spinner.finish_and_clear();
            println!("  {:>9}  {}", seconds(start.elapsed()), goal.word(&reports));
            return Ok(());
        }
        if let Some(why) = reports
            .iter()
            .find_map(|report| report.stalled.as_ref())
            .filter(|_| matches!(goal, Goal::Records | Goal::Ready))
        {
            bail!("it cannot become ready: {why}");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

fn reached_by(reports: &[Report], is_there: impl Fn(&Report) -> bool) -> bool {
    !reports.is_empty() && reports.iter().all(is_there)
}

/// Whether it or the stack it stands on waits for DNS records.
fn waits_for_records(report: &Report, reports: &[Report]) -> bool {
    let stands_on = |stack: &Report| {
        report
            .stack
            .as_ref()
            .is_some_and(|name| stack.name == format!("hastack/{name}"))
    };
    let waits = |report: &Report| report.waits_for_records;
    waits(report) || reports.iter().any(|stack| stands_on(stack) && waits(stack))
}

impl Goal {
    /// What is so when it is reached.
    fn word(self, reports: &[Report]) -> &'static str {
        match self {
            Self::Records if reports.iter().any(|report| !report.is_ready) => {
                "All that can be done without DNS records"
            }
            Self::Records | Self::Ready => "Ready",
            Self::RolledBack => "The earlier version serves",
            Self::Gone => "Gone",
        }
    }
}

impl Report {
    fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let status = &object["status"];
        let condition = |kind: &str| {
            let conditions = status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
            conditions
                .iter()
                .find(|condition| condition["type"] == kind)
                .cloned()
                .unwrap_or_default()
        };
        let ready = condition("Ready");
        let stalled = Some(condition("Stalled")).filter(|stalled| stalled["status"] == "True");
        let speaker = stalled.as_ref().unwrap_or(&ready);
        let (reason, message) = (text(&speaker["reason"]), text(&speaker["message"]));
        let is_true_or_absent = |part: &&str| matches!(condition(part)["status"].as_str(), Some("True") | None);
        let is_current = status["observedGeneration"] == object["metadata"]["generation"];
        Self {
            name: format!(
                "{}/{}",
                text(&object["kind"]).to_lowercase(),
                text(&object["metadata"]["name"])
            ),
            progress: text(&status["progress"]),
            is_ready: ready["status"] == "True" && is_current,
            waits_for_records: is_current && domain::is_awaited(object) && PARTS.iter().all(is_true_or_absent),
            stack: object["spec"]["stackRef"]["name"].as_str().map(str::to_owned),
            is_rolled_back: is_current && status["rollout"]["progress"] == "RolledBack",
            stalled: stalled.as_ref().map(|_| format!("{reason}: {message}")),
            said: match (object["metadata"]["deletionTimestamp"].is_string(), message.as_str()) {
                (true, _) if ready["status"] == "True" => "to be deleted".to_owned(),
                (_, "") => reason,
                (_, message) => format!("{reason}: {}", shorten(message)),
            },
        }
    }

    fn line(&self) -> String {
        let Self {
            name,
            progress,
            is_ready: _,
            waits_for_records: _,
            stack: _,
            is_rolled_back: _,
            stalled: _,
            said,
        } = self;
        let said = if said.is_empty() {
            "not seen by the operator yet"
        } else {
            said
        };
        format!("{name}  {progress:>5}  {said}")
    }
}

fn shorten(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    match line.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(conditions: &Value, observed: u64) -> Value {
        json!({
            "kind": "HAStack",
            "metadata": {"name": "demo", "generation": 2},
            "status": {"progress": "12/34", "observedGeneration": observed, "conditions": conditions},
        })
    }

    #[test]
    fn a_line_says_how_far_it_is_and_what_it_waits_for() {
        let ready = json!([{"type": "Ready", "status": "False", "reason": "Waiting", "message": "for 3 NAT gateways"}]);
        let report = Report::of(&object(&ready, 2));
        assert_eq!(report.line(), "hastack/demo  12/34  Waiting: for 3 NAT gateways");
        assert!(!report.is_ready);
    }

    #[test]
    fn ready_of_an_older_generation_is_not_ready() {
        let ready = json!([{"type": "Ready", "status": "True", "reason": "AsDesired", "message": ""}]);
        assert!(Report::of(&object(&ready, 2)).is_ready);
        assert!(!Report::of(&object(&ready, 1)).is_ready);
    }

    #[test]
    fn a_service_waits_for_records_when_its_stack_does() {
        let mut service = object(&json!([]), 2);
        service["spec"] = json!({"stackRef": {"name": "demo"}});
        let mut stack = object(&json!([]), 2);
        stack["status"]["dnsRecords"] = json!([{"name": "a", "seen": false}]);
        let reports = [Report::of(&service), Report::of(&stack)];
        assert!(waits_for_records(&reports[0], &reports));
        stack["metadata"]["name"] = json!("other");
        let reports = [Report::of(&service), Report::of(&stack)];
        assert!(!waits_for_records(&reports[0], &reports));
    }

    #[test]
    fn a_stalled_stack_says_why() {
        let stalled = json!([{"type": "Stalled", "status": "True", "reason": "InvalidSpec", "message": "cidr"}]);
        assert_eq!(
            Report::of(&object(&stalled, 2)).stalled.as_deref(),
            Some("InvalidSpec: cidr")
        );
    }

    #[test]
    fn an_object_without_status_can_be_shown() {
        let report = Report::of(&json!({"kind": "HAStack", "metadata": {"name": "demo", "generation": 1}}));
        assert_eq!(report.line(), "hastack/demo         not seen by the operator yet");
    }
}
