//! The command line.

use std::path::PathBuf;

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Up(Up),
    Down { state: PathBuf },
    Update { function: String },
}

#[derive(Debug, PartialEq)]
pub(crate) struct Up {
    /// 0 takes a free one.
    pub(crate) port: u16,
    /// Wipes the data first.
    pub(crate) fresh: bool,
    pub(crate) seed: bool,
    /// Keeps nothing: for tests.
    pub(crate) throwaway: bool,
}

const PORT: u16 = 3000;

impl Command {
    /// Nothing when the arguments are not understood.
    pub(crate) fn parse(args: &[&str]) -> Option<Command> {
        match args {
            ["up", rest @ ..] => Up::parse(rest).map(Command::Up),
            ["down", "--state", state] => Some(Command::Down { state: PathBuf::from(state) }),
            ["update", function] => Some(Command::Update { function: (*function).to_owned() }),
            _ => None,
        }
    }
}

impl Up {
    fn parse(args: &[&str]) -> Option<Up> {
        let mut up = Up { port: PORT, fresh: false, seed: true, throwaway: false };
        let mut rest = args.iter();
        while let Some(&arg) = rest.next() {
            match arg {
                "--fresh" => up.fresh = true,
                "--no-seed" => up.seed = false,
                "--throwaway" => up.throwaway = true,
                "--port" => up.port = rest.next()?.parse().ok()?,
                _ => return None,
            }
        }
        Some(up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, want: Option<Command>) {
        let args: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(Command::parse(&args), want, "{line}");
    }

    fn up(port: u16, fresh: bool, seed: bool, throwaway: bool) -> Option<Command> {
        Some(Command::Up(Up { port, fresh, seed, throwaway }))
    }

    #[test]
    fn commands() {
        check("up", up(3000, false, true, false));
        check("up --port 0 --no-seed --throwaway", up(0, false, false, true));
        check("up --fresh --port 8080", up(8080, true, true, false));
        check("down --state /tmp/x", Some(Command::Down { state: "/tmp/x".into() }));
        check("update auth", Some(Command::Update { function: "auth".to_owned() }));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in ["", "up --port", "up --port 65536", "up --port x", "up extra", "down", "update", "update a b"] {
            check(line, None);
        }
    }
}
