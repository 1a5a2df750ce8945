//! The command line and its environment, as typed and as meant: [`Args`] becomes [`Config`] once, here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use hastack_core::timing::Timing;
use jiff::SignedDuration;

use crate::lease;

/// Highly available AWS applications from Kubernetes custom resources.
#[derive(Debug, Parser)]
#[command(name = "hastack", version, about, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the operator: make AWS as the custom resources of this cluster say, and keep it so.
    Run(Box<RunArgs>),
    /// Print the custom resource definitions as YAML.
    Crd,
    /// Print what would be done for the custom resources of a file. Calls neither Kubernetes nor AWS.
    Plan(PlanArgs),
}

/// The flags of `hastack run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The value of the tag hastack.dev/cluster on everything made in AWS. Set it to survive a rebuild of the cluster
    /// [default: the UID of the namespace kube-system].
    #[arg(long, env = "HASTACK_CLUSTER_ID", value_parser = cluster_id)]
    cluster_id: Option<String>,
    /// Look after the custom resources of this namespace only [default: all].
    #[arg(long, env = "HASTACK_NAMESPACE")]
    namespace: Option<String>,
    /// Between two looks at everything in AWS: the longest that a change made by others goes unseen.
    #[arg(long, env = "HASTACK_SWEEP_INTERVAL", default_value = "60s", value_parser = duration)]
    sweep_interval: Duration,
    /// Between two looks at what AWS lists only parent by parent or not at all: listeners, mount targets, certificates, DNS records.
    #[arg(long, env = "HASTACK_SLOW_INTERVAL", default_value = "5m", value_parser = duration)]
    slow_interval: Duration,
    /// Between two reads of what AWS shows only one resource at a time.
    #[arg(long, env = "HASTACK_DETAIL_INTERVAL", default_value = "6h", value_parser = duration)]
    detail_interval: Duration,
    /// How long AWS may hide a new resource.
    #[arg(long, env = "HASTACK_GRACE", default_value = "2m", value_parser = duration)]
    grace: Duration,
    /// How long AWS may show a changed resource as it was.
    #[arg(long, env = "HASTACK_SETTLE", default_value = "10s", value_parser = duration)]
    settle: Duration,
    /// How many custom resources are worked on at once.
    #[arg(long, env = "HASTACK_CONCURRENCY", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,
    /// Whether to work only while holding a lease, so that several replicas can run.
    #[arg(long, env = "HASTACK_LEADER_ELECTION", default_value_t = true, action = ArgAction::Set)]
    leader_election: bool,
    /// The name of the lease.
    #[arg(long, env = "HASTACK_LEASE_NAME", default_value = "hastack")]
    lease_name: String,
    /// The namespace of the lease [default: the pod's own, else "default"].
    #[arg(long, env = "HASTACK_LEASE_NAMESPACE")]
    lease_namespace: Option<String>,
    /// The longest it takes until another replica steps in for one that has crashed. At least 12s.
    #[arg(long, env = "HASTACK_LEASE_DURATION", default_value = "15s", value_parser = lease_duration)]
    lease_duration: Duration,
    /// Where /metrics, /healthz and /readyz are served.
    #[arg(long, env = "HASTACK_ADDRESS", default_value = "0.0.0.0:8080")]
    address: SocketAddr,
    /// How log lines look.
    #[arg(long, env = "HASTACK_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// What is logged: a level, or levels by module such as `info,hastack_aws=debug`.
    #[arg(long, env = "HASTACK_LOG", default_value = "info,kube_runtime=warn")]
    log: String,
    /// Send traces to this OpenTelemetry collector over HTTP, such as `http://collector:4318` [default: none].
    #[arg(long, env = "HASTACK_OTLP_ENDPOINT")]
    otlp_endpoint: Option<String>,
    /// The namespace of the pod.
    #[arg(long, env = "POD_NAMESPACE", hide = true)]
    pod_namespace: Option<String>,
}

/// The flags of `hastack plan`.
#[derive(Debug, clap::Args)]
pub struct PlanArgs {
    /// The file, or `-` for standard input.
    #[arg(short, long)]
    pub file: PathBuf,
    /// What exists in AWS: a YAML or JSON list of objects [default: nothing].
    #[arg(long)]
    pub observed: Option<PathBuf>,
    /// The availability zones of the region, with commas between [default: a to f of the region].
    #[arg(long, value_delimiter = ',')]
    pub zones: Vec<String>,
    /// The value of the tag hastack.dev/cluster of what is observed.
    #[arg(long, env = "HASTACK_CLUSTER_ID", default_value = "offline")]
    pub cluster_id: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// What `hastack run` is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The value of the cluster tag, where it is given.
    pub cluster: Option<String>,
    /// The namespace to look after; all where there is none.
    pub namespace: Option<String>,
    /// The pace of looking at AWS.
    pub timing: Timing,
    /// How many custom resources are worked on at once.
    pub concurrency: u16,
    /// The lease to hold while working; none where this is the only replica.
    pub lease: Option<lease::Settings>,
    /// Where to serve metrics and health.
    pub address: SocketAddr,
    /// What to log, and how.
    pub telemetry: Telemetry,
}

/// What is logged and traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// How log lines look.
    pub format: LogFormat,
    /// What is logged.
    pub filter: String,
    /// Where traces go.
    pub otlp_endpoint: Option<String>,
}

impl RunArgs {
    /// What is meant by what was typed. `pod_namespace` is what the service account's files say.
    pub fn config(self, pod_namespace: Option<String>) -> Config {
        let Self {
            cluster_id,
            namespace,
            sweep_interval,
            slow_interval,
            detail_interval,
            grace,
            settle,
            concurrency,
            leader_election,
            lease_name,
            lease_namespace,
            lease_duration,
            address,
            log_format,
            log,
            otlp_endpoint,
            pod_namespace: told,
        } = self;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let lease_namespace = filled(lease_namespace)
            .or(filled(told))
            .or(filled(pod_namespace))
            .unwrap_or_else(|| "default".to_owned());
        Config {
            cluster: filled(cluster_id),
            namespace: filled(namespace),
            timing: Timing {
                sweep: sweep_interval,
                slow: slow_interval,
                detail: detail_interval,
                settle,
                grace,
            },
            concurrency,
            lease: leader_election.then_some(lease::Settings {
                name: lease_name,
                namespace: lease_namespace,
                takeover: lease_duration,
            }),
            address,
            telemetry: Telemetry {
                format: log_format,
                filter: log,
                otlp_endpoint: filled(otlp_endpoint),
            },
        }
    }
}

/// What can stand in a tag, in a role's path and in a log group's name alike. An empty one is none.
fn cluster_id(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if text.len() <= 63 && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("it must have at most 63 letters, digits, dots, underscores and hyphens".to_owned())
    }
}

/// A duration as people write it: `90s`, `2m`, `6h`.
fn duration(text: &str) -> Result<Duration, String> {
    let signed: SignedDuration = text.parse().map_err(|error| format!("{error}"))?;
    let duration = Duration::try_from(signed).map_err(|_| "it must not be negative".to_owned())?;
    if duration < Duration::from_secs(1) {
        return Err("it must be at least 1s".to_owned());
    }
    Ok(duration)
}

fn lease_duration(text: &str) -> Result<Duration, String> {
    let duration = duration(text)?;
    if duration < lease::SHORTEST_TAKEOVER {
        return Err(format!("it must be at least {:?}", lease::SHORTEST_TAKEOVER));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Result<RunArgs, clap::Error> {
        let args = Args::try_parse_from(["hastack", "run"].iter().chain(arguments))?;
        match args.command {
            Command::Run(args) => Ok(*args),
            Command::Crd | Command::Plan(_) => panic!("not run"),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn what_is_left_out_has_the_documented_defaults() {
        let config = run(&[]).unwrap().config(Some("hastack-system".into()));
        assert_eq!(config.timing, Timing::default());
        assert_eq!(config.cluster, None);
        assert_eq!(config.namespace, None);
        assert_eq!(config.concurrency, 32);
        assert_eq!(config.address, "0.0.0.0:8080".parse().unwrap());
        assert_eq!(config.telemetry.format, LogFormat::Text);
        assert_eq!(config.telemetry.otlp_endpoint, None);
        assert_eq!(
            config.lease,
            Some(lease::Settings {
                name: "hastack".into(),
                namespace: "hastack-system".into(),
                takeover: Duration::from_secs(15),
            })
        );
    }

    #[test]
    fn outside_of_a_pod_the_lease_is_in_the_namespace_default() {
        let config = run(&[]).unwrap().config(None);
        assert_eq!(config.lease.map(|lease| lease.namespace).as_deref(), Some("default"));
    }

    #[test]
    fn without_leader_election_there_is_no_lease() {
        let config = run(&["--leader-election", "false"]).unwrap().config(None);
        assert_eq!(config.lease, None);
    }

    #[test]
    fn durations_read_as_people_write_them() {
        let args = run(&[
            "--sweep-interval",
            "90s",
            "--grace",
            "2m 30s",
            "--detail-interval",
            "1h",
        ])
        .unwrap();
        let timing = args.config(None).timing;
        assert_eq!(timing.sweep, Duration::from_secs(90));
        assert_eq!(timing.grace, Duration::from_secs(150));
        assert_eq!(timing.detail, Duration::from_hours(1));
    }

    #[test]
    fn durations_that_make_no_sense_are_refused() {
        for arguments in [
            ["--sweep-interval", "0s"],
            ["--grace", "-2m"],
            ["--settle", "soon"],
            ["--lease-duration", "5s"],
        ] {
            assert!(run(&arguments).is_err(), "{arguments:?}");
        }
    }
}
