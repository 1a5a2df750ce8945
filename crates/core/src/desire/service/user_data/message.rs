//! Several parts of user data in one: a MIME message.
//! <https://docs.cloud-init.io/en/latest/explanation/format/mime.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::desire::name::digest;
use crate::resource::launch_template::Piece;

/// Scripts are run in the order of their names, and what has no name is called `part-001`.
/// <https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_scripts_user.py>
const SETUP_FILE: &str = "00-hastack-setup.sh";
const GIVEN_FILE: &str = "10-user-data";

/// What user data begins with, longer ones first, and what cloud-init calls that.
/// <https://github.com/canonical/cloud-init/blob/main/cloudinit/handlers/__init__.py>
const TYPES: [(&str, &str); 9] = [
    ("#cloud-config-archive", "text/cloud-config-archive"),
    ("#cloud-config-jsonp", "text/cloud-config-jsonp"),
    ("#cloud-config", "text/cloud-config"),
    ("#cloud-boothook", "text/cloud-boothook"),
    ("#include-once", "text/x-include-once-url"),
    ("#include", "text/x-include-url"),
    ("#part-handler", "text/part-handler"),
    ("#!", "text/x-shellscript"),
    ("## template: jinja", "text/jinja2"),
];

/// The longest line of encoded text.
const LINE: usize = 76;

/// The setup script, which is of plain characters, and then what the user gives.
pub(super) fn of_both(setup: Vec<Piece>, given: &str) -> Vec<Piece> {
    // Nothing holds its own digest.
    let boundary = format!("hastack-{}", digest(&format!("{setup:?}{given}")));
    let separate = format!("--{boundary}\n");
    let head = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\nMIME-Version: 1.0\n\n{separate}");
    let head = head + &headers("text/x-shellscript", "7bit", SETUP_FILE);
    let tail = format!("\n{separate}{}\n--{boundary}--\n", part(given));
    let (head, tail) = (Piece::Text(head), Piece::Text(tail));
    [head].into_iter().chain(setup).chain([tail]).collect()
}

/// What the user gives, as a part. A message is a part as it is, with the headers it has.
fn part(given: &str) -> String {
    let beginning = given.trim_start().to_ascii_lowercase();
    if ["content-type:", "mime-version:"]
        .iter()
        .any(|header| beginning.starts_with(header))
    {
        return given.trim_start().to_owned();
    }
    // cloud-init finds out by itself what plain text is.
    let known = TYPES.iter().find(|(prefix, _)| beginning.starts_with(prefix));
    let kind = known.map_or("text/plain", |(_, kind)| kind);
    if given.is_ascii() {
        return headers(kind, "7bit", GIVEN_FILE) + given;
    }
    // Other characters do not outlast the way through Python's parser of messages.
    headers(kind, "base64", GIVEN_FILE) + &encoded(given)
}

fn headers(kind: &str, encoding: &str, file: &str) -> String {
    format!(
        "Content-Type: {kind}; charset=\"utf-8\"\nContent-Transfer-Encoding: {encoding}\nContent-Disposition: attachment; filename=\"{file}\"\n\n"
    )
}

fn encoded(text: &str) -> String {
    let digits = STANDARD.encode(text).into_bytes();
    let lines = digits.chunks(LINE).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join("\n")
}
