use std::sync::mpsc;

use rustix::process::test_kill_process;

use super::*;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// A killed process stays in the table until its new parent asks for it, which a container's first process may never do.
fn is_gone(pid: u32) -> bool {
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return true;
    };
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    test_kill_process(number).is_err() || stat.contains(") Z ")
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn pid_in(file: &Path) -> u32 {
    let read = || fs::read_to_string(file).ok().filter(|text| text.ends_with('\n'));
    wait_until("the pid is written", || read().is_some());
    read().unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn a_process_ends_with_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start("exiting", &shell("exit 7"), Output::Log(&folder.path().join("log")))
        .await
        .unwrap();
    assert_eq!(process.ended().await, Exit::Code(7));
}

#[tokio::test]
async fn the_reported_pid_is_the_programs_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("echo $$ >{}; exec sleep 1000", file.display());
    let process = Process::start("pid", &shell(&script), Output::Log(&folder.path().join("log")))
        .await
        .unwrap();
    assert_eq!(process.id(), pid_in(&file));
    process.signal(Signal::KILL).unwrap();
    assert_eq!(process.ended().await, Exit::Code(128 + 9));
}

#[tokio::test]
async fn a_dropped_process_takes_what_it_started_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 1000 & echo $! >{}; wait", file.display());
    let process = Process::start("family", &shell(&script), Output::Log(&folder.path().join("log")))
        .await
        .unwrap();
    let (parent, child) = (process.id(), pid_in(&file));
    drop(process);
    wait_until("both are gone", || is_gone(parent) && is_gone(child));
}

#[tokio::test]
async fn a_program_that_leaves_a_child_behind_takes_it_along() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 1000 & echo $! >{}", file.display());
    let process = Process::start("leaving", &shell(&script), Output::Log(&folder.path().join("log")))
        .await
        .unwrap();
    assert_eq!(process.ended().await, Exit::Code(0));
    let child = pid_in(&file);
    wait_until("the child is gone", || is_gone(child));
}

#[tokio::test]
async fn stopping_asks_before_it_kills() {
    let (lines, received) = mpsc::channel();
    let output = Output::Lines(Box::new(move |line| lines.send(line.to_owned()).unwrap()));
    let script = "trap 'echo bye; exit 3' TERM; echo hello; while :; do sleep 0.01; done";
    let process = Process::start("polite", &shell(script), output).await.unwrap();
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), "hello");
    assert_eq!(process.stop(PATIENCE).await, Exit::Code(3));
    assert_eq!(received.recv_timeout(PATIENCE).unwrap(), "bye");
}

#[tokio::test]
async fn an_early_end_is_an_error_with_the_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let process = Process::start("failing", &shell("echo no such flag; exit 2"), Output::Log(&log))
        .await
        .unwrap();
    let error = process
        .until_ready(PATIENCE, || async { false })
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("it ended with exit code 2") && error.contains("no such flag"),
        "{error}"
    );
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let error = run("nothing", &Command::new("/does/not/exist"), &log)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("it ended with exit code 127") && error.contains("/does/not/exist"),
        "{error}"
    );
}

#[tokio::test]
async fn a_stopped_process_can_be_ended_too() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(
        "stopped",
        &shell("exec sleep 1000"),
        Output::Log(&folder.path().join("log")),
    )
    .await
    .unwrap();
    process.signal(Signal::STOP).unwrap();
    let child = process.id();
    drop(process);
    wait_until("it is gone", || is_gone(child));
}

#[tokio::test]
async fn a_dropped_process_is_not_left_as_a_zombie() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(
        "reaped",
        &shell("exec sleep 1000"),
        Output::Log(&folder.path().join("log")),
    )
    .await
    .unwrap();
    let child = i32::try_from(process.id()).ok().and_then(Pid::from_raw).unwrap();
    drop(process);
    assert!(test_kill_process(child).is_err());
}

/// This test starts itself once more, as the parent that is to be killed.
#[tokio::test]
async fn a_killed_parent_leaves_nothing_behind() {
    const FOLDER: &str = "HASTACK_TEST_PARENT";
    let name = "process::tests::a_killed_parent_leaves_nothing_behind";
    if let Ok(folder) = std::env::var(FOLDER) {
        let folder = Path::new(&folder);
        let script = format!("sleep 1000 & echo $! >{}; wait", folder.join("grandchild").display());
        let child = Process::start("child", &shell(&script), Output::Log(&folder.join("log")))
            .await
            .unwrap();
        fs::write(folder.join("child"), format!("{}\n", child.id())).unwrap();
        child.ended().await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap());
    parent
        .args(["--exact", name])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null());
    let mut parent = parent.spawn().unwrap();
    let (child, grandchild) = (
        pid_in(&folder.path().join("child")),
        pid_in(&folder.path().join("grandchild")),
    );
    assert!(!is_gone(child) && !is_gone(grandchild));
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_until("child and grandchild are gone", || {
        is_gone(child) && is_gone(grandchild)
    });
}
