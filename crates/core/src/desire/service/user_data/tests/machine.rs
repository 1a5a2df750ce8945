//! A folder in which a script runs as it would on an instance: the programs it calls write down that they were called.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const SCRIPTS: &str = "var/lib/cloud/instance/scripts";
/// What every system has.
const TOOLS: [&str; 9] = ["awk", "cat", "chmod", "mkdir", "mv", "python3", "rm", "sh", "touch"];
/// Writes its call down, fails as often as it is to, then says what it has to say.
const STUB: &str = r#"#!/bin/sh
name=${0##*/}
echo "$name $*" >>"$HASTACK_ROOT/calls"
left=$(cat "$HASTACK_ROOT/failures/$name" 2>/dev/null || echo 0)
if [ "$left" -gt 0 ]; then echo $((left - 1)) >"$HASTACK_ROOT/failures/$name"; exit 1; fi
if [ "$name" = aws ]; then cat "$HASTACK_ROOT/secret"; fi
"#;

/// An instance's disk.
pub struct Machine {
    folder: TempDir,
}

/// What became of a script.
pub struct Run(Output);

impl Machine {
    pub fn new() -> Self {
        let machine = Self {
            folder: TempDir::new().unwrap(),
        };
        for folder in ["bin", "etc", "failures", "sbin", SCRIPTS] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        for tool in TOOLS {
            let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
            let found = found.iter().find(|path| path.exists());
            let found = found.unwrap_or_else(|| panic!("there is no {tool} here"));
            symlink(found, machine.path("bin").join(tool)).unwrap();
        }
        for stub in ["aws", "dnf", "mount", "mountpoint", "sleep", "umount"] {
            machine.has_program(&format!("bin/{stub}"));
        }
        // Nothing is mounted yet.
        machine.fails("mountpoint", 1000);
        machine
    }

    /// Runs a script as cloud-init does, before another one.
    pub fn run(&self, script: &str) -> Run {
        let (first, next) = (
            format!("{SCRIPTS}/00-hastack-setup.sh"),
            format!("{SCRIPTS}/10-user-data"),
        );
        for (file, text) in [(&first, script), (&next, "#!/bin/sh\n")] {
            self.has_file(file, text);
            self.make_executable(file);
        }
        let mut command = Command::new(self.path(&first));
        command
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HASTACK_ROOT", self.folder.path());
        Run(command.output().unwrap())
    }

    pub fn has_file(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    pub fn has_program(&self, file: &str) {
        self.has_file(file, STUB);
        self.make_executable(file);
    }

    pub fn has_secret(&self, value: &str) {
        let answer = serde_json::json!({"Name": "db", "SecretString": value});
        self.has_file("secret", &answer.to_string());
    }

    /// Lets a program fail so many times.
    pub fn fails(&self, program: &str, times: u32) {
        self.has_file(&format!("failures/{program}"), &times.to_string());
    }

    pub fn exists(&self, file: &str) -> bool {
        self.path(file).exists()
    }

    pub fn file(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    pub fn mode(&self, file: &str) -> u32 {
        fs::metadata(self.path(file)).unwrap().permissions().mode() & 0o777
    }

    /// How a program was called.
    pub fn calls(&self, program: &str) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let of_program = |call: &&str| call.split(' ').next() == Some(program);
        calls.lines().filter(of_program).map(str::to_owned).collect()
    }

    /// What was mounted, with paths as the instance knows them.
    pub fn mounts(&self) -> Vec<String> {
        let folder = self.folder.path().to_str().unwrap();
        let mounts = self.calls("mount").into_iter();
        mounts.map(|call| call.replace(&format!(" {folder}/"), " /")).collect()
    }

    /// A variable as a shell that reads the environment file has it.
    pub fn variable(&self, name: &str) -> String {
        let program = format!("set -a; . \"$0\"; printf %s. \"${name}\"");
        let file = self.path("etc/hastack/environment");
        let shell = Command::new("sh").args(["-euc", &program]).arg(file).output().unwrap();
        assert!(shell.status.success(), "{}", String::from_utf8_lossy(&shell.stderr));
        let value = String::from_utf8(shell.stdout).unwrap();
        value.strip_suffix('.').unwrap().to_owned()
    }

    /// The same as systemd reads it.
    pub fn systemd_variable(&self, name: &str) -> String {
        let variables = read_as_systemd(&self.file("etc/hastack/environment"));
        variables[name].clone()
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn make_executable(&self, file: &str) {
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

impl Run {
    pub fn succeeded(&self) {
        assert!(self.0.status.success(), "{}", self.said());
    }

    pub fn failed(&self) -> String {
        assert!(!self.0.status.success());
        self.said()
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}

pub fn check_syntax(shell: &str, script: &str) {
    let checked = Command::new(shell).args(["-n", "-c", script]).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success() && said.is_empty(), "{shell}: {said}");
}

/// Names and values in double quotes, in which a backslash stands before what is taken as it is.
/// <https://github.com/systemd/systemd/blob/main/src/basic/env-file.c>
fn read_as_systemd(text: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let mut rest = text.chars().peekable();
    while rest.peek().is_some() {
        let name: String = rest.by_ref().take_while(|letter| *letter != '=').collect();
        assert_eq!(rest.next(), Some('"'), "{name}");
        let mut value = String::new();
        loop {
            match rest.next().unwrap() {
                '"' => break,
                '\\' => match rest.next().unwrap() {
                    escaped @ ('"' | '\\' | '$' | '`') => value.push(escaped),
                    other => value.extend(['\\', other]),
                },
                other => value.push(other),
            }
        }
        assert_eq!(rest.next(), Some('\n'), "{name}");
        variables.insert(name, value);
    }
    variables
}
