//! What can be asked, as text and as data.

use crate::{parse_node, parse_partition};
use highwater_cluster::{BrokerId, NodeId};
use highwater_log::Offset;
use std::fmt;

/// A question about the world as it is now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// Why the high watermark is where it is; at one broker, as that broker knows it.
    HighWatermark {
        /// `orders-0`.
        partition: String,
        /// Whose; `None` = the leader's.
        broker: Option<BrokerId>,
    },
    /// Why replicas are in the ISR or out of it.
    Isr {
        /// `orders-0`.
        partition: String,
        /// Which; `None` = all.
        broker: Option<BrokerId>,
    },
    /// Who leads and why, or why nobody does.
    Leader {
        /// `orders-0`.
        partition: String,
    },
    /// What a waiting request waits for.
    Parked {
        /// Number of the waiting entry.
        id: u64,
        /// Where it waits.
        broker: BrokerId,
    },
    /// Why a producer's oldest batch is not acknowledged.
    Produce {
        /// 1 = p1.
        producer: u32,
    },
    /// Why a producer was refused something.
    Error {
        /// 1 = p1.
        producer: u32,
    },
    /// Why a consumer has nothing to do.
    Idle {
        /// 1 = c1.
        consumer: u32,
    },
    /// Why a consumer is behind on a partition.
    Lag {
        /// 1 = c1.
        consumer: u32,
        /// `orders-0`.
        partition: String,
    },
    /// Why a segment is not deleted, or when it will be.
    Segment {
        /// `orders-0`.
        partition: String,
        /// On whose disk.
        broker: BrokerId,
        /// Its base offset.
        base_offset: Offset,
    },
    /// What became of a record, and why it is lost if it is.
    Record {
        /// `orders-0`.
        partition: String,
        /// Its offset.
        offset: Offset,
    },
    /// What a message on its way is for, and what holds it up.
    Message {
        /// Its number.
        id: u64,
    },
    /// Whether a broker counts as alive, what it leads and where it is out of sync.
    Broker {
        /// `node.id`.
        id: BrokerId,
    },
}

/// Every form of a question.
pub const QUESTION_FORMS: &[&str] = &[
    "hw orders-0",
    "hw orders-0@2",
    "isr orders-0",
    "isr orders-0 broker 3",
    "leader orders-0",
    "parked 5@1",
    "produce p1",
    "error p1",
    "idle c3",
    "lag c1 orders-0",
    "segment orders-0@2:5",
    "lost orders-0:7",
    "message 17",
    "broker 2",
];

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExplainError {
    /// The question as it came.
    pub question: String,
    /// What is not understood, or not there, and what is allowed.
    pub message: String,
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.question, self.message)
    }
}

impl std::error::Error for ExplainError {}

impl Question {
    /// Reads a question. Besides [`QUESTION_FORMS`] the subject may come first (`orders-0 hw`), and a thing
    /// alone asks what is asked most about it (`c3`, `orders-0`). `lost` and `record` ask the same.
    ///
    /// # Errors
    /// What is not understood and every form.
    pub fn parse(text: &str) -> Result<Self, ExplainError> {
        let fail = |message: String| ExplainError { question: text.to_owned(), message };
        parse(text).map_err(|message| {
            fail(format!("{message}; what can be asked: {}", QUESTION_FORMS.join(", ")))
        })
    }
}

fn parse(text: &str) -> Result<Question, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [] => Err("nothing is asked".to_owned()),
        ["hw", place] | [place, "hw"] => {
            let (partition, broker) = replica(place)?;
            Ok(Question::HighWatermark { partition, broker })
        }
        ["isr", place] | [place, "isr"] => {
            let (partition, broker) = replica(place)?;
            Ok(Question::Isr { partition, broker })
        }
        ["isr", place, "broker", id] => {
            Ok(Question::Isr { partition: partition(place)?, broker: Some(broker_id(id)?) })
        }
        ["leader", place] | [place, "leader"] => {
            Ok(Question::Leader { partition: partition(place)? })
        }
        ["parked", entry] => {
            let (id, broker) = entry
                .split_once('@')
                .ok_or_else(|| format!("{entry:?} is not a waiting request"))?;
            Ok(Question::Parked { id: number(id)?, broker: broker_id(broker)? })
        }
        ["broker", broker, "waiting", id] => {
            Ok(Question::Parked { id: number(id)?, broker: broker_id(broker)? })
        }
        ["produce", who] => Ok(Question::Produce { producer: producer(who)? }),
        ["error", who] => Ok(Question::Error { producer: producer(who)? }),
        ["idle", who] => Ok(Question::Idle { consumer: consumer(who)? }),
        ["lag", who, place] => {
            Ok(Question::Lag { consumer: consumer(who)?, partition: partition(place)? })
        }
        ["segment", place] => {
            let (place, base_offset) = with_offset(place)?;
            match replica(place)? {
                (partition, Some(broker)) => {
                    Ok(Question::Segment { partition, broker, base_offset })
                }
                (_, None) => Err(format!("{place:?} does not say on which broker")),
            }
        }
        [place, "segment", base] => {
            let base_offset = base.parse().map_err(|_| format!("{base:?} is not an offset"))?;
            match replica(place)? {
                (partition, Some(broker)) => {
                    Ok(Question::Segment { partition, broker, base_offset })
                }
                (_, None) => Err(format!("{place:?} does not say on which broker")),
            }
        }
        ["lost" | "record", place] => {
            let (place, offset) = with_offset(place)?;
            Ok(Question::Record { partition: replica(place)?.0, offset })
        }
        ["message", id] => Ok(Question::Message { id: number(id)? }),
        ["broker", id] => Ok(Question::Broker { id: broker_id(id)? }),
        [word] => alone(word),
        [first, ..] => Err(format!("{first:?} does not begin a question of {} words", words.len())),
    }
}

/// A thing without a question.
fn alone(word: &str) -> Result<Question, String> {
    match parse_node(word) {
        Ok(NodeId::Consumer(consumer)) => return Ok(Question::Idle { consumer }),
        Ok(NodeId::Producer(producer)) => return Ok(Question::Produce { producer }),
        _ => {}
    }
    if let Ok((place, offset)) = with_offset(word)
        && let Ok((partition, _)) = replica(place)
    {
        return Ok(Question::Record { partition, offset });
    }
    match replica(word) {
        Ok((partition, broker)) => Ok(Question::HighWatermark { partition, broker }),
        Err(_) => Err(format!("{word:?} is not understood")),
    }
}

fn partition(text: &str) -> Result<String, String> {
    parse_partition(text).map(|(topic, number)| format!("{topic}-{number}"))
}

/// `orders-0` or `orders-0@2`.
pub(super) fn replica(text: &str) -> Result<(String, Option<BrokerId>), String> {
    match text.split_once('@') {
        Some((place, id)) => Ok((partition(place)?, Some(broker_id(id)?))),
        None => Ok((partition(text)?, None)),
    }
}

/// `orders-0@2:5` into what is before the offset and the offset.
pub(super) fn with_offset(text: &str) -> Result<(&str, Offset), String> {
    let parts = text.rsplit_once([':', '/']);
    parts
        .and_then(|(place, offset)| Some((place, offset.parse().ok().filter(|o| *o >= 0)?)))
        .ok_or_else(|| format!("{text:?} does not end in an offset, as in orders-0@2:5"))
}

fn broker_id(text: &str) -> Result<BrokerId, String> {
    text.parse().ok().filter(|id| *id >= 0).ok_or_else(|| format!("{text:?} is not a broker id"))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

fn producer(text: &str) -> Result<u32, String> {
    match parse_node(text) {
        Ok(NodeId::Producer(number)) => Ok(number),
        _ => Err(format!("{text:?} is not a producer such as p1")),
    }
}

fn consumer(text: &str) -> Result<u32, String> {
    match parse_node(text) {
        Ok(NodeId::Consumer(number)) => Ok(number),
        _ => Err(format!("{text:?} is not a consumer such as c1")),
    }
}

impl std::str::FromStr for Question {
    type Err = ExplainError;

    fn from_str(text: &str) -> Result<Self, ExplainError> {
        Self::parse(text)
    }
}

impl fmt::Display for Question {
    /// The form that [`Question::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HighWatermark { partition, broker: None } => write!(f, "hw {partition}"),
            Self::HighWatermark { partition, broker: Some(id) } => write!(f, "hw {partition}@{id}"),
            Self::Isr { partition, broker: None } => write!(f, "isr {partition}"),
            Self::Isr { partition, broker: Some(id) } => write!(f, "isr {partition} broker {id}"),
            Self::Leader { partition } => write!(f, "leader {partition}"),
            Self::Parked { id, broker } => write!(f, "parked {id}@{broker}"),
            Self::Produce { producer } => write!(f, "produce p{producer}"),
            Self::Error { producer } => write!(f, "error p{producer}"),
            Self::Idle { consumer } => write!(f, "idle c{consumer}"),
            Self::Lag { consumer, partition } => write!(f, "lag c{consumer} {partition}"),
            Self::Segment { partition, broker, base_offset } => {
                write!(f, "segment {partition}@{broker}:{base_offset}")
            }
            Self::Record { partition, offset } => write!(f, "lost {partition}:{offset}"),
            Self::Message { id } => write!(f, "message {id}"),
            Self::Broker { id } => write!(f, "broker {id}"),
        }
    }
}
