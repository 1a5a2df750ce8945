//! The user data of a service's instances, as cloud-init reads it: what hastack sets up, then what the user gives. Where hastack
//! has nothing to set up it is the user's as it is.
//! <https://docs.cloud-init.io/en/latest/explanation/format/index.html>

mod message;
mod setup;

use hastack_api::AutoScaledServiceSpec;
use hastack_api::service::launch::{KeyRef, UserDataSource};

use crate::desire::site::Site;
use crate::desire::{Inputs, SpecError, TextRef, TextStore};
use crate::kind::{Area, Kind};
use crate::resource::launch_template::Piece;

/// The most bytes AWS takes, before they are encoded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html>
const MOST: usize = 16384;

/// The texts of the cluster that the user data and the environment are read from.
pub(super) fn texts(spec: &AutoScaledServiceSpec) -> Vec<TextRef> {
    let source = spec.user_data_from.iter().flat_map(sources);
    let environment = spec.environment.iter().filter_map(|entry| entry.config_map.as_ref());
    let environment = environment.map(|key| text_ref(TextStore::ConfigMap, key));
    let mut texts: Vec<_> = source.chain(environment).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// The user data: no pieces where there is none.
pub(super) fn user_data(
    spec: &AutoScaledServiceSpec,
    site: &Site<'_>,
    inputs: &Inputs,
) -> Result<Vec<Piece>, SpecError> {
    let given = given(spec, inputs)?;
    let setup = setup::script(spec, site, inputs)?;
    let bytes = given.as_ref().map_or(0, String::len);
    let whole = match (setup, given) {
        (None, None) => Vec::new(),
        (None, Some(given)) => vec![Piece::Text(given)],
        (Some(setup), None) => setup,
        (Some(setup), Some(given)) => message::of_both(setup, &given),
    };
    let total = whole.iter().map(length).sum();
    if total > MOST {
        return Err(SpecError::FitUserData {
            given: bytes,
            whole: total,
            most: MOST,
        });
    }
    Ok(whole)
}

/// What the user gives.
fn given(spec: &AutoScaledServiceSpec, inputs: &Inputs) -> Result<Option<String>, SpecError> {
    let text = match spec.user_data_from.iter().flat_map(sources).next() {
        Some(source) => Some(text("userDataFrom", source, inputs)?),
        None => spec.user_data.clone(),
    };
    Ok(text.filter(|text| !text.trim().is_empty()))
}

fn sources(source: &UserDataSource) -> impl Iterator<Item = TextRef> {
    let UserDataSource { secret, config_map } = source;
    let secret = secret.as_ref().map(|key| text_ref(TextStore::Secret, key));
    let config_map = config_map.as_ref().map(|key| text_ref(TextStore::ConfigMap, key));
    secret.into_iter().chain(config_map)
}

fn text_ref(store: TextStore, key: &KeyRef) -> TextRef {
    TextRef {
        store,
        name: key.name.clone(),
        key: key.key.clone(),
    }
}

/// A text of the cluster.
fn text(field: &str, source: TextRef, inputs: &Inputs) -> Result<String, SpecError> {
    if let Some(text) = inputs.texts.get(&source) {
        return Ok(text.clone());
    }
    let TextRef { store, name, key } = source;
    Err(SpecError::FindText {
        field: field.to_owned(),
        store,
        name,
        key,
    })
}

/// How long a piece is; an id as long as AWS makes them.
fn length(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) => text.len(),
        Piece::Id(node) if node.kind == Kind::AccessPoint => "fsap-0123456789abcdef0".len(),
        // The name of a host, or the ARN of a secret.
        Piece::Id(node) if node.kind.row().area == Area::Database => 128,
        Piece::Id(_) => "fs-0123456789abcdef0".len(),
    }
}

#[cfg(test)]
mod tests;
