//! `highwater explain`: why something is as it is, at a moment of a run.

use crate::args::ExplainArguments;
use crate::outcome::Failure;
use crate::{played, run};
use highwater_lesson::{Intent, PlayerOptions};
use highwater_sim::Question;
use std::io::Write;
use std::sync::Arc;

/// Goes there, asks and prints the answer, each fact with the rule that makes it so.
pub fn explain(arguments: &ExplainArguments) -> Result<(), Failure> {
    let text = arguments.question.join(" ");
    // A question that cannot be read is refused before a long run.
    Question::parse(&text).map_err(Failure::input)?;
    let (lesson, seed) = run::source(&arguments.source)?;
    let options = PlayerOptions { seed: Some(seed), ..PlayerOptions::default() };
    let mut player = played::player(Arc::new(lesson), options)?;
    player.intent(Intent::Seek(arguments.at.clone())).map_err(Failure::input)?;
    let answer = player.explanation(&text).map_err(Failure::Input)?;
    let at = player.position();
    writeln!(std::io::stdout().lock(), "at event {}, {}: {answer}", at.event, at.time)
        .map_err(Failure::output)
}
