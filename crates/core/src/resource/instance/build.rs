//! What has come of what an instance runs to become an image.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Change, State};
use crate::resource::Finding;

/// What the lines on the console begin with that say how a build ends.
pub const MARK: &str = "hastack-build:";

/// The status of what has run out of time.
/// <https://www.gnu.org/software/coreutils/manual/html_node/timeout-invocation.html>
const TIMED_OUT: u16 = 124;

/// How much of the output is said: it goes into conditions and events.
const LONGEST: usize = 1000;

/// What has come of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Build {
    /// The instance runs.
    Running {
        /// Since when.
        since: Option<Timestamp>,
    },
    /// The instance has stopped. What its console says is a detail that only `GetConsoleOutput` shows.
    Unread,
    /// The console does not say yet how it ended: AWS shows what is written at the end some minutes later.
    Silent,
    /// The script has ended with status 0.
    Succeeded,
    /// It has not.
    Failed {
        /// Its status.
        status: u16,
        /// The end of its output.
        output: String,
    },
    /// Somebody stopped the instance before the script ended.
    Interrupted,
}

impl Build {
    /// What the console of a stopped instance says.
    pub fn read(console: &str) -> Self {
        // Whatever else is written there, the last word is not the script's.
        let Some((before, end)) = console.rsplit_once(MARK) else {
            return Self::Silent;
        };
        let mut words = end.split_whitespace();
        match (words.next(), words.next().map(str::parse)) {
            (Some("succeeded"), Some(_)) => Self::Succeeded,
            (Some("failed"), Some(Ok(status))) => Self::Failed {
                status,
                output: output(before),
            },
            (_, _) => Self::Silent,
        }
    }
}

/// The end of the script's output, which stands after a line of ours, in one line.
fn output(console: &str) -> String {
    let opening = format!("{MARK} the end of its output:");
    let output = console.rsplit_once(&opening).map_or(console, |(_, output)| output);
    let lines = output.lines().map(|line| line.replace(char::is_control, ""));
    let lines: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
    let text = lines.join(" | ");
    let start = text.ceil_char_boundary(text.len().saturating_sub(LONGEST));
    text[start..].to_owned()
}

/// What is left to wait for until an image can be made of it.
pub(super) fn findings(state: &State, minutes: u16) -> Vec<Finding<Change>> {
    const AGAIN: &str = "change image.build, or terminate the instance to have it tried again";
    let finding = match &state.build {
        Some(Build::Succeeded) => return Vec::new(),
        Some(Build::Running { since }) => {
            let since = since.map(|since| format!(" since {since:.0}")).unwrap_or_default();
            Finding::Underway(format!(
                "running image.build.script{since}, for {minutes} minutes at most"
            ))
        }
        Some(Build::Unread) | None => Finding::Underway("looking at what its console says".to_owned()),
        Some(Build::Silent) => Finding::Underway(
            "it has stopped, and AWS will show in some minutes what its console says of the script; \
             if it never does, terminate the instance to have it tried again"
                .to_owned(),
        ),
        Some(Build::Failed { status, output }) if *status == TIMED_OUT => Finding::Failed(format!(
            "image.build.script did not end within {minutes} minutes; {AGAIN}; its output ends with: {output}"
        )),
        Some(Build::Failed { status, output }) => Finding::Failed(format!(
            "image.build.script failed with status {status}; {AGAIN}; its output ends with: {output}"
        )),
        Some(Build::Interrupted) => Finding::Failed(format!(
            "the instance was stopped before image.build.script ended; {AGAIN}"
        )),
    };
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Shown;

    fn stopped(build: Build) -> State {
        State {
            instance_type: "t3.micro".into(),
            image_parameter: None,
            image_id: None,
            subnet_id: "subnet-1".into(),
            group_ids: ["sg-1".to_owned()].into(),
            profile_id: None,
            key_name: None,
            volume_size_gib: None,
            guards_metadata: true,
            runs: false,
            public_ip: None,
            build: Some(build),
        }
    }

    #[test]
    fn what_a_console_said_is_known_until_the_instance_runs_again() {
        let mut state = stopped(Build::Unread);
        state.keep_details(&stopped(Build::Running { since: None }));
        assert!(state.lacks_details());
        state.keep_details(&stopped(Build::Silent));
        assert!(state.is_underway() && !state.lacks_details());
        let mut state = stopped(Build::Unread);
        state.keep_details(&stopped(Build::Succeeded));
        assert_eq!(state.build, Some(Build::Succeeded));
        assert_eq!(findings(&state, 60), []);
        let running = Build::Running { since: None };
        let mut state = stopped(running.clone());
        state.keep_details(&stopped(Build::Succeeded));
        assert_eq!(state.build, Some(running));
    }

    #[test]
    fn the_last_line_of_ours_on_the_console_says_how_a_build_ended() {
        let console = "boot\r\nhastack-build: the end of its output:\r\ninstalling\r\n\u{1b}no such package\r\n\
                       \nhastack-build: failed 100\r\n[  91.2] reboot: Power down\r\n";
        let failed = Build::Failed {
            status: 100,
            output: "installing | no such package".into(),
        };
        assert_eq!(Build::read(console), failed);
        let console = "login: \nhastack-build: failed 1\n\nlogin: hastack-build: succeeded 0123456789\r\n";
        assert_eq!(Build::read(console), Build::Succeeded);
    }

    #[test]
    fn a_console_without_a_whole_last_line_says_nothing() {
        for console in [
            "",
            "boot",
            "hastack-build:",
            "hastack-build: failed",
            "hastack-build: succ",
        ] {
            assert_eq!(Build::read(console), Build::Silent, "{console:?}");
        }
    }

    #[test]
    fn only_the_end_of_much_output_is_kept() {
        let console = format!(
            "{MARK} the end of its output:\n{}ü the end\n{MARK} failed 1\n",
            "ü\n".repeat(4000)
        );
        let Build::Failed { status: 1, output } = Build::read(&console) else {
            panic!("it failed")
        };
        assert!(output.len() <= LONGEST && output.ends_with("ü the end"), "{output}");
    }
}
