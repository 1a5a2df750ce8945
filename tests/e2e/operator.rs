//! The operator's process, and the proxy between it and AWS.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hastack_testbed::http::Client;
use hastack_testbed::process::{Exit, Output, Process, Signal};
use hastack_testbed::proxy::{Call, Fault, Hold, Proxy, Rule};
use hastack_testbed::{aws, port};

use crate::wait::{PATIENCE, until, within};

/// How long an operator may take to end when told to.
pub const LAST_ORDERS: Duration = Duration::from_secs(10);

static CALLERS: AtomicU64 = AtomicU64::new(1);

/// A running operator.
pub struct Operator {
    pub proxy: Proxy,
    /// The access key id it signs with.
    pub caller: String,
    name: String,
    command: Command,
    address: String,
    log: PathBuf,
    starts: u32,
    process: Process,
}

impl Operator {
    /// Starts `command` with a proxy in front of `aws`.
    pub async fn start(name: String, mut command: Command, aws: &str, log: PathBuf) -> Self {
        let proxy = Proxy::start(aws).await.unwrap();
        let caller = format!("AKIA{:016}", CALLERS.fetch_add(1, Ordering::Relaxed));
        let address = format!("127.0.0.1:{}", port::free());
        aws::point(&mut command, &proxy.endpoint());
        command
            .args(["--address", &address, "--log", "info,hastack_aws=debug"])
            .env("AWS_ACCESS_KEY_ID", &caller)
            .env("NO_COLOR", "1");
        let process = Process::start(&name, &command, Output::Log(&log)).await.unwrap();
        let operator = Self {
            proxy,
            caller,
            name,
            command,
            address,
            log,
            starts: 1,
            process,
        };
        operator.ready().await;
        operator
    }

    /// Starts it again after it has ended, as the same caller at the same proxy.
    pub async fn restart(&mut self) {
        self.starts += 1;
        self.log.set_extension(format!("{}.log", self.starts));
        self.process = Process::start(&self.name, &self.command, Output::Log(&self.log))
            .await
            .unwrap();
        self.ready().await;
    }

    async fn ready(&self) {
        let ready = async || self.get("/readyz").await.is_ok();
        self.process.until_ready(PATIENCE, ready).await.unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal).unwrap();
    }

    /// Ends it as a crash does.
    pub async fn kill(&self) {
        self.signal(Signal::KILL);
        assert_eq!(self.process.ended().await, Exit::Code(128 + 9));
    }

    /// How it ended, and how long after now.
    pub async fn ended(&self) -> (Exit, Duration) {
        let start = Instant::now();
        let ended = tokio::time::timeout(PATIENCE, self.process.ended()).await;
        let exit = ended.unwrap_or_else(|_| panic!("{} does not end\n{}", self.name, self.process.tail()));
        (exit, start.elapsed())
    }

    /// The body of its answer with status 200; another status and body as an error.
    pub async fn get(&self, path: &str) -> Result<String, String> {
        let answer = Client::default().get(&format!("http://{}{path}", self.address)).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        if answer.status().is_success() {
            Ok(body)
        } else {
            Err(format!("{}: {body}", answer.status()))
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until its log says this.
    pub async fn says(&self, text: &str) {
        until(&format!("{} says {text:?}", self.name), async || {
            if self.log().contains(text) {
                Ok(())
            } else {
                Err(self.process.tail())
            }
        })
        .await;
    }

    /// Waits until it holds the lease, or does not.
    pub async fn leads(&self, leads: bool, limit: Duration) {
        let wanted = format!("hastack_leader {}", u8::from(leads));
        within(limit, &format!("{}: {wanted}", self.name), async || {
            let metrics = self.get("/metrics").await?;
            let line = metrics.lines().find(|line| line.starts_with("hastack_leader"));
            if line == Some(wanted.as_str()) {
                Ok(())
            } else {
                Err(format!("{line:?}\n{}", self.process.tail()))
            }
        })
        .await;
    }

    /// Holds back the replies of these calls of an action, counted from 1.
    pub fn hold(&self, action: &str, calls: std::ops::RangeInclusive<u64>) -> Hold {
        let hold = Hold::default();
        self.proxy
            .inject(Rule::new(Fault::HoldReply(hold.clone())).on_action(action).calls(calls));
        hold
    }

    /// Waits until a reply is held back.
    pub async fn held(&self, hold: &Hold) {
        let call = tokio::time::timeout(PATIENCE, hold.held()).await;
        call.unwrap_or_else(|_| {
            panic!(
                "{} does not make the call to be held\n{}",
                self.name,
                self.process.tail()
            )
        });
    }

    /// Every call of this action so far.
    pub fn calls(&self, action: &str) -> Vec<Call> {
        let calls = self.proxy.calls().into_iter();
        calls.filter(|call| call.request.action == action).collect()
    }

    /// Every call so far that changes something in AWS.
    pub fn writes(&self) -> Vec<Call> {
        let calls = self.proxy.calls().into_iter();
        calls.filter(|call| is_write(&call.request.action)).collect()
    }

    /// Asserts that the calls since the last count that change something were these, and that none of them failed. Counts anew.
    pub fn wrote(&self, what: &str, wanted: &[(&str, usize)]) {
        let writes = self.writes();
        assert_eq!(by_action(&writes), wanted.iter().copied().collect(), "{what}");
        assert_eq!(failed(&writes), [], "{what}");
        self.proxy.clear();
    }

    /// Every call so far that does not.
    pub fn reads(&self) -> Vec<Call> {
        let calls = self.proxy.calls().into_iter();
        calls.filter(|call| !is_write(&call.request.action)).collect()
    }

    /// Waits until AWS was looked at this many times more, as a whole: each sweep has one page of VPCs.
    pub async fn sweeps(&self, times: usize) {
        let before = self.calls("DescribeVpcs").len();
        until(&format!("{} sweeps {times} times", self.name), async || {
            let swept = self.calls("DescribeVpcs").len() - before;
            if swept >= times {
                Ok(())
            } else {
                Err(format!("{swept} times\n{}", self.process.tail()))
            }
        })
        .await;
    }
}

fn is_write(action: &str) -> bool {
    !["Describe", "Get", "List"].iter().any(|verb| action.starts_with(verb))
}

/// How many calls of each action.
pub fn by_action(calls: &[Call]) -> BTreeMap<&str, usize> {
    calls.iter().fold(BTreeMap::new(), |mut counts, call| {
        *counts.entry(call.request.action.as_str()).or_default() += 1;
        counts
    })
}

/// The calls that did not succeed.
pub fn failed(calls: &[Call]) -> Vec<(&str, Option<u16>)> {
    let failed = calls.iter().filter(|call| !matches!(call.status, Some(200..300)));
    failed.map(|call| (call.request.action.as_str(), call.status)).collect()
}
