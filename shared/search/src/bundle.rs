//! The container: an index's few files in one run of bytes, and a read-only directory over it.
//!
//! Layout, numbers little-endian: magic (7 bytes), version (1), CRC-32 of all that follows (4), count of files (4),
//! then for each file length of name (2), name, length (8); then the files' bytes in the same order, and nothing more.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, FileSlice, Lock, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};

const MAGIC: &[u8; 7] = b"PTCFIND";
/// Raised whenever an older bundle would be misread.
pub(crate) const VERSION: u8 = 4;
const HEADER_BYTES: usize = MAGIC.len() + 1 + 4;
/// One segment has about ten files.
const FILES_MAX: usize = 64;

/// Why bytes are not an index that can be used. The index is then rebuilt from its sources.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("these bytes are not a search index")]
    NotABundle,
    #[error("the search index has version {found}, and {VERSION} is read here")]
    OtherVersion { found: u8 },
    #[error("the search index is cut off or has bytes too many")]
    Length,
    #[error("the search index's checksum is wrong")]
    Checksum,
    #[error("the search index's rows do not fit together")]
    Rows,
    #[error("the search index's files cannot be read")]
    Files(#[source] tantivy::TantivyError),
}

/// `files` in the order given; names are the index's own and short.
pub(crate) fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut rest =
        Vec::with_capacity(files.iter().map(|(name, bytes)| name.len() + bytes.len() + 10).sum::<usize>() + 4);
    rest.extend_from_slice(&(files.len() as u32).to_le_bytes());
    for (name, bytes) in files {
        rest.extend_from_slice(&(name.len() as u16).to_le_bytes());
        rest.extend_from_slice(name.as_bytes());
        rest.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    }
    for (_, bytes) in files {
        rest.extend_from_slice(bytes);
    }
    let mut bundle = Vec::with_capacity(HEADER_BYTES + rest.len());
    bundle.extend_from_slice(MAGIC);
    bundle.push(VERSION);
    bundle.extend_from_slice(&crc32fast::hash(&rest).to_le_bytes());
    bundle.append(&mut rest);
    bundle
}

/// Where each file's bytes lie in `bundle`, once the whole of it is checked.
pub(crate) fn unpack(bundle: &[u8]) -> Result<BTreeMap<PathBuf, Range<usize>>, Broken> {
    let mut reader = Reader { bundle, at: 0 };
    if reader.take(MAGIC.len()).map_err(|_| Broken::NotABundle)? != MAGIC {
        return Err(Broken::NotABundle);
    }
    let [found] = reader.array()?;
    if found != VERSION {
        return Err(Broken::OtherVersion { found });
    }
    let checksum = u32::from_le_bytes(reader.array()?);
    let count = u32::from_le_bytes(reader.array()?) as usize;
    if count > FILES_MAX {
        return Err(Broken::Length);
    }
    let mut lengths = Vec::with_capacity(count);
    for _ in 0..count {
        let name_bytes = u16::from_le_bytes(reader.array()?) as usize;
        let name = std::str::from_utf8(reader.take(name_bytes)?).map_err(|_| Broken::Checksum)?;
        let length = usize::try_from(u64::from_le_bytes(reader.array()?)).map_err(|_| Broken::Length)?;
        lengths.push((PathBuf::from(name), length));
    }
    let mut files = BTreeMap::new();
    for (name, length) in lengths {
        let start = reader.at;
        reader.take(length)?;
        files.insert(name, start..reader.at);
    }
    if reader.at != bundle.len() {
        return Err(Broken::Length);
    }
    if crc32fast::hash(&bundle[HEADER_BYTES..]) != checksum {
        return Err(Broken::Checksum);
    }
    Ok(files)
}

struct Reader<'a> {
    bundle: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let end = self.at.checked_add(count).ok_or(Broken::Length)?;
        let taken = self.bundle.get(self.at..end).ok_or(Broken::Length)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        self.take(N)?.try_into().map_err(|_| Broken::Length)
    }
}

/// The files of a bundle, for reading only; they share the bundle's bytes.
#[derive(Clone, Debug)]
pub(crate) struct ReadOnly {
    files: Arc<BTreeMap<PathBuf, OwnedBytes>>,
}

impl ReadOnly {
    pub(crate) fn open(bundle: &[u8]) -> Result<ReadOnly, Broken> {
        let ranges = unpack(bundle)?;
        let bytes = OwnedBytes::new(bundle.to_vec());
        let files = ranges.into_iter().map(|(name, range)| (name, bytes.slice(range))).collect();
        Ok(ReadOnly { files: Arc::new(files) })
    }

    fn find(&self, path: &Path) -> Result<&OwnedBytes, OpenReadError> {
        self.files.get(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_path_buf()))
    }
}

fn read_only() -> io::Error {
    io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "an opened search index is not written")
}

impl Directory for ReadOnly {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(FileSlice::new(Arc::new(self.find(path)?.clone()))))
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.files.contains_key(path))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        Ok(self.find(path)?.as_slice().to_vec())
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_path_buf() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_path_buf() })
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    // Nothing is ever written here, so that there is nobody to keep out and nothing to wait for.
    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
