//! A stretch of a local day.

use std::str::FromStr;

use serde::Deserialize;

/// Hours of a local day, from `start` up to but not including `end`, in seconds after midnight.
///
/// Read from `"08:00-21:00"`. Hours are those of the wall clock, whatever the clocks did that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Window {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// What a day allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Day {
    /// Nothing.
    Closed,
    /// The hours of one window.
    Open(Window),
}

/// A text that is no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hours are written HH:MM-HH:MM, the first before the second and 24:00 at most, or \"closed\" for a day")]
pub struct WindowError;

impl Window {
    /// From one hour and minute up to another, of which the later is 24:00 at most.
    pub fn new(start: (u8, u8), end: (u8, u8)) -> Result<Self, WindowError> {
        let window = Self { start: seconds(start)?, end: seconds(end)? };
        if window.start < window.end { Ok(window) } else { Err(WindowError) }
    }
}

impl Day {
    /// What both allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (Self::Open(a), Self::Open(b)) = (self, other) else { return Self::Closed };
        let (start, end) = (a.start.max(b.start), a.end.min(b.end));
        if start < end { Self::Open(Window { start, end }) } else { Self::Closed }
    }
}

fn seconds((hour, minute): (u8, u8)) -> Result<i64, WindowError> {
    let valid = (hour < 24 && minute < 60) || (hour, minute) == (24, 0);
    if valid { Ok(i64::from(hour) * 3600 + i64::from(minute) * 60) } else { Err(WindowError) }
}

fn hour_and_minute(text: &str) -> Result<(u8, u8), WindowError> {
    let two_digits = |part: &str| match part.as_bytes() {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => Ok((a - b'0') * 10 + (b - b'0')),
        _ => Err(WindowError),
    };
    let (hour, minute) = text.split_once(':').ok_or(WindowError)?;
    Ok((two_digits(hour)?, two_digits(minute)?))
}

impl FromStr for Window {
    type Err = WindowError;
    fn from_str(text: &str) -> Result<Self, WindowError> {
        let (start, end) = text.split_once('-').ok_or(WindowError)?;
        Self::new(hour_and_minute(start)?, hour_and_minute(end)?)
    }
}

impl TryFrom<String> for Window {
    type Error = WindowError;
    fn try_from(text: String) -> Result<Self, WindowError> {
        text.parse()
    }
}

impl TryFrom<String> for Day {
    type Error = WindowError;
    fn try_from(text: String) -> Result<Self, WindowError> {
        if text == "closed" { Ok(Self::Closed) } else { text.parse().map(Self::Open) }
    }
}
