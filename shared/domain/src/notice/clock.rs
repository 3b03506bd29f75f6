//! Times of a person's day and week, without a zone: `22:00`, hour 8, Monday.

use jiff::civil::{Time, Weekday};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefused {
    #[error("Write the time as hours and minutes, like 22:00.")]
    NotATime,
    #[error("Choose an hour from 0 to 23.")]
    NotAnHour,
    #[error("Choose a day of the week.")]
    NotADay,
}

/// What a clock on the wall shows, to the minute: `22:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Clock(Time);

impl Clock {
    /// `22:00` or `7:30`. Browsers add seconds when they are given them: `22:00:00`.
    pub fn parse(text: &str) -> Result<Self, ClockRefused> {
        let text = text.trim();
        let text = text.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(text);
        let (hour, minute) = text.split_once(':').ok_or(ClockRefused::NotATime)?;
        let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| {
            let fits = lengths.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if fits { digits.parse::<i8>().map_err(|_| ClockRefused::NotATime) } else { Err(ClockRefused::NotATime) }
        };
        let (hour, minute) = (number(hour, 1..=2)?, number(minute, 2..=2)?);
        Time::new(hour, minute, 0, 0).map(Self).map_err(|_| ClockRefused::NotATime)
    }

    pub fn time(self) -> Time {
        self.0
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl TryFrom<String> for Clock {
    type Error = ClockRefused;
    fn try_from(text: String) -> Result<Self, ClockRefused> {
        Self::parse(&text)
    }
}

impl From<Clock> for String {
    fn from(clock: Clock) -> String {
        clock.to_string()
    }
}

/// A full hour of the day, 0 to 23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i8", into = "i8")]
pub struct Hour(i8);

impl Hour {
    /// When most people begin their day.
    pub const MORNING: Hour = Hour(8);

    pub fn new(hour: i8) -> Result<Self, ClockRefused> {
        if (0..24).contains(&hour) { Ok(Self(hour)) } else { Err(ClockRefused::NotAnHour) }
    }

    pub fn parse(text: &str) -> Result<Self, ClockRefused> {
        text.trim().parse().map_err(|_| ClockRefused::NotAnHour).and_then(Self::new)
    }

    pub fn time(self) -> Time {
        Time::constant(self.0, 0, 0, 0)
    }
}

impl std::fmt::Display for Hour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<i8> for Hour {
    type Error = ClockRefused;
    fn try_from(hour: i8) -> Result<Self, ClockRefused> {
        Self::new(hour)
    }
}

impl From<Hour> for i8 {
    fn from(hour: Hour) -> i8 {
        hour.0
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    pub const ALL: [Day; 7] =
        [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];

    pub fn as_str(self) -> &'static str {
        match self {
            Day::Monday => "monday",
            Day::Tuesday => "tuesday",
            Day::Wednesday => "wednesday",
            Day::Thursday => "thursday",
            Day::Friday => "friday",
            Day::Saturday => "saturday",
            Day::Sunday => "sunday",
        }
    }

    pub fn parse(text: &str) -> Result<Self, ClockRefused> {
        Self::ALL.into_iter().find(|day| day.as_str() == text.trim()).ok_or(ClockRefused::NotADay)
    }

    pub fn weekday(self) -> Weekday {
        match self {
            Day::Monday => Weekday::Monday,
            Day::Tuesday => Weekday::Tuesday,
            Day::Wednesday => Weekday::Wednesday,
            Day::Thursday => Weekday::Thursday,
            Day::Friday => Weekday::Friday,
            Day::Saturday => Weekday::Saturday,
            Day::Sunday => Weekday::Sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<&str>) {
        assert_eq!(Clock::parse(text).ok().map(|clock| clock.to_string()).as_deref(), want, "{text:?}");
    }

    #[test]
    fn reads_times_as_people_and_browsers_write_them() {
        check(" 22:00 ", Some("22:00"));
        check("7:30", Some("07:30"));
        check("07:30:00", Some("07:30"));
        check("00:00", Some("00:00"));
        check("24:00", None);
        check("12:60", None);
        check("12:5", None);
        check("12", None);
        check("-1:00", None);
        check("+1:00", None);
        check("12:30:15", None);
        check("", None);
    }

    #[test]
    fn hours_and_days() {
        assert_eq!((Hour::parse("0"), Hour::parse("23")), (Hour::new(0), Hour::new(23)));
        for wrong in ["24", "-1", "x", "", "300"] {
            assert_eq!(Hour::parse(wrong), Err(ClockRefused::NotAnHour), "{wrong:?}");
        }
        for (number, day) in Day::ALL.into_iter().enumerate() {
            assert_eq!(Day::parse(day.as_str()), Ok(day));
            assert_eq!(usize::try_from(day.weekday().to_monday_zero_offset()).unwrap(), number);
        }
        assert_eq!(Day::parse("someday"), Err(ClockRefused::NotADay));
        assert!(serde_json::from_str::<Hour>("24").is_err() && serde_json::from_str::<Clock>("\"25:00\"").is_err());
    }
}
