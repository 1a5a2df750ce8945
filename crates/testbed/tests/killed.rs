//! `kill -9` of whoever started the real parts takes them along.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helper functions too"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hastack_testbed::aws::AwsStandIn;
use hastack_testbed::cache::Cache;
use hastack_testbed::kubernetes::ControlPlane;
use hastack_testbed::progress::Lines;
use hastack_testbed::tools::Tools;
use rustix::process::{Pid, test_kill_process};

const PARENT: &str = "HASTACK_TEST_PARENT";

/// This test starts itself once more, as the parent that is to be killed.
#[tokio::test]
async fn a_killed_parent_takes_the_control_plane_and_the_stand_in_along() {
    if let Ok(folder) = std::env::var(PARENT) {
        return be_the_parent(Path::new(&folder)).await;
    }
    Tools::prepare(&Cache::from_environment().unwrap(), &Lines)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap());
    parent.env(PARENT, folder.path()).stdout(Stdio::null());
    let mut parent = parent.spawn().unwrap();
    let report = folder.path().join("pids");
    wait_until("all of it runs", || {
        fs::read_to_string(&report).is_ok_and(|text| text.ends_with('\n'))
    });
    let pids: Vec<i32> = fs::read_to_string(&report)
        .unwrap()
        .split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect();
    assert_eq!(pids.len(), 4);
    assert!(pids.iter().all(|pid| !is_gone(*pid)));
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_until("none of it runs", || pids.iter().all(|pid| is_gone(*pid)));
}

async fn be_the_parent(folder: &Path) {
    let tools = Tools::prepare(&Cache::from_environment().unwrap(), &Lines)
        .await
        .unwrap();
    let plane = ControlPlane::start(&tools.kubernetes, folder).await.unwrap();
    let aws = AwsStandIn::start(&tools.python, folder, Duration::ZERO).await.unwrap();
    let pids = plane
        .processes()
        .into_iter()
        .chain([aws.process()])
        .map(|process| process.id().to_string());
    fs::write(folder.join("pids"), format!("{}\n", pids.collect::<Vec<_>>().join(" "))).unwrap();
    aws.process().ended().await;
}

/// A killed process stays in the table until its new parent asks for it, which a container's first process may never do.
fn is_gone(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(Pid::from_raw(pid).unwrap()).is_err() || stat.contains(") Z ")
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
