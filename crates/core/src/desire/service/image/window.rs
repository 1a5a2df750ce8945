//! Windows of time that come again each week, in UTC.

use std::time::Duration;

use hastack_api::service::image::{UpdateWindow, Weekday};
use jiff::Timestamp;
use jiff::civil::{self, Time};
use jiff::tz::TimeZone;

use crate::timing::after;

/// The days before and after today of which a window may be open, or be the next one.
const DAYS: std::ops::RangeInclusive<i64> = -1..=8;

/// Whether it is open now.
pub(super) fn is_open(window: &UpdateWindow, now: Timestamp) -> bool {
    let lasts = Duration::from_mins(window.duration_minutes.into());
    starts(window, now).any(|start| start <= now && now < after(start, lasts))
}

/// When it opens next.
pub(super) fn next(window: &UpdateWindow, now: Timestamp) -> Option<Timestamp> {
    starts(window, now).find(|start| *start > now)
}

/// When it opens about now, in order.
fn starts(window: &UpdateWindow, now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let UpdateWindow {
        days,
        start,
        duration_minutes: _,
    } = window;
    let today = now.to_zoned(TimeZone::UTC).date();
    let time = time(start);
    let near = DAYS.filter_map(move |offset| today.checked_add(jiff::Span::new().days(offset)).ok());
    let chosen = near.filter(|date| days.is_empty() || days.iter().any(|day| weekday(*day) == date.weekday()));
    chosen.filter_map(move |date| {
        let start = date.to_datetime(time?).to_zoned(TimeZone::UTC).ok()?;
        Some(start.timestamp())
    })
}

/// The time of `03:30`.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn weekday(day: Weekday) -> civil::Weekday {
    match day {
        Weekday::Monday => civil::Weekday::Monday,
        Weekday::Tuesday => civil::Weekday::Tuesday,
        Weekday::Wednesday => civil::Weekday::Wednesday,
        Weekday::Thursday => civil::Weekday::Thursday,
        Weekday::Friday => civil::Weekday::Friday,
        Weekday::Saturday => civil::Weekday::Saturday,
        Weekday::Sunday => civil::Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[Weekday], start: &str, duration_minutes: u16) -> UpdateWindow {
        UpdateWindow {
            days: days.to_vec(),
            start: start.into(),
            duration_minutes,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_open_from_its_start_for_as_long_as_it_lasts() {
        let nightly = window(&[], "03:30", 60);
        for (time, open) in [
            ("2027-01-15T03:29:59Z", false),
            ("2027-01-15T03:30:00Z", true),
            ("2027-01-15T04:29:59Z", true),
            ("2027-01-15T04:30:00Z", false),
        ] {
            assert_eq!(is_open(&nightly, at(time)), open, "{time}");
        }
    }

    #[test]
    fn a_window_that_opens_on_one_day_may_close_on_the_next() {
        // The 15th is a Friday.
        let friday = window(&[Weekday::Friday], "23:00", 120);
        assert!(is_open(&friday, at("2027-01-16T00:59:00Z")));
        assert!(!is_open(&friday, at("2027-01-15T00:30:00Z")));
        assert!(!is_open(&friday, at("2027-01-16T23:30:00Z")));
    }

    #[test]
    fn the_next_window_is_the_first_that_opens_later() {
        let weekly = window(&[Weekday::Friday], "03:30", 60);
        for (now, start) in [
            ("2027-01-14T12:00:00Z", "2027-01-15T03:30:00Z"),
            ("2027-01-15T03:30:00Z", "2027-01-22T03:30:00Z"),
        ] {
            assert_eq!(next(&weekly, at(now)), Some(at(start)), "{now}");
        }
    }
}
