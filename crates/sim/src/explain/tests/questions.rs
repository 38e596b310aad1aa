//! Texts of questions.

use super::*;
use crate::explain::{QUESTION_FORMS, suggest};

#[test]
fn every_form_is_read_and_written_as_it_is() {
    for form in QUESTION_FORMS {
        assert_eq!(Question::parse(form).unwrap().to_string(), *form);
    }
}

#[test]
fn the_subject_may_come_first_or_alone() {
    for (short, full) in [
        ("orders-0 hw", "hw orders-0"),
        ("orders-0@2 hw", "hw orders-0@2"),
        ("orders-0@3 isr", "isr orders-0 broker 3"),
        ("isr orders-0@3", "isr orders-0 broker 3"),
        ("my-topic-0 leader", "leader my-topic-0"),
        ("c3", "idle c3"),
        ("p1", "produce p1"),
        ("orders-0", "hw orders-0"),
        ("orders-0@2:7", "lost orders-0:7"),
        ("record orders-0@2:7", "lost orders-0:7"),
        ("broker 1 waiting 5", "parked 5@1"),
        ("orders-0@2 segment 5", "segment orders-0@2:5"),
        ("  lag   c1  orders-0 ", "lag c1 orders-0"),
    ] {
        assert_eq!(Question::parse(short).unwrap().to_string(), full);
    }
}

#[test]
fn what_is_not_understood_is_named_with_the_forms() {
    for (text, named) in [
        ("", "nothing is asked"),
        ("why", "\"why\""),
        ("hw orders", "\"orders\""),
        ("hw orders-x", "\"orders-x\""),
        ("isr orders-0 broker x", "\"x\""),
        ("parked 5", "\"5\""),
        ("parked x@1", "\"x\""),
        ("produce c1", "\"c1\""),
        ("idle p1", "\"p1\""),
        ("segment orders-0:5", "\"orders-0\""),
        ("segment orders-0@2", "\"orders-0@2\""),
        ("lost orders-0:-3", "\"orders-0:-3\""),
        ("message x", "\"x\""),
        ("broker -1", "\"-1\""),
        ("tell me a story", "\"tell\""),
    ] {
        let error = Question::parse(text).expect_err(text);
        assert_eq!(error.question, text);
        assert!(error.message.contains(named), "{error}");
        assert!(error.message.contains("hw orders-0, hw orders-0@2, isr orders-0"), "{error}");
    }
}

#[test]
fn every_pick_has_questions_that_can_be_read() {
    for (pick, first) in [
        ("orders-0", "hw orders-0"),
        ("orders-0@2", "hw orders-0@2"),
        ("message 17", "message 17"),
        ("p1", "produce p1"),
        ("c1", "idle c1"),
        ("parked 5@1", "parked 5@1"),
        ("record orders-0@2:7", "lost orders-0:7"),
        ("orders-0@2:7", "lost orders-0:7"),
        ("segment orders-0@2:5", "segment orders-0@2:5"),
        ("broker 2", "broker 2"),
    ] {
        let questions = suggest(pick);
        assert_eq!(questions.first().map(String::as_str), Some(first), "{pick}");
        for question in questions {
            assert_eq!(Question::parse(&question).map(|q| q.to_string()), Ok(question));
        }
    }
    for nothing in ["", "controller", "group billing", "x y z", "segment", "message"] {
        assert_eq!(suggest(nothing), [""; 0], "{nothing}");
    }
}

#[test]
fn what_does_not_exist_is_named_with_what_does() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("all", 0));
    let world = booted(&scenario);
    for (question, named) in [
        ("hw payments-0", "there is no partition payments-0; there are orders-0"),
        ("leader orders-4", "there is no partition orders-4; there are orders-0"),
        (
            "isr orders-0 broker 7",
            "broker 7 is no replica of orders-0; its replicas are brokers 1, 2 and 3",
        ),
        ("hw orders-0@7", "broker 7 is no replica"),
        ("parked 5@1", "no request 5 waits at broker 1"),
        ("parked 5@9", "there is no broker 9; there are 1, 2, 3"),
        ("produce p4", "there is no p4; there are p1"),
        ("idle c1", "there is no c1; there are none"),
        ("segment orders-0@2:5", "no segment of orders-0 begins at 5 there; these do: 0"),
        ("message 99999", "message 99999 is not on its way now"),
        ("broker 9", "there is no broker 9"),
    ] {
        let error = refused(&world, question);
        assert!(error.starts_with(question) && error.contains(named), "{error}");
    }
}
