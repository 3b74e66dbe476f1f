use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use zeroize::Zeroizing;

use super::master_keys::{KEY_BYTES, write_key};
use crate::ids::Entropy;

/// Far more than a list of keys needs: a wrong path must not be read into memory.
const MAX_BYTES: u64 = 64 * 1024;

const OWNER_ONLY: u32 = 0o600;
const GROUP_AND_OTHER: u32 = 0o077;

/// Why the key file cannot be used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// Others than the owner may read or write it.
    #[error("the key file {path} is open to others (mode {mode:03o}): run chmod 600 on it")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is a folder, larger than any list of keys, or not text.
    #[error("{0} is not a key file")]
    NotAKeyFile(PathBuf),
    /// It cannot be read.
    #[error("the key file {path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be made.
    #[error("the key file {path} cannot be made")]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Reads the master keys from a file, or makes the file with a new key where there is none.
///
/// Of several that start at once, one makes the file and all read the same key.
pub fn read_or_create(path: &Path, entropy: &dyn Entropy) -> Result<SecretString, KeyFileError> {
    if let Some(keys) = read(path)? {
        return Ok(keys);
    }
    create(path, entropy).map_err(|source| KeyFileError::Create {
        path: path.to_owned(),
        source,
    })?;
    // Read again also after making it: what counts is what the next start will find.
    read(path)?.ok_or_else(|| KeyFileError::Read {
        path: path.to_owned(),
        source: io::ErrorKind::NotFound.into(),
    })
}

fn read(path: &Path) -> Result<Option<SecretString>, KeyFileError> {
    let failed = |source| KeyFileError::Read {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(KeyFileError::NotAKeyFile(path.to_owned()));
    }
    if metadata.mode() & GROUP_AND_OTHER != 0 {
        return Err(KeyFileError::Exposed {
            path: path.to_owned(),
            mode: metadata.mode() & 0o777,
        });
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let text = str::from_utf8(&bytes).map_err(|_| KeyFileError::NotAKeyFile(path.to_owned()))?;
    Ok(Some(SecretString::from(text.trim())))
}

/// Writes a whole file beside the path and links it there: a link never replaces what another start made.
fn create(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    entropy.fill(bytes.as_mut_slice());
    let id = format!("k{:08x}", random_u32(entropy));
    let draft = draft_path(path, random_u32(entropy));
    let made = write_draft(&draft, &write_key(&id, &bytes)).and_then(|()| {
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    });
    let removed = fs::remove_file(&draft);
    made.and(removed)?;
    sync_folder(path)
}

fn write_draft(draft: &Path, keys: &SecretString) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(draft)?;
    file.write_all(keys.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn draft_path(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number:08x}.new"));
    name.into()
}

/// Makes the new name itself survive a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn random_u32(entropy: &dyn Entropy) -> u32 {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, thread};

    use super::*;
    use crate::{ids::SystemEntropy, secrets::MasterKeys};

    fn keys_of(path: &Path) -> String {
        let keys = read_or_create(path, &SystemEntropy).unwrap();
        keys.expose_secret().to_owned()
    }

    #[test]
    fn the_first_start_makes_the_file_and_the_next_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inlet.key");

        let first = keys_of(&path);

        assert_eq!(keys_of(&path), first);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, OWNER_ONLY);
        assert_eq!(MasterKeys::parse(&first.into()).unwrap().ids().count(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn many_that_start_at_once_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inlet.key");

        let found: Vec<String> = thread::scope(|scope| {
            let starts: Vec<_> = (0..16).map(|_| scope.spawn(|| keys_of(&path))).collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap())
                .collect()
        });

        assert!(found.iter().all(|keys| *keys == found[0]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inlet.key");
        keys_of(&path);

        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = read_or_create(&path, &SystemEntropy).unwrap_err();
            assert!(matches!(refused, KeyFileError::Exposed { mode: told, .. } if told == mode));
        }
    }

    #[test]
    fn what_is_no_key_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("missing/inlet.key");

        let is_folder = read_or_create(folder.path(), &SystemEntropy).unwrap_err();
        let cannot_make = read_or_create(&nowhere, &SystemEntropy).unwrap_err();

        assert!(matches!(is_folder, KeyFileError::NotAKeyFile(_)));
        assert!(matches!(cannot_make, KeyFileError::Create { .. }));
    }
}
