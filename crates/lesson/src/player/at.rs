//! Places in a run as people write them: `0`, `event:312`, `moment:40`, `step:4`, `marker:hw-moves`,
//! `12.5s`, `end`.

use highwater_cluster::Time;
use highwater_sim::parse_span;
use std::fmt;
use std::str::FromStr;

/// A place in a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum At {
    /// The beginning.
    Start,
    /// After so many events.
    Event(u64),
    /// At a visible change, from 1; 0 = the beginning.
    Moment(u64),
    /// At the beginning of a step: its number from 1, or its id.
    Step(String),
    /// At the first marker of this id.
    Marker(String),
    /// At this virtual time.
    Time(Time),
    /// At the end of the lesson, or where the scenario ends.
    End,
}

/// The forms, for messages.
pub const AT_FORMS: &str = "0, event:312, moment:40, step:4, marker:hw-moves, 12.5s, end";

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || format!("\"{text}\" is not a place in a run; allowed: {AT_FORMS}");
        let number = |digits: &str| digits.parse::<u64>().map_err(|_| wrong());
        match text.split_once(':') {
            Some(("event", rest)) => Ok(Self::Event(number(rest)?)),
            Some(("moment", rest)) => Ok(Self::Moment(number(rest)?)),
            Some(("step", rest)) if !rest.is_empty() => Ok(Self::Step(rest.to_owned())),
            Some(("marker", rest)) if !rest.is_empty() => Ok(Self::Marker(rest.to_owned())),
            Some(_) => Err(wrong()),
            None if text == "0" => Ok(Self::Start),
            None if text == "end" => Ok(Self::End),
            None => parse_span(text).map(|us| Self::Time(Time(us))).map_err(|_| wrong()),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => write!(f, "0"),
            Self::Event(n) => write!(f, "event:{n}"),
            Self::Moment(n) => write!(f, "moment:{n}"),
            Self::Step(name) => write!(f, "step:{name}"),
            Self::Marker(id) => write!(f, "marker:{id}"),
            Self::Time(time) => write!(f, "{}us", time.0),
            Self::End => write!(f, "end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back() {
        for text in [
            "0",
            "event:312",
            "moment:40",
            "step:4",
            "step:the-ack",
            "marker:hw-moves",
            "12500us",
            "end",
        ] {
            assert_eq!(text.parse::<At>().map(|at| at.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("12.5s".parse(), Ok(At::Time(Time(12_500_000))));
    }

    #[test]
    fn wrong_places_name_what_is_allowed() {
        for text in ["", "event:", "event:x", "step:", "moment:-1", "frame:3", "12"] {
            let error = text.parse::<At>().expect_err(text);
            assert!(
                error.contains("event:312") && error.contains(&format!("\"{text}\"")),
                "{error}"
            );
        }
    }
}
