//! The script that sets up an instance before the user data is run: the environment file, the file systems.

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::launch::{DatabaseValue, EnvironmentEntry, MountSpec, MountedFileSystem};

use super::super::access::secret_of;
use super::{text, text_ref};
use crate::desire::database::value_of;
use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError, TextStore, file_system};
use crate::kind::Kind;
use crate::owner::NodeId;
use crate::resource::launch_template::Piece;

/// What is said and done in every such script.
const COMMON: &str = include_str!("common.sh");
/// How the environment file is written.
const ENVIRONMENT: &str = include_str!("environment.sh");
/// How secrets get into it.
const SECRETS: &str = include_str!("secrets.sh");
/// How file systems are mounted.
const MOUNTS: &str = include_str!("mounts.sh");

/// The script; none where there is nothing to set up. It is of plain characters, whatever is in the values.
pub(super) fn script(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<Option<Vec<Piece>>, SpecError> {
    if spec.environment.is_empty() && spec.mounts.is_empty() {
        return Ok(None);
    }
    let mut pieces = vec![Piece::Text(COMMON.to_owned())];
    if !spec.environment.is_empty() {
        pieces.extend(environment(spec, site, inputs)?);
    }
    if !spec.mounts.is_empty() {
        pieces.push(Piece::Text(MOUNTS.to_owned()));
    }
    // A file system is mounted before another that is within it.
    let mut mounts: Vec<_> = spec.mounts.iter().enumerate().collect();
    mounts.sort_by(|(_, one), (_, other)| one.path.cmp(&other.path));
    for (index, wanted) in mounts {
        pieces.extend(mount(index, wanted, site)?);
    }
    Ok(Some(pieces))
}

fn environment(spec: &AutoScaledServiceSpec, site: &Site<'_>, inputs: &Inputs) -> Result<Vec<Piece>, SpecError> {
    let has_secrets = spec.environment.iter().any(|entry| entry.secret_arn.is_some());
    let secrets = if has_secrets { SECRETS } else { Default::default() };
    let mut pieces = vec![Piece::Text(format!("\n{ENVIRONMENT}{secrets}"))];
    for entry in &spec.environment {
        match &entry.database {
            Some(value) => pieces.extend(of_database(&entry.name, value, site, inputs)?),
            None => pieces.push(Piece::Text(variable(entry, inputs)?)),
        }
    }
    pieces.push(Piece::Text("keep_environment\n".to_owned()));
    Ok(pieces)
}

/// The line that writes what a database is reached with: its status says it, once the database is there.
fn of_database(name: &str, value: &DatabaseValue, site: &Site<'_>, inputs: &Inputs) -> Result<Vec<Piece>, SpecError> {
    let mut databases = inputs.databases.iter();
    let found = databases.find(|database| database.metadata.name.as_ref() == Some(&value.name));
    let missing = || {
        site.missing(
            &format!("environment {name}"),
            format!("ManagedDatabase {:?}", value.name),
        )
    };
    let database = found.ok_or_else(missing)?;
    Ok(vec![
        Piece::Text(format!("variable {} '", quoted(name))),
        Piece::Id(value_of(database, value.key)),
        Piece::Text("'\n".to_owned()),
    ])
}

/// The line that writes a variable.
fn variable(entry: &EnvironmentEntry, inputs: &Inputs) -> Result<String, SpecError> {
    let EnvironmentEntry {
        name,
        value,
        database: _,
        secret_arn,
        config_map,
    } = entry;
    if let Some(arn) = secret_arn {
        let secret = secret_of(arn);
        let key = arn.split_once('#').map_or("", |(_, key)| key);
        // arn:aws:secretsmanager:<region>:<account>:secret:<name>
        let region = arn.split(':').nth(3).unwrap_or_default();
        let words = [name, secret, region, key].map(quoted);
        return Ok(format!("secret {}\n", words.join(" ")));
    }
    let value = match (value, config_map) {
        (Some(value), _) => value.clone(),
        (None, Some(key)) => {
            let field = format!("environment {name}");
            text(&field, text_ref(TextStore::ConfigMap, key), inputs)?
        }
        (None, None) => String::new(),
    };
    Ok(format!(
        "variable {} {}\n",
        quoted(name),
        quoted(printable(&literal(&value)))
    ))
}

/// A value as it is within double quotes, for a shell as for systemd, which knows no other way to write a quote.
/// <https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=>
fn literal(value: &str) -> String {
    let escape = |character: char| match character {
        '"' | '\\' | '$' | '`' => format!("\\{character}"),
        other => other.to_string(),
    };
    value.chars().map(escape).collect()
}

/// A text of plain characters from which `printf %b` makes this one.
fn printable(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'\\' => "\\\\".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("\\0{other:03o}"),
    };
    text.bytes().map(escape).collect()
}

/// A word of a shell.
fn quoted(text: impl AsRef<str>) -> String {
    format!("'{}'", text.as_ref().replace('\'', "'\\''"))
}

/// The line that mounts a file system.
fn mount(index: usize, wanted: &MountSpec, site: &Site<'_>) -> Result<Vec<Piece>, SpecError> {
    let MountSpec {
        file_system: MountedFileSystem::Stack,
        path,
        access_point,
        read_only,
    } = wanted;
    let missing = |field: &str, part: String| site.missing(&format!("mounts[{index}]{field}"), part);
    let stack = &site.stack.spec;
    let Some(given) = &stack.file_system else {
        return Err(missing("", "fileSystem".to_owned()));
    };
    let id = |node: NodeId| Piece::Id(site.of_stack(node));
    let words = |text: String| Piece::Text(text);
    let mut line = vec![words("mount_efs ".to_owned()), id(file_system::id(stack))];
    match access_point {
        None => line.push(words(" ''".to_owned())),
        Some(name) => {
            if !given.access_points.iter().any(|point| point.name == *name) {
                return Err(missing(".accessPoint", format!("access point {name:?}")));
            }
            line.extend([words(" ".to_owned()), id(NodeId::named(Kind::AccessPoint, name))]);
        }
    }
    let mode = if *read_only { "ro" } else { "rw" };
    let host = format!("efs.{}.{}", site.region(), site.dns_suffix());
    line.push(words(format!(" {} {mode} {host}\n", quoted(path))));
    Ok(line)
}
