//! Reads a message as cloud-init does: by Python's parser of messages, which knows what is wrong with one.
//! <https://github.com/canonical/cloud-init/blob/main/cloudinit/user_data.py>

use std::process::Command;

use serde::Deserialize;

const PROGRAM: &str = r#"
import email, json, sys

def parts(message):
    assert not message.defects, message.defects
    for part in message.walk():
        assert not part.defects, part.defects
        if part.get_content_maintype() != "multipart":
            text = part.get_payload(decode=True).decode(part.get_content_charset() or "utf-8")
            yield {"kind": part.get_content_type(), "file": part.get_filename() or "", "text": text}

print(json.dumps(list(parts(email.message_from_string(sys.argv[1])))))
"#;

/// A part of a message.
#[derive(Debug, Deserialize)]
pub struct Part {
    pub kind: String,
    pub file: String,
    pub text: String,
}

/// The parts of a message that has nothing wrong.
pub fn read(message: &str) -> Vec<Part> {
    let python = Command::new("python3").args(["-c", PROGRAM, message]).output().unwrap();
    let said = String::from_utf8_lossy(&python.stderr);
    assert!(python.status.success(), "{said}\n{message}");
    serde_json::from_slice(&python.stdout).unwrap()
}
