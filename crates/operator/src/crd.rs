//! `hastack crd`.

use std::io::{self, Write};

/// Why the definitions were not printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A definition has no YAML form.
    #[error("cannot write {name} as YAML")]
    Format {
        /// Its file name.
        name: String,
        /// What is wrong.
        #[source]
        source: serde_yaml_ng::Error,
    },
    /// Standard output is closed.
    #[error("cannot print")]
    Print(#[source] io::Error),
}

/// Prints every custom resource definition as one stream of YAML documents.
pub fn print() -> Result<(), Error> {
    let mut output = io::stdout().lock();
    for (name, crd) in hastack_api::crds() {
        let text = serde_yaml_ng::to_string(&crd).map_err(|source| Error::Format { name, source })?;
        write!(output, "---\n{text}").map_err(Error::Print)?;
    }
    Ok(())
}
