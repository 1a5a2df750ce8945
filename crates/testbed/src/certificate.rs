//! The certificates of one control plane.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cryptography failed.
    #[error("cannot issue a certificate for {name:?}")]
    Issue {
        /// Whom it is for.
        name: String,
        /// What failed.
        #[source]
        source: rcgen::Error,
    },
    /// A file could not be written.
    #[error("cannot write {path:?}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A certificate and its key, as files in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Signs the certificates of one control plane. Its key is not written anywhere.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: PathBuf,
}

impl Authority {
    /// A new authority with its certificate in `folder`.
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let issue = |source| Error::Issue {
            name: "authority".into(),
            source,
        };
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = subject("hastack-testbed", None);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(issue)?;
        let pem = parameters.self_signed(&key).map_err(issue)?.pem();
        let certificate = write(folder.join("authority.crt"), &pem)?;
        Ok(Self {
            issuer: Issuer::new(parameters, key),
            certificate,
        })
    }

    /// The file of its certificate.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// A certificate for a server under these names and addresses.
    pub(crate) fn server(&self, folder: &Path, name: &str, hosts: &[&str]) -> Result<Pair, Error> {
        let hosts: Vec<String> = hosts.iter().copied().map(String::from).collect();
        let mut parameters = CertificateParams::new(hosts).map_err(|source| Error::Issue {
            name: name.into(),
            source,
        })?;
        parameters.distinguished_name = subject(name, None);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(folder, name, parameters)
    }

    /// A certificate for a Kubernetes user, who is a member of `group`.
    pub(crate) fn client(&self, folder: &Path, user: &str, group: Option<&str>) -> Result<Pair, Error> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = subject(user, group);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(folder, user, parameters)
    }

    fn sign(&self, folder: &Path, name: &str, mut parameters: CertificateParams) -> Result<Pair, Error> {
        let issue = |source| Error::Issue {
            name: name.into(),
            source,
        };
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(issue)?;
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(issue)?;
        let file = file_name(name);
        Ok(Pair {
            certificate: write(folder.join(format!("{file}.crt")), &certificate.pem())?,
            key: write(folder.join(format!("{file}.key")), &key.serialize_pem())?,
        })
    }
}

/// A key pair for service account tokens: the private key's file, the public key's file.
pub(crate) fn service_account_keys(folder: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let name = "service-accounts";
    let key = KeyPair::generate().map_err(|source| Error::Issue {
        name: name.into(),
        source,
    })?;
    let private = write(folder.join("service-accounts.key"), &key.serialize_pem())?;
    let public = write(folder.join("service-accounts.pub"), &key.public_key_pem())?;
    Ok((private, public))
}

/// A user's name as part of a file's name.
pub(crate) fn file_name(user: &str) -> String {
    user.chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect()
}

fn subject(name: &str, organization: Option<&str>) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    if let Some(organization) = organization {
        subject.push(DnType::OrganizationName, organization);
    }
    subject
}

fn write(path: PathBuf, text: &str) -> Result<PathBuf, Error> {
    match fs::write(&path, text) {
        Ok(()) => Ok(path),
        Err(source) => Err(Error::Write { path, source }),
    }
}
