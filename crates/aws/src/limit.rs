//! No more calls than AWS takes.
//!
//! AWS keeps token buckets in each account and region: some services one for each call, Elastic Load Balancing one for all that
//! reads and one for all that writes, the others one for all their calls, as far as they say. Ours are as large as theirs. Where others use the account too, or AWS's are smaller than published, AWS throttles, and our bucket is emptied:
//! then calls go out as fast as tokens come in.
//! <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>,
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/api-throttling.html>

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::action::{Action, Class, Row, Service, TABLE};

/// The sizes of AWS's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Each call of ACM.
    pub acm: Rate,
    /// All calls of Application Auto Scaling.
    pub applicationautoscaling: Rate,
    /// All calls of Auto Scaling.
    pub autoscaling: Rate,
    /// Each reading call of EC2.
    pub ec2_read: Rate,
    /// Each writing call of EC2 but the next.
    pub ec2_write: Rate,
    /// EC2's `RunInstances`.
    pub ec2_run_instances: Rate,
    /// All calls of EFS.
    pub efs: Rate,
    /// All reading calls of Elastic Load Balancing.
    pub elb_read: Rate,
    /// All writing calls of Elastic Load Balancing.
    pub elb_write: Rate,
    /// All calls of IAM.
    pub iam: Rate,
    /// Each call of CloudWatch Logs.
    pub logs: Rate,
    /// All calls of RDS.
    pub rds: Rate,
    /// All calls of Route 53.
    pub route53: Rate,
    /// All calls of Secrets Manager.
    pub secretsmanager: Rate,
    /// All calls of Systems Manager.
    pub ssm: Rate,
    /// All calls of STS.
    pub sts: Rate,
    /// Each call of WAF.
    pub wafv2: Rate,
}

/// The size of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many calls may be made at once.
    pub burst: u32,
    /// How many calls a second may be made for ever. At least one.
    pub per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let rate = |burst, per_second| Rate { burst, per_second };
        Self {
            // The least of its calls. <https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html>
            acm: rate(5, 5),
            // Nothing is published.
            applicationautoscaling: rate(20, 10),
            // Nothing is published.
            autoscaling: rate(20, 10),
            ec2_read: rate(100, 20),
            ec2_write: rate(200, 5),
            ec2_run_instances: rate(5, 2),
            // Nothing is published.
            efs: rate(10, 5),
            elb_read: rate(40, 10),
            elb_write: rate(20, 3),
            // Nothing is published.
            iam: rate(10, 5),
            // The least of its calls. <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
            logs: rate(5, 5),
            // Nothing is published.
            rds: rate(20, 10),
            // <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>
            route53: rate(5, 5),
            // Far less than the least of its calls, `RotateSecret`: 50 a second.
            // <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
            secretsmanager: rate(20, 10),
            // `GetParameter`: 40 a second. <https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm>
            ssm: rate(20, 20),
            // Nothing is published, and one call in the life of a process is made.
            sts: rate(10, 5),
            // Changes of an association, which are rare, are taken every two seconds only.
            // <https://docs.aws.amazon.com/waf/latest/developerguide/limits.html>
            wafv2: rate(1, 1),
        }
    }
}

/// The calls that share a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Call(Action),
    Class(Service, Class),
    Service(Service),
}

/// Lets calls go when there is a token for them.
pub(crate) struct Limiter {
    lines: BTreeMap<Scope, Line>,
}

impl Limiter {
    pub fn new(limits: &Limits) -> Self {
        let lines = TABLE
            .iter()
            .map(|row| (scope(row), Line::new(rate(row, limits))))
            .collect();
        Self { lines }
    }

    /// Waits until `action` may be called.
    pub async fn admit(&self, action: Action) {
        let row = action.row();
        if let Some(line) = self.lines.get(&scope(row)) {
            line.wait(row.class).await;
        }
    }

    /// Takes note that AWS throttled `action`.
    pub fn throttled(&self, action: Action) {
        if let Some(line) = self.lines.get(&scope(action.row())) {
            line.bucket().drain(Instant::now());
        }
    }
}

fn scope(row: &Row) -> Scope {
    match row.service {
        Service::Acm | Service::Ec2 | Service::Logs | Service::Wafv2 => Scope::Call(row.action),
        Service::Elb => Scope::Class(row.service, row.class),
        Service::ApplicationAutoScaling
        | Service::AutoScaling
        | Service::Efs
        | Service::Iam
        | Service::Rds
        | Service::Route53
        | Service::SecretsManager
        | Service::Ssm
        | Service::Sts => Scope::Service(row.service),
    }
}

fn rate(row: &Row, limits: &Limits) -> Rate {
    match (row.service, row.class) {
        (Service::Acm, Class::Read | Class::Write) => limits.acm,
        (Service::ApplicationAutoScaling, Class::Read | Class::Write) => limits.applicationautoscaling,
        (Service::AutoScaling, Class::Read | Class::Write) => limits.autoscaling,
        (Service::Ec2, Class::Read) => limits.ec2_read,
        (Service::Ec2, Class::Write) if row.action == Action::RunInstances => limits.ec2_run_instances,
        (Service::Ec2, Class::Write) => limits.ec2_write,
        (Service::Efs, Class::Read | Class::Write) => limits.efs,
        (Service::Elb, Class::Read) => limits.elb_read,
        (Service::Elb, Class::Write) => limits.elb_write,
        (Service::Iam, Class::Read | Class::Write) => limits.iam,
        (Service::Logs, Class::Read | Class::Write) => limits.logs,
        (Service::Rds, Class::Read | Class::Write) => limits.rds,
        (Service::Route53, Class::Read | Class::Write) => limits.route53,
        (Service::SecretsManager, Class::Read | Class::Write) => limits.secretsmanager,
        (Service::Ssm, Class::Read | Class::Write) => limits.ssm,
        (Service::Sts, Class::Read | Class::Write) => limits.sts,
        (Service::Wafv2, Class::Read | Class::Write) => limits.wafv2,
    }
}

/// A bucket and those who wait for its tokens, first come, first served; reads only while no write waits.
struct Line {
    bucket: Mutex<Bucket>,
    // tokio's mutex is fair. Only the first of each queue looks at the bucket.
    reads: tokio::sync::Mutex<()>,
    writes: tokio::sync::Mutex<()>,
    writes_waiting: AtomicUsize,
}

impl Line {
    fn new(rate: Rate) -> Self {
        Self {
            bucket: Mutex::new(Bucket::full(rate, Instant::now())),
            reads: tokio::sync::Mutex::default(),
            writes: tokio::sync::Mutex::default(),
            writes_waiting: AtomicUsize::new(0),
        }
    }

    async fn wait(&self, class: Class) {
        let (queue, _counted) = match class {
            Class::Read => (&self.reads, None),
            Class::Write => (&self.writes, Some(Counted::new(&self.writes_waiting))),
        };
        let _first = queue.lock().await;
        while let Err(pause) = self.attempt(class) {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes a token, or says how long to wait before the next try.
    fn attempt(&self, class: Class) -> Result<(), Duration> {
        let mut bucket = self.bucket();
        let gives_way = class == Class::Read && self.writes_waiting.load(Ordering::Relaxed) > 0;
        if gives_way {
            return Err(bucket.interval());
        }
        bucket.take(Instant::now())
    }

    fn bucket(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One more, until dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A token bucket; `at` is when `tokens` was right.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: Rate,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: f64::from(rate.burst),
            at: now,
        }
    }

    /// Takes a token, or says when there will be one.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            // A little more than exact, so that rounding does not wake anyone in vain.
            Err(self.interval().mul_f64(1.0 - self.tokens) + Duration::from_millis(1))
        }
    }

    fn drain(&mut self, now: Instant) {
        self.refill(now);
        self.tokens = 0.0;
    }

    fn refill(&mut self, now: Instant) {
        let new = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(self.rate.per_second);
        self.tokens = (self.tokens + new).min(f64::from(self.rate.burst));
        self.at = now.max(self.at);
    }

    /// The time in which a token comes in.
    fn interval(&self) -> Duration {
        Duration::from_secs(1) / self.rate.per_second.max(1)
    }
}

#[cfg(test)]
mod tests;
