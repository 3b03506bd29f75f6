//! Which function stands at the other end of a connection. The proxy's callers are processes of this machine, so the
//! system knows: the connection's socket belongs to one of the emulator's children, and its environment names the
//! function. The product needs nothing for it.
//!
//! A look at the system's tables takes some ten milliseconds while tests run. A function that opens seventy connections
//! at once would hold up everybody else's for a second, so one look answers for all who ask meanwhile, on a thread of
//! its own.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

use crate::forward::Ends;

/// The environment of one function, as a process.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Caller {
    pub(crate) pid: u32,
    /// Without the prefix of the deployment.
    pub(crate) function: String,
}

impl Caller {
    fn of(pid: u32, prefix: &str) -> Option<Caller> {
        let name = variable(&fs::read(format!("/proc/{pid}/environ")).ok()?, "AWS_LAMBDA_FUNCTION_NAME")?;
        let function = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or(&name).to_owned();
        Some(Caller { pid, function })
    }
}

/// Tells callers from each other.
pub(crate) struct Callers {
    asked: mpsc::Sender<Question>,
}

struct Question {
    emulator: u32,
    ends: Ends,
    answer: oneshot::Sender<Option<Caller>>,
}

impl Callers {
    pub(crate) fn of_deployment(prefix: &'static str) -> Callers {
        let (asked, questions) = mpsc::channel::<Question>();
        // Ends with its last asker.
        thread::spawn(move || {
            while let Ok(first) = questions.recv() {
                answer_all(std::iter::once(first).chain(questions.try_iter()).collect(), prefix);
            }
        });
        Callers { asked }
    }

    /// The child of the emulator that opened this connection; nothing for anybody else (browsers, tests).
    pub(crate) async fn find(&self, emulator: u32, ends: Ends) -> Option<Caller> {
        let (answer, answered) = oneshot::channel();
        self.asked.send(Question { emulator, ends, answer }).ok()?;
        answered.await.ok()?
    }
}

fn answer_all(questions: Vec<Question>, prefix: &str) {
    let emulator = questions.first().map_or(0, |question| question.emulator);
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let wanted: Vec<_> = questions.iter().map(|question| question.ends.of_caller()).collect();
    let sockets = sockets_of(&table, &wanted);
    let mut holders: HashMap<u64, Option<Caller>> = HashMap::new();
    let mut missing = sockets.iter().flatten().count();
    for pid in children(emulator) {
        if missing == 0 {
            break;
        }
        let mut caller = None;
        for socket in open_sockets(pid).filter(|socket| sockets.contains(&Some(*socket))) {
            let caller = caller.get_or_insert_with(|| Caller::of(pid, prefix));
            missing -= usize::from(holders.insert(socket, caller.clone()).is_none());
        }
    }
    for (question, socket) in questions.into_iter().zip(sockets) {
        let caller = socket.and_then(|socket| holders.get(&socket).cloned().flatten());
        // Whoever asked may have gone.
        let _ = question.answer.send(caller);
    }
}

/// Whether this process is the one that listens on a port of 127.0.0.1.
pub(crate) fn listens(pid: u32, port: u16) -> bool {
    let Ok(table) = fs::read_to_string("/proc/net/tcp") else { return false };
    let listening = Some((SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), NOBODY));
    let socket = sockets_of(&table, &[listening]).into_iter().next().flatten();
    socket.is_some_and(|socket| open_sockets(pid).any(|open| open == socket))
}

/// The inodes of sockets by their own end and the other one, from a text in the form of `/proc/net/tcp`. One that
/// listens has nobody at its other end.
fn sockets_of(table: &str, wanted: &[Option<(SocketAddrV4, SocketAddrV4)>]) -> Vec<Option<u64>> {
    let wanted: Vec<_> =
        wanted.iter().map(|ends| ends.map(|(own, other)| (as_in_proc(own), as_in_proc(other)))).collect();
    let mut found = vec![None; wanted.len()];
    let places: HashMap<(&str, &str), usize> = wanted
        .iter()
        .enumerate()
        .filter_map(|(n, ends)| ends.as_ref().map(|(own, other)| ((own.as_str(), other.as_str()), n)))
        .collect();
    for line in table.lines().skip(1) {
        let mut fields = line.split_whitespace().skip(1);
        let (Some(own), Some(other)) = (fields.next(), fields.next()) else { continue };
        if let Some(place) = places.get(&(own, other)).and_then(|&n| found.get_mut(n)) {
            // After both ends: state, queues, timer, retransmissions, user, timeout, inode.
            *place = fields.nth(6).and_then(|inode| inode.parse().ok());
        }
    }
    found
}

const NOBODY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// The address as the machine's own number, then the port, both in hex.
fn as_in_proc(address: SocketAddrV4) -> String {
    format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port())
}

/// The inodes of all sockets that a process has open.
fn open_sockets(pid: u32) -> impl Iterator<Item = u64> {
    fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().filter_map(|entry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    })
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

    #[test]
    #[cfg(target_endian = "little")]
    fn sockets_by_their_ends() {
        let at = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let between = |own, other| Some((at(own), at(other)));
        let wanted = [
            Some((at(8080), NOBODY)),
            between(50000, 8080),
            between(8080, 50000),
            Some((at(50000), NOBODY)),
            None,
            between(50000, 1),
        ];
        assert_eq!(sockets_of(TABLE, &wanted), [Some(31), Some(42), Some(43), None, None, None]);
    }

    /// A child of this process that has two connections to a port and waits.
    fn function(name: &str, port: u16) -> std::process::Child {
        let open = format!("exec 3<>/dev/tcp/127.0.0.1/{port} 4<>/dev/tcp/127.0.0.1/{port}; read -r");
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &open]).env("AWS_LAMBDA_FUNCTION_NAME", name).stdin(std::process::Stdio::piped());
        bash.spawn().unwrap()
    }

    #[tokio::test]
    async fn whoever_asks_at_once_is_told_apart() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let local = listener.local_addr().unwrap();
        let mut functions = [function("none-auth", local.port()), function("none-access", local.port())];
        let mine = std::net::TcpStream::connect(local).unwrap();
        let accepted: Vec<_> = (0..5).map(|_| listener.accept().unwrap()).collect();
        let callers = std::sync::Arc::new(Callers::of_deployment("none"));
        let mut asked = Vec::new();
        for (_, peer) in &accepted {
            let (callers, ends) = (std::sync::Arc::clone(&callers), Ends { peer: *peer, local });
            asked.push(tokio::spawn(async move { callers.find(std::process::id(), ends).await }));
        }
        let mut found = Vec::new();
        for ((_, peer), caller) in accepted.iter().zip(asked) {
            let caller = caller.await.unwrap();
            assert_eq!(caller.is_none(), *peer == mine.local_addr().unwrap(), "this process is no child of its own");
            found.extend(caller.map(|caller| (caller.function, caller.pid)));
        }
        found.sort();
        let [auth, access] = functions.each_ref().map(std::process::Child::id);
        let want = [("access", access), ("access", access), ("auth", auth), ("auth", auth)];
        assert_eq!(found, want.map(|(name, pid)| (name.to_owned(), pid)));
        for function in &mut functions {
            function.kill().unwrap();
            function.wait().unwrap();
        }
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
