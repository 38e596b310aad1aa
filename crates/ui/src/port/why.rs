//! Why a thing is as it is: what the engine answers about what is selected.

use super::Port;
use highwater_sim::explain::{Fact, suggest};

/// An answer of the engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// What is asked, in words.
    pub title: &'static str,
    /// The short answer.
    pub headline: String,
    /// What it rests on, most important first.
    pub facts: Vec<String>,
}

/// Questions by the first word of their form.
const TITLES: &[(&str, &str)] = &[
    ("hw", "Why this high watermark?"),
    ("isr", "Why in or out of the in-sync set?"),
    ("leader", "Why this leader?"),
    ("parked", "Why does it wait?"),
    ("produce", "What does it wait for?"),
    ("error", "Why the error?"),
    ("idle", "Why idle?"),
    ("lag", "Why behind?"),
    ("segment", "Why is the file still here?"),
    ("lost", "Is it safe?"),
    ("message", "Why was it sent?"),
    ("broker", "What does it do?"),
];

fn title(question: &str) -> &'static str {
    let word = question.split(' ').next().unwrap_or_default();
    TITLES.iter().find(|(form, _)| *form == word).map_or("Why?", |(_, title)| title)
}

impl Port {
    /// Answers about a pick, the most useful first; `first` is asked before the others.
    pub fn reasons(&self, pick: &str, first: Option<&str>) -> Vec<Reason> {
        let mut asked: Vec<String> = first.map(str::to_owned).into_iter().collect();
        asked.extend(suggest(pick));
        let mut out: Vec<Reason> = Vec::new();
        for question in asked {
            let Ok(answer) = self.player.explanation(&question) else { continue };
            let reason = Reason {
                title: title(&question),
                headline: answer.headline,
                facts: answer.facts.iter().map(Fact::text).collect(),
            };
            // Two forms of one question have one answer.
            if out.iter().all(|r| r.headline != reason.headline) {
                out.push(reason);
            }
        }
        out
    }

    /// What of the picture the first answer about a pick is about: the pick itself and what decides.
    /// Empty = nothing is known.
    pub fn lit(&self, pick: &str) -> Vec<String> {
        let mut answers = suggest(pick).into_iter().map(|q| self.player.explanation(&q));
        let Some(Ok(answer)) = answers.next() else { return Vec::new() };
        let mut picks = answer.picks;
        picks.push(pick.to_owned());
        picks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use highwater_sim::explain::QUESTION_FORMS;

    #[test]
    fn every_form_of_question_has_a_title() {
        for form in QUESTION_FORMS {
            let word = form.split(' ').next().unwrap_or_default();
            assert_ne!(title(word), "Why?", "{form}");
        }
    }
}
