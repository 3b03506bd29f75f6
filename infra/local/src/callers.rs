//! Which function stands at the other end of a connection. The proxy's callers are processes of this machine, so the
//! system knows: the connection's socket belongs to one of the emulator's children, and its environment names the
//! function. The product needs nothing for it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::forward::Ends;

/// The environment of one function, as a process.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Caller {
    pub(crate) pid: u32,
    /// Without the prefix of the deployment.
    pub(crate) function: String,
}

impl Caller {
    /// The child of the emulator that opened this connection; nothing for anybody else (browsers, tests).
    pub(crate) fn find(emulator: u32, ends: Ends, prefix: &str) -> Option<Caller> {
        let (SocketAddr::V4(theirs), SocketAddr::V4(ours)) = (ends.peer, ends.local) else { return None };
        let table = fs::read_to_string("/proc/net/tcp").ok()?;
        let socket = socket_of(&table, theirs, Some(ours))?;
        let pid = children(emulator).into_iter().find(|&pid| holds(pid, socket))?;
        let name = variable(&fs::read(format!("/proc/{pid}/environ")).ok()?, "AWS_LAMBDA_FUNCTION_NAME")?;
        let function = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or(&name).to_owned();
        Some(Caller { pid, function })
    }
}

/// Whether this process is the one that listens on a port of 127.0.0.1.
pub(crate) fn listens(pid: u32, port: u16) -> bool {
    let Ok(table) = fs::read_to_string("/proc/net/tcp") else { return false };
    socket_of(&table, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), None).is_some_and(|socket| holds(pid, socket))
}

/// The inode of a socket, in the form of `/proc/net/tcp`. Without a remote end: of one that listens.
fn socket_of(table: &str, local: SocketAddrV4, remote: Option<SocketAddrV4>) -> Option<u64> {
    let nobody = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
    let (local, remote) = (as_in_proc(local), as_in_proc(remote.unwrap_or(nobody)));
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let here = (fields.next()?, fields.next()?) == (local.as_str(), remote.as_str());
        // After both ends: state, queues, timer, retransmissions, user, timeout, inode.
        if here { fields.nth(6)?.parse().ok() } else { None }
    })
}

/// The address as the machine's own number, then the port, both in hex.
fn as_in_proc(address: SocketAddrV4) -> String {
    format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port())
}

fn holds(pid: u32, socket: u64) -> bool {
    let wanted = format!("socket:[{socket}]");
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == wanted.as_str()))
}

/// The processes that any thread of this one started.
fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).collect()
}

fn variable(environment: &[u8], name: &str) -> Option<String> {
    let pairs = environment.split(|&byte| byte == 0).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31 1 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 42 1 0
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 43 1 0
";

    fn check(local: u16, remote: Option<u16>, want: Option<u64>) {
        let at = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        assert_eq!(socket_of(TABLE, at(local), remote.map(at)), want, "{local} {remote:?}");
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn sockets_by_their_ends() {
        check(8080, None, Some(31));
        check(50000, Some(8080), Some(42));
        check(8080, Some(50000), Some(43));
        check(50000, None, None);
        check(50000, Some(1), None);
    }

    #[test]
    fn this_process_holds_its_own_listener() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listens(std::process::id(), port));
        assert!(!listens(1, port));
        drop(listener);
        assert!(!listens(std::process::id(), port));
    }

    #[test]
    fn variables_of_a_process() {
        let environment = b"A=1\0AWS_LAMBDA_FUNCTION_NAME=portico-auth\0EMPTY=\0";
        assert_eq!(variable(environment, "AWS_LAMBDA_FUNCTION_NAME").as_deref(), Some("portico-auth"));
        assert_eq!(variable(environment, "EMPTY").as_deref(), Some(""));
        assert_eq!(variable(environment, "B"), None);
    }
}
