//! Which questions are worth asking about a thing in the picture.

use super::Question;
use super::question::{replica, with_offset};
use crate::parse_node;
use highwater_cluster::NodeId;

/// Questions about a pick of the stage, most useful first, as texts for [`Question::parse`]: picks are
/// `orders-0`, `orders-0@2`, `message 17`, `p1`, `c1`, `parked 5@1`, `record orders-0@2:7` (or without the word),
/// `segment orders-0@2:5`, `broker 2`. Nothing for anything else.
pub fn suggest(selection: &str) -> Vec<String> {
    questions(selection.trim()).iter().map(ToString::to_string).collect()
}

fn questions(selection: &str) -> Vec<Question> {
    let words: Vec<&str> = selection.split_whitespace().collect();
    match words.as_slice() {
        ["message" | "parked" | "broker", _] => Question::parse(selection).into_iter().collect(),
        ["segment", place] => about_segment(selection, place),
        ["record", place] => about_record(place),
        [word] => about(word),
        _ => Vec::new(),
    }
}

fn about(word: &str) -> Vec<Question> {
    match parse_node(word) {
        Ok(NodeId::Producer(producer)) => {
            return vec![Question::Produce { producer }, Question::Error { producer }];
        }
        Ok(NodeId::Consumer(consumer)) => return vec![Question::Idle { consumer }],
        Ok(NodeId::Broker(id)) => return vec![Question::Broker { id }],
        _ => {}
    }
    match replica(word) {
        Ok((partition, None)) => vec![
            Question::HighWatermark { partition: partition.clone(), broker: None },
            Question::Isr { partition: partition.clone(), broker: None },
            Question::Leader { partition },
        ],
        Ok((partition, broker)) => vec![
            Question::HighWatermark { partition: partition.clone(), broker },
            Question::Isr { partition: partition.clone(), broker },
            Question::Leader { partition },
        ],
        Err(_) => about_record(word),
    }
}

fn about_record(place: &str) -> Vec<Question> {
    let Ok((at, offset)) = with_offset(place) else { return Vec::new() };
    let Ok((partition, broker)) = replica(at) else { return Vec::new() };
    vec![
        Question::Record { partition: partition.clone(), offset },
        Question::HighWatermark { partition, broker },
    ]
}

fn about_segment(selection: &str, place: &str) -> Vec<Question> {
    let mut questions: Vec<Question> = Question::parse(selection).into_iter().collect();
    if let Ok((at, _)) = with_offset(place)
        && let Ok((partition, broker @ Some(_))) = replica(at)
    {
        questions.push(Question::HighWatermark { partition, broker });
    }
    questions
}
