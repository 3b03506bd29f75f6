//! The state directory of one portal: who runs it, what it keeps, what is wiped.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::stop::{At, Stop};

pub(crate) struct State {
    dir: PathBuf,
    /// Held for as long as this program runs; the system gives it back however it ends.
    _lock: File,
}

impl State {
    /// Makes the directory and takes it, for this program alone.
    pub(crate) fn enter(dir: &Path) -> Result<State, Stop> {
        fs::create_dir_all(dir).at(dir)?;
        let path = dir.join("lock");
        let mut lock = File::options().create(true).read(true).write(true).truncate(false).open(&path).at(&path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = pid_in(&mut lock).map(|pid| format!(" (process {pid})")).unwrap_or_default();
                return Err(Stop::new(format!("a portal runs already with {}{pid}", dir.display()))
                    .advising("Stop it with: cargo xtask down"));
            }
            Err(TryLockError::Error(why)) => return Err(Stop::new(format!("{}: {why}", path.display()))),
        }
        lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id())).at(&path)?;
        Ok(State { dir: dir.to_owned(), _lock: lock })
    }

    /// Everything that a portal keeps, but not what was built for it.
    pub(crate) fn wipe(&self) -> Result<(), Stop> {
        for name in ["deployed.json", "seeded", "instance.json"] {
            remove(&self.dir.join(name))?;
        }
        remove(&self.emulator())
    }

    pub(crate) fn emulator(&self) -> PathBuf {
        self.dir.join("emulator")
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn log(&self, of: &str) -> PathBuf {
        self.dir.join(format!("{of}.log"))
    }

    pub(crate) fn seeded(&self) -> PathBuf {
        self.dir.join("seeded")
    }

    /// The ports of the last run where they are still free: addresses with them are deployed, and a changed one means
    /// a new deployment.
    pub(crate) fn ports(&self) -> Result<Ports, Stop> {
        let path = self.dir.join("ports.json");
        let known: Ports = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let emulator = free(known.emulator)?;
        let proxy = free(known.proxy)?;
        let ports = Ports { emulator: port_of(&emulator)?, proxy: port_of(&proxy)? };
        fs::write(&path, serde_json::json!(ports).to_string()).at(&path)?;
        Ok(ports)
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) emulator: u16,
    pub(crate) proxy: u16,
}

fn free(wanted: u16) -> Result<TcpListener, Stop> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .map_err(|why| Stop::new(format!("no port of 127.0.0.1 is free: {why}")))
}

fn port_of(listener: &TcpListener) -> Result<u16, Stop> {
    listener.local_addr().map(|address| address.port()).map_err(|why| Stop::new(why.to_string()))
}

/// The process that runs a portal with this directory, if one does.
pub(crate) fn holder(dir: &Path) -> Option<u32> {
    let mut lock = File::open(dir.join("lock")).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => pid_in(&mut lock),
        _ => None,
    }
}

fn pid_in(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn remove(path: &Path) -> Result<(), Stop> {
    let gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match gone {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => Err(why).at(path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("portico-state-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        dir
    }

    #[test]
    fn one_portal_a_directory() {
        let dir = scratch("one");
        assert_eq!(holder(&dir), None);
        let first = State::enter(&dir).unwrap();
        assert_eq!(holder(&dir), Some(std::process::id()));
        let refused = State::enter(&dir).err().unwrap();
        assert!(refused.to_string().contains("runs already"), "{refused}");
        drop(first);
        assert_eq!(holder(&dir), None);
        State::enter(&dir).unwrap();
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn wiping_keeps_what_was_built() {
        let dir = scratch("wipe");
        let state = State::enter(&dir).unwrap();
        fs::create_dir_all(state.emulator()).unwrap();
        fs::create_dir_all(dir.join("stage")).unwrap();
        fs::write(state.seeded(), b"").unwrap();
        state.wipe().unwrap();
        assert!(!state.emulator().exists() && !state.seeded().exists() && dir.join("stage").exists());
        state.wipe().unwrap();
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn ports_are_kept_while_they_are_free() {
        let dir = scratch("ports");
        let state = State::enter(&dir).unwrap();
        let first = state.ports().unwrap();
        let again = state.ports().unwrap();
        assert_eq!((first.emulator, first.proxy), (again.emulator, again.proxy));
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first.proxy)).unwrap();
        assert_ne!(state.ports().unwrap().proxy, first.proxy);
        fs::remove_dir_all(&dir).unwrap();
    }
}
