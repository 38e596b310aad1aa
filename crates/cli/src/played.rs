//! Runs that need the player: lessons, shared runs, places such as `step:4` or `moment:40`.

use crate::args::{ReplayArguments, RunArguments};
use crate::content::{self, BUILT_IN, BuiltIn};
use crate::outcome::{Failure, say};
use crate::run::{broken_promise, open, report};
use highwater_lesson::{At, Intent, Lesson, Player, PlayerOptions};
use highwater_sim::Share;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A lesson to its end, its steps and answers told; or a scenario to a place that only the player knows.
pub fn run(arguments: &RunArguments, lesson: Lesson, seed: u64) -> Result<(), Failure> {
    let options = PlayerOptions { seed: Some(seed), ..PlayerOptions::default() };
    let mut player = player(Arc::new(lesson), options)?;
    match &arguments.until {
        Some(at) if *at != At::End => {
            player.intent(Intent::Seek(at.clone())).map_err(Failure::input)?;
        }
        _ => play(&mut player)?,
    }
    finish(&player, arguments.trace.as_deref())
}

/// `highwater replay`: the run of a share token.
pub fn replay(arguments: &ReplayArguments) -> Result<(), Failure> {
    let token = in_link(&arguments.token);
    let lesson = match &arguments.scenario {
        Some(source) => content::load(source)?,
        None => lesson_of(token)?,
    };
    let options = PlayerOptions {
        run: Some(token.to_owned()),
        settings: arguments.set.clone(),
        ..PlayerOptions::default()
    };
    let player = player(Arc::new(lesson), options)?;
    for input in player.timeline().inputs() {
        say(format_args!("after event {:>6}: {}", input.event, input.action))?;
    }
    finish(&player, arguments.trace.as_deref())
}

/// The token, also when the whole link was given.
fn in_link(text: &str) -> &str {
    let token = text.rsplit_once("run=").map_or(text, |(_, token)| token);
    token.split('&').next().unwrap_or(token)
}

/// A player, its options checked.
pub fn player(lesson: Arc<Lesson>, options: PlayerOptions) -> Result<Player, Failure> {
    Player::new(lesson, options).map_err(Failure::input)
}

/// The built-in lesson that a token names.
pub fn lesson_of(token: &str) -> Result<Lesson, Failure> {
    let run = token.trim().split('.').next().unwrap_or_default();
    let share = Share::decode(run).map_err(Failure::input)?;
    let found: Option<&BuiltIn> = BUILT_IN.iter().find(|b| b.id() == share.scenario);
    match found {
        Some(built_in) => built_in.lesson(),
        None => Err(Failure::Input(format!(
            "the run is of \"{}\", which is not built in: name its file with --scenario FILE",
            share.scenario
        ))),
    }
}

fn play(player: &mut Player) -> Result<(), Failure> {
    let lesson = player.lesson_data().clone();
    for (number, step) in (1_usize..).zip(&lesson.steps) {
        for _ in 0..8 {
            let state = player.lesson();
            if state.done || state.free {
                break;
            }
            player
                .intent(Intent::NextStep)
                .map_err(|e| Failure::Broken(format!("step {number} \"{}\": {e}", step.id)))?;
        }
        let (state, at) = (player.lesson(), player.position());
        let place = format!("event {}, {}", at.event, at.time);
        let screen = format!("{} s", at.screen_ms.div_ceil(1000));
        say(format_args!(
            "step {number:>2} {:<18} {place:<24} screen {screen:<6} {}",
            step.id, step.title
        ))?;
        if let Some(ask) = &state.ask {
            let answer = ask.revealed.clone().unwrap_or_default();
            let listed = ask.choices.iter().any(|(choice, _)| *choice == answer);
            say(format_args!("        {} -> {answer}", ask.text))?;
            if !listed {
                return Err(Failure::Broken(format!(
                    "step {number}: the engine answers {answer}, which is not among the choices"
                )));
            }
        }
        if !state.free {
            // What is wrong now is wrong with the step that begins.
            let next = lesson.steps.get(number).map_or(String::new(), |s| format!(" \"{}\"", s.id));
            player
                .intent(Intent::NextStep)
                .map_err(|e| Failure::Broken(format!("step {}{next}: {e}", number + 1)))?;
        }
    }
    Ok(())
}

fn finish(player: &Player, trace: Option<&Path>) -> Result<(), Failure> {
    let records = player.trace_window(0, u64::MAX);
    if let Some(path) = trace {
        let mut out = open(path)?;
        for record in &records {
            writeln!(out, "{}", record.json()).map_err(|e| Failure::writing(path, &e))?;
        }
        out.flush().map_err(|e| Failure::writing(path, &e))?;
    }
    let broken: Vec<String> = records.into_iter().filter_map(broken_promise).collect();
    report(&player.lesson_data().id, player.timeline().world(), &broken)
}
