//! The folder in which built and installed programs are kept between runs.
//!
//! An entry is made under another name and renamed when complete, under a lock: two processes never make the same entry
//! twice, and an interrupted one leaves nothing that looks complete.
use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

/// Why an entry could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither `HASTACK_CACHE`, `XDG_CACHE_HOME` nor `HOME` is set.
    #[error("cannot tell where to keep built programs: set HASTACK_CACHE to a folder")]
    FindFolder,
    /// A file or folder of the cache cannot be used.
    #[error("cannot {verb} {path:?}")]
    Use {
        /// What was to be done.
        verb: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The cache folder.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// `$HASTACK_CACHE`, else `$XDG_CACHE_HOME/hastack`, else `~/.cache/hastack`.
    pub fn from_environment() -> Result<Self, Error> {
        let folder = |variable: &str| {
            env::var_os(variable)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let folder = folder("HASTACK_CACHE")
            .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("hastack")))
            .or_else(|| Some(folder("HOME")?.join(".cache/hastack")))
            .ok_or(Error::FindFolder)?;
        Ok(Self::at(folder))
    }

    /// A cache in this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The finished entry of this name, a relative path.
    pub fn entry(&self, name: &str) -> Option<PathBuf> {
        let path = self.folder.join(name);
        path.exists().then_some(path)
    }

    /// The entry of this name, made by `make` if it is not there. `make` gets the path to make it at.
    pub async fn prepare<E, F>(&self, name: &str, make: impl FnOnce(PathBuf) -> F) -> Result<PathBuf, E>
    where
        E: From<Error>,
        F: Future<Output = Result<(), E>>,
    {
        let path = self.folder.join(name);
        if path.exists() {
            return Ok(path);
        }
        let _lock = lock(&path.with_added_extension("lock")).await?;
        if path.exists() {
            return Ok(path);
        }
        let partial = path.with_added_extension("partial");
        remove(&partial)?;
        make(partial.clone()).await?;
        fs::rename(&partial, &path).map_err(|source| Error::Use {
            verb: "rename",
            path: partial,
            source,
        })?;
        Ok(path)
    }

    /// An empty folder for one run, ours until it is dropped. What an earlier run left in it is removed first.
    pub fn scratch(&self, name: &str) -> Result<Scratch, Error> {
        let parent = self.folder.join(name);
        fs::create_dir_all(&parent).map_err(failed("create", &parent))?;
        let mut number = 0_u32;
        loop {
            number += 1;
            let path = parent.join(number.to_string());
            let lock = path.with_added_extension("lock");
            let file = File::create(&lock).map_err(failed("create", &lock))?;
            match file.try_lock() {
                Ok(()) => {
                    remove(&path)?;
                    fs::create_dir(&path).map_err(failed("create", &path))?;
                    return Ok(Scratch { path, _lock: file });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(failed("lock", &lock)(source)),
            }
        }
    }
}

/// A folder of the cache that is used by one run alone.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it. Without this it stays, for its logs to be read, until the next run takes it.
    pub fn remove(self) -> Result<(), Error> {
        remove(&self.path)
    }
}

/// Twelve hexadecimal digits that stand for these contents.
pub fn key<'a>(contents: impl IntoIterator<Item = &'a [u8]>) -> String {
    let digest = contents
        .into_iter()
        .fold(Sha256::new(), Digest::chain_update)
        .finalize();
    let digits: Vec<_> = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Waits for the lock without blocking a thread, so that the wait can be given up.
async fn lock(path: &Path) -> Result<File, Error> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .map_err(failed("create the folder of", path))?;
    let file = File::create(path).map_err(failed("create", path))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(TryLockError::Error(source)) => return Err(failed("lock", path)(source)),
        }
    }
}

fn failed(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Use {
        verb,
        path: path.into(),
        source,
    }
}

/// Removes what an interrupted run left.
fn remove(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Use {
            verb: "remove",
            path: path.into(),
            source,
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn two_at_a_time_make_an_entry_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        let made = AtomicU32::new(0);
        let write = async |path: PathBuf| {
            tokio::task::yield_now().await;
            made.fetch_add(1, Ordering::Relaxed);
            fs::write(&path, "complete").map_err(|source| Error::Use {
                verb: "write",
                path,
                source,
            })
        };
        let (one, two) = tokio::join!(cache.prepare("a/b", write), cache.prepare("a/b", write));
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn an_interrupted_entry_is_made_afresh() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        let interrupted = cache
            .prepare("entry", async |path: PathBuf| {
                fs::create_dir_all(path.join("half")).unwrap();
                Err::<(), Error>(Error::FindFolder)
            })
            .await;
        assert!(interrupted.is_err() && cache.entry("entry").is_none());
        let path = cache
            .prepare("entry", async |path: PathBuf| {
                fs::create_dir(path).unwrap();
                Ok::<_, Error>(())
            })
            .await;
        assert!(!path.unwrap().join("half").exists());
    }

    #[test]
    fn two_runs_at_a_time_have_a_folder_each() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        let (one, two) = (cache.scratch("run").unwrap(), cache.scratch("run").unwrap());
        assert_ne!(one.path(), two.path());
        let first = one.path().to_path_buf();
        one.remove().unwrap();
        assert!(!first.exists() && two.path().exists());
    }

    #[test]
    fn an_earlier_runs_folder_is_reused_empty() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("run/1");
        fs::create_dir_all(left.join("etcd")).unwrap();
        let scratch = Cache::at(folder.path()).scratch("run").unwrap();
        assert_eq!(scratch.path(), left);
        assert_eq!(fs::read_dir(&left).unwrap().count(), 0);
    }

    #[test]
    fn a_key_depends_on_every_content() {
        assert_ne!(key([b"a".as_slice(), b"b"]), key([b"a".as_slice(), b"c"]));
        assert_eq!(key([b"a".as_slice()]).len(), 12);
    }
}
