//! The generated script is run for real, in a folder in place of an instance's disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use hastack_api::AutoScaledService;
use tempfile::TempDir;

use super::*;
use crate::resource::instance::Build;

const FOLDERS: [&str; 6] = ["bin", "dev", "etc/ssh", "var/lib/dbus", "var/lib/systemd", "var/log"];
/// What would end the machine this runs on, and what takes long.
const STUBS: [&str; 4] = ["cloud-init", "poweroff", "sleep", "sync"];

fn user_data(script: &str) -> Result<String, SpecError> {
    let service = serde_json::json!({
        "apiVersion": "hastack.dev/v1alpha1",
        "kind": "AutoScaledService",
        "metadata": {"name": "web"},
        "spec": {
            "stackRef": {"name": "ground"},
            "instanceType": "t3.micro",
            "capacity": {"min": 1, "max": 2},
            "image": {"build": {"from": {"ssmParameter": "/base"}, "script": script}},
        },
    });
    let service: AutoScaledService = serde_json::from_value(service).unwrap();
    Recipe::of(&service.spec).unwrap().user_data()
}

/// An instance's disk after a script has run.
struct Disk(TempDir);

impl Disk {
    fn after(script: &str) -> Self {
        let disk = Self(TempDir::new().unwrap());
        for folder in FOLDERS {
            fs::create_dir_all(disk.path(folder)).unwrap();
        }
        for stub in STUBS {
            let path = disk.path("bin").join(stub);
            fs::write(&path, "#!/bin/sh\necho \"${0##*/} $*\" >>\"$HASTACK_ROOT/calls\"\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for (file, text) in [
            ("etc/machine-id", "0123"),
            ("etc/ssh/ssh_host_rsa_key", "secret"),
            ("etc/ssh/sshd_config", "Port 22"),
            ("user-data", &user_data(script).unwrap()),
        ] {
            fs::write(disk.path(file), text).unwrap();
        }
        let path = std::env::join_paths([disk.path("bin"), "/usr/bin".into(), "/bin".into()]).unwrap();
        let mut shell = Command::new("/bin/sh");
        shell
            .arg(disk.path("user-data"))
            .env("PATH", path)
            .env("HASTACK_ROOT", disk.0.path());
        assert!(shell.output().unwrap().status.success());
        disk
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    fn has(&self, file: &str) -> bool {
        self.path(file).exists()
    }
}

#[test]
fn a_script_that_succeeds_leaves_a_disk_that_others_can_start_from() {
    let disk = Disk::after("#!/bin/bash\nset -euo pipefail\numask >umask\ntouch \"$PWD/made\"\necho done\n");
    assert_eq!(Build::read(&disk.read("dev/console")), Build::Succeeded);
    assert_eq!(
        disk.read("calls"),
        "cloud-init clean --logs\nsync \npoweroff \nsleep 600\n"
    );
    assert_eq!(disk.read("var/log/hastack-build.log"), "done\n");
    assert_eq!(disk.read("etc/machine-id"), "");
    assert!(disk.has("made") && disk.has("etc/ssh/sshd_config"));
    assert!(!disk.has("etc/ssh/ssh_host_rsa_key") && !disk.has("var/lib/hastack-build"));
}

#[test]
fn a_script_that_fails_says_its_status_and_the_end_of_its_output() {
    let script = "#!/bin/sh\nseq 1 100\necho hastack-build: succeeded 0123456789 >&2\nexit 3\n";
    let disk = Disk::after(script);
    let Build::Failed { status: 3, output } = Build::read(&disk.read("dev/console")) else {
        panic!("{}", disk.read("dev/console"))
    };
    assert!(
        output.ends_with("100 | hastack-build: succeeded 0123456789"),
        "{output}"
    );
    assert_eq!(disk.read("calls"), "sync \npoweroff \nsleep 600\n");
    assert_eq!(disk.read("etc/machine-id"), "0123");
    let disk = Disk::after("seq 1 100; exit 100");
    let Build::Failed { status: 100, output } = Build::read(&disk.read("dev/console")) else {
        panic!("{}", disk.read("dev/console"))
    };
    assert!(
        output.starts_with("61 | 62") && output.ends_with("99 | 100"),
        "{output}"
    );
}

#[test]
fn a_script_arrives_as_it_is_written() {
    let script = "#!/bin/sh\ncat <<'END'\n$HOME `x` \\ \"@DIGEST@\" é\nEND\nexit 7";
    let disk = Disk::after(script);
    assert_eq!(disk.read("var/log/hastack-build.log"), "$HOME `x` \\ \"@DIGEST@\" é\n");
    assert_eq!(disk.read("var/lib/hastack-build/script"), format!("{script}\n"));
}

#[test]
fn a_script_that_does_not_fit_is_refused() {
    let most = 12288;
    assert!(user_data(&"x".repeat(most)).is_ok());
    let error = user_data(&"ü".repeat(most)).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot fit image.build.script: it has 24576 bytes, "),
        "{error}"
    );
}
