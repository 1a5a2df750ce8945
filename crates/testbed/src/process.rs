//! A child process that never outlives us, not even when we are killed.
//!
//! The kernel's own way (`PR_SET_PDEATHSIG`) needs unsafe code and exists on Linux alone. Here each child runs under a few
//! lines of POSIX shell that hold one end of a pipe from us. When the pipe closes, for whatever reason we ended, the shell
//! kills the child's whole process group.
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process, kill_process_group};
use tokio::sync::watch;

pub use rustix::process::Signal;

/// Reports the child's pid, then its exit code, on standard output; the child's own output goes to standard error. The
/// part in brackets reads the pipe from us. The child is killed before the group, so that its parent is there to reap it:
/// the first process of a container may not do that for orphans. If we are gone, nobody reads the report.
const WATCHER: &str = r#"
exec 3<&0 </dev/null
( exec "$@" >&2 3<&- ) & child=$!
echo "pid $child"
( read -r _ <&3; kill -s KILL "$child" ) >/dev/null 2>&1 & lifeline=$!
wait "$child"; code=$?
exec 2>/dev/null
trap '' PIPE
echo "exit $code"
kill -s KILL "$lifeline"; wait "$lifeline"
kill -s KILL -- "-$$"
"#;

/// How long the watcher may take to end what it watches. It takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of a log an error shows.
const TAIL_LINES: usize = 20;
const TAIL_BYTES: i64 = 8192;

/// Why a process could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log file cannot be written.
    #[error("cannot create the log file {path:?}")]
    CreateLog {
        /// The log file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The shell that watches over the process cannot be started.
    #[error("cannot start {name}")]
    Start {
        /// The process.
        name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The process ended although it was needed, or with an exit code other than 0.
    #[error("cannot go on without {name}: it ended with {exit}\n{tail}")]
    Ended {
        /// The process.
        name: String,
        /// How it ended.
        exit: Exit,
        /// The last lines it wrote.
        tail: String,
    },
    /// The process runs but did not become ready.
    #[error("cannot wait any longer for {name}: it was not ready after {} s\n{tail}", waited.as_secs())]
    NotReady {
        /// The process.
        name: String,
        /// How long was waited.
        waited: Duration,
        /// The last lines it wrote.
        tail: String,
    },
    /// A signal could not be sent.
    #[error("cannot send {signal:?} to {name}")]
    SendSignal {
        /// The process.
        name: String,
        /// The signal.
        signal: Signal,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this exit code; 128 + n stands for signal n, as in a shell.
    Code(i32),
    /// With its whole group, by SIGKILL from us.
    Killed,
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Killed => f.write_str("SIGKILL"),
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    Starting,
    Running(Pid),
    Ended(Option<Pid>, Exit),
}

/// Where the process writes to.
pub enum Output<'a> {
    /// Standard output and standard error go to this file, which is replaced.
    Log(&'a Path),
    /// Each line goes to this function, from a thread of its own.
    Lines(Box<dyn FnMut(&str) + Send>),
}

/// A running child process. Dropping it kills it and all it started.
pub struct Process {
    name: String,
    watcher: Child,
    state: watch::Receiver<State>,
    log: Option<PathBuf>,
}

impl Process {
    /// Starts `command` (its program, arguments, environment changes and folder; its own standard streams are not used).
    pub async fn start(name: &str, command: &Command, output: Output<'_>) -> Result<Self, Error> {
        let start = |source| Error::Start {
            name: name.into(),
            source,
        };
        let mut shell = Command::new("sh");
        shell
            .args(["-c", WATCHER, "sh"])
            .arg(command.get_program())
            .args(command.get_args());
        for (variable, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(variable, value),
                None => shell.env_remove(variable),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let (log, sink) = match output {
            Output::Log(path) => (Some(path.to_path_buf()), None),
            Output::Lines(sink) => (None, Some(sink)),
        };
        shell.stderr(log.as_deref().map_or(Ok(Stdio::piped()), create_log)?);
        let mut watcher = shell.spawn().map_err(start)?;
        let reader = watcher
            .stderr
            .take()
            .zip(sink)
            .map(|(stderr, sink)| each_line(stderr, sink));
        let (sender, state) = watch::channel(State::Starting);
        if let Some(stdout) = watcher.stdout.take() {
            thread::spawn(move || follow(stdout, reader, &sender));
        }
        let mut process = Self {
            name: name.into(),
            watcher,
            state,
            log,
        };
        let changed = process.state.wait_for(|state| !matches!(state, State::Starting)).await;
        changed.map_err(|_| start(io::ErrorKind::BrokenPipe.into()))?;
        Ok(process)
    }

    /// The process id of the program itself, 0 if it never ran.
    pub fn id(&self) -> u32 {
        self.pid().map_or(0, |pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    /// How it ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        match *self.state.borrow() {
            State::Starting | State::Running(_) => None,
            State::Ended(_, exit) => Some(exit),
        }
    }

    /// Waits until it ends.
    pub async fn ended(&self) -> Exit {
        let mut state = self.state.clone();
        let ended = state.wait_for(|state| matches!(state, State::Ended(..))).await;
        match ended.as_deref() {
            Ok(State::Ended(_, exit)) => *exit,
            Ok(State::Starting | State::Running(_)) | Err(_) => Exit::Killed,
        }
    }

    /// Sends a signal to the program, not to what it started.
    pub fn signal(&self, signal: Signal) -> Result<(), Error> {
        let sent = match self.pid() {
            Some(pid) if self.exit().is_none() => kill_process(pid, signal).map_err(io::Error::from),
            Some(_) | None => Err(io::ErrorKind::NotFound.into()),
        };
        sent.map_err(|source| Error::SendSignal {
            name: self.name.clone(),
            signal,
            source,
        })
    }

    /// Asks the program to end (SIGTERM), and kills it after `patience`.
    pub async fn stop(self, patience: Duration) -> Exit {
        if self.signal(Signal::TERM).is_err() {
            return self.exit().unwrap_or(Exit::Killed);
        }
        tokio::time::timeout(patience, self.ended())
            .await
            .unwrap_or(Exit::Killed)
    }

    /// Waits until `probe` says true: an error if the process ends before, or `limit` is over.
    pub async fn until_ready<F: Future<Output = bool>>(
        &self,
        limit: Duration,
        mut probe: impl FnMut() -> F,
    ) -> Result<(), Error> {
        let polls = async {
            while !probe().await {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::select! {
            () = polls => Ok(()),
            exit = self.ended() => Err(Error::Ended { name: self.name.clone(), exit, tail: self.tail() }),
            () = tokio::time::sleep(limit) => {
                Err(Error::NotReady { name: self.name.clone(), waited: limit, tail: self.tail() })
            }
        }
    }

    /// The last lines of its log, indented; nothing when the lines went to a function.
    pub fn tail(&self) -> String {
        self.log.as_deref().map(tail).unwrap_or_default()
    }

    fn pid(&self) -> Option<Pid> {
        match *self.state.borrow() {
            State::Starting => None,
            State::Running(pid) => Some(pid),
            State::Ended(pid, _) => pid,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if !matches!(self.watcher.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        // The watcher is not reaped before this line, so its group's id cannot belong to anyone else.
        if let Some(group) = i32::try_from(self.watcher.id()).ok().and_then(Pid::from_raw) {
            let _gone_already = kill_process_group(group, Signal::KILL);
        }
        let _reaped = self.watcher.wait();
    }
}

/// Runs `command` to its end, with its output in the file `log`. Anything but exit code 0 is an error that shows the log's end.
pub async fn run(name: &str, command: &Command, log: &Path) -> Result<(), Error> {
    let process = Process::start(name, command, Output::Log(log)).await?;
    match process.ended().await {
        Exit::Code(0) => Ok(()),
        exit @ (Exit::Code(_) | Exit::Killed) => Err(Error::Ended {
            name: name.into(),
            exit,
            tail: process.tail(),
        }),
    }
}

fn create_log(path: &Path) -> Result<Stdio, Error> {
    let file = File::create(path).map_err(|source| Error::CreateLog {
        path: path.into(),
        source,
    })?;
    Ok(Stdio::from(file))
}

fn each_line(from: impl Read + Send + 'static, mut sink: Box<dyn FnMut(&str) + Send>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut lines = BufReader::new(from);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            sink(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']));
            line.clear();
        }
    })
}

/// Turns the watcher's reports into states. The last one comes after the last line of output.
fn follow(reports: ChildStdout, reader: Option<JoinHandle<()>>, state: &watch::Sender<State>) {
    let mut pid = None;
    let mut exit = Exit::Killed;
    for report in BufReader::new(reports).lines().map_while(Result::ok) {
        if let Some(number) = report.strip_prefix("pid ") {
            pid = number.parse().ok().and_then(Pid::from_raw);
            if let Some(pid) = pid {
                state.send_replace(State::Running(pid));
            }
        } else if let Some(code) = report.strip_prefix("exit ") {
            exit = code.parse().map_or(Exit::Killed, Exit::Code);
        }
    }
    let _all_lines_are_read = reader.map(JoinHandle::join);
    state.send_replace(State::Ended(pid, exit));
}

fn tail(log: &Path) -> String {
    let mut bytes = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let length = file.metadata()?.len();
        let from = i64::try_from(length).map_or(0, |length| length.min(TAIL_BYTES));
        file.seek(SeekFrom::End(-from))?;
        file.read_to_end(&mut bytes)
    });
    if let Err(error) = read {
        return format!("    (its log {} cannot be read: {error})", log.display());
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(TAIL_LINES)..];
    let shown: Vec<_> = last.iter().map(|line| format!("    {line}\n")).collect();
    let whole = fs::canonicalize(log).unwrap_or_else(|_| log.into());
    format!("{}    (all of it: {})", shown.concat(), whole.display())
}

#[cfg(test)]
mod tests;
