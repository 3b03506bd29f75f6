//! Figures of many runs, and promises held against them.

use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "it measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn ms_since(started: Instant) -> f64 {
    now().duration_since(started).as_secs_f64() * 1_000.0
}

/// What several runs took, in milliseconds or any other unit.
#[derive(Debug, Default, Clone)]
pub(crate) struct Runs(Vec<f64>);

impl Runs {
    pub(crate) fn add(&mut self, value: f64) {
        let place = self.0.partition_point(|other| *other < value);
        self.0.insert(place, value);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn least(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        self.share(50)
    }

    pub(crate) fn p95(&self) -> f64 {
        self.share(95)
    }

    /// The smallest value that so many percent of the runs do not exceed.
    fn share(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Runs {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

/// Lines of one measurement. Broken promises are told together, at the end.
pub(crate) struct Report {
    area: &'static str,
    broken: Vec<String>,
}

impl Report {
    pub(crate) fn of(area: &'static str) -> Report {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load: Vec<&str> = load.split(' ').take(3).collect();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let report = Report { area, broken: Vec::new() };
        report.say("machine", &format!("{cores} cores, load {}", load.join(" ")));
        report
    }

    pub(crate) fn say(&self, name: &str, value: &str) {
        println!("{}: {name}: {value}", self.area);
    }

    /// A value that must not exceed what was promised. What could not be measured was not kept.
    pub(crate) fn hold(&mut self, name: &str, value: f64, most: f64, unit: &str) {
        let kept = value <= most;
        let line = format!("{name}: {}{unit} (promise: at most {}{unit})", figure(value), figure(most));
        println!("{}: {line}{}", self.area, if kept { "" } else { " BROKEN" });
        if !kept {
            self.broken.push(line);
        }
    }

    /// Fails if a promise is broken.
    pub(crate) fn done(self) {
        assert!(self.broken.is_empty(), "{}: {} broken: {:#?}", self.area, self.broken.len(), self.broken);
    }
}

/// Three digits that mean something.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 && value.abs() < 1e6 => format!("{value}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        size if size >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_values_that_were_measured() {
        let runs: Runs = (1..=100).rev().map(f64::from).collect();
        assert_eq!((runs.least(), runs.median(), runs.p95(), runs.count()), (1.0, 50.0, 95.0, 100));
        let mut few = Runs::default();
        assert!(few.median().is_nan());
        for value in [3.0, 1.0, 2.0] {
            few.add(value);
        }
        assert_eq!((few.median(), few.p95()), (2.0, 3.0));
    }

    #[test]
    fn a_promise_is_kept_broken_or_not_measured() {
        for (value, kept) in [(0.1, true), (0.10001, false), (f64::NAN, false)] {
            let mut report = Report::of("figures");
            report.hold("a ratio", value, 0.1, "");
            assert_eq!(report.broken.is_empty(), kept, "{value}");
        }
    }
}
