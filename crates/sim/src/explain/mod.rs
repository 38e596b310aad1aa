//! Reasons are data: a question about the world as it is now is answered with facts that have numbers and
//! the name of the setting, class or KIP that makes them so. No rule is known here: every fact is read from
//! the processes, or asked of the very function that the engine acts by.

mod answers;
mod facts;
mod question;
mod suggest;
#[cfg(test)]
mod tests;

pub use facts::{
    ClientFact, Fact, GroupFact, LeaderFact, ProcessFact, RecordFact, ReplicaFact, SegmentFact,
};
pub use question::{ExplainError, QUESTION_FORMS, Question};
pub use suggest::suggest;

use crate::{Timeline, World};

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The short answer, one sentence.
    pub headline: String,
    /// What it rests on, most important first.
    pub facts: Vec<Fact>,
    /// What of the picture the answer is about, as picks of the stage (`orders-0@3`, `message 17`, `parked 5@1`,
    /// `c1`, `broker 2`) and its words for kinds of marks (`hw`, `isr`): the rest may be dimmed.
    pub picks: Vec<String>,
}

impl World {
    /// As [`explain`].
    ///
    /// # Errors
    /// As [`explain`].
    pub fn explain(&self, question: &Question) -> Result<Explanation, ExplainError> {
        explain(self, question)
    }
}

impl Timeline {
    /// The answer at the current position as sentences: the short answer, then its facts.
    ///
    /// # Errors
    /// As [`Question::parse`] and [`explain`].
    pub fn explain(&self, text: &str) -> Result<Vec<String>, ExplainError> {
        let answer = explain(self.world(), &Question::parse(text)?)?;
        let facts = answer.facts.iter().map(Fact::text);
        Ok(std::iter::once(answer.headline.clone()).chain(facts).collect())
    }
}

impl std::fmt::Display for Explanation {
    /// The headline and a line for each fact, with its rule in brackets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.headline)?;
        for fact in &self.facts {
            write!(f, "\n- {}", fact.text())?;
            if let Some(rule) = fact.rule() {
                write!(f, " [{rule}]")?;
            }
        }
        Ok(())
    }
}

/// Answers a question about the world at this moment.
///
/// # Errors
/// When something that the question names does not exist, with what does.
pub fn explain(world: &World, question: &Question) -> Result<Explanation, ExplainError> {
    let mut answer = answers::Answer::new(world);
    let headline = answer
        .give(question)
        .map_err(|message| ExplainError { question: question.to_string(), message })?;
    let answers::Answer { facts, picks, .. } = answer;
    Ok(Explanation { headline, facts, picks })
}
