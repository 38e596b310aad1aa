//! The player behind the page.

use super::{Ask, Branch, Change, LessonSlice, Phase, Place, QuestionSlice};
use crate::options::{Options, settings};
use crate::speed;
use highwater_cluster::settings::Setting;
use highwater_cluster::{Span, Time};
use highwater_lesson::{AskPhase, At, FrameChange, Intent, Lesson, Player, PlayerOptions};
use highwater_sim::{StepResult, World, WorldView};
use std::rc::Rc;
use std::sync::Arc;

/// See the module. Owns the player; remakes it when settings change.
pub struct Port {
    pub(super) player: Player,
    lesson: Arc<Lesson>,
    pub(super) options: PlayerOptions,
    allow_branch: bool,
    /// Counts what may change the timeline.
    pub(super) changes: u64,
}

impl Port {
    /// Opens a packed lesson or scenario. Beside it, what of the options was wrong and left out.
    pub fn open(packed: &[u8], options: &Options) -> Result<(Self, Vec<String>), String> {
        let lesson = Arc::new(highwater_lesson::unpack(packed).map_err(|e| e.to_string())?);
        let mut warnings = Vec::new();
        let (pairs, _) = settings(&options.set);
        let mut wanted = PlayerOptions {
            seed: options.seed,
            settings: pairs,
            speed: options.speed.map_or(0, speed::steps),
            run: (!options.run.is_empty()).then(|| options.run.clone()),
            ..PlayerOptions::default()
        };
        if !options.at.is_empty() {
            match options.at.parse::<At>() {
                Ok(at) => wanted.at = Some(at),
                Err(message) => warnings.push(format!("at: {message}")),
            }
        }
        let player = make(&lesson, &mut wanted, &mut warnings)?;
        let port = Self {
            player,
            lesson,
            options: wanted,
            allow_branch: options.allow.branch,
            changes: 0,
        };
        Ok((port, warnings))
    }

    /// Starts over, with these settings over those given before.
    pub fn restart(&mut self, set: Option<&[(String, String)]>) -> Result<(), String> {
        let mut options = PlayerOptions { at: None, run: None, ..self.options.clone() };
        for (name, value) in set.unwrap_or_default() {
            if name == "seed" {
                let seed = value.trim().parse();
                options.seed =
                    Some(seed.map_err(|_| {
                        format!("seed: \"{value}\" is not a whole number from 0 on")
                    })?);
                continue;
            }
            options.settings.retain(|(n, _)| n != name);
            options.settings.push((name.clone(), value.clone()));
        }
        options.speed = self.player.position().speed;
        self.player =
            Player::new(Arc::clone(&self.lesson), options.clone()).map_err(|e| e.to_string())?;
        self.options = options;
        self.changes += 1;
        Ok(())
    }

    /// Lets time pass.
    pub fn frame(&mut self, now_ms: u64) -> Change {
        match self.player.frame(now_ms) {
            FrameChange::None => Change::None,
            FrameChange::Position => Change::Position,
            FrameChange::Event => Change::Event,
        }
    }

    /// Carries a wish out, or says why not.
    pub fn ask(&mut self, ask: Ask) -> Result<(), String> {
        self.changes += 1;
        let intent = match ask {
            Ask::Play => Intent::Play,
            Ask::Pause => Intent::Pause,
            Ask::Toggle => Intent::Toggle,
            Ask::Moment(n) => Intent::Moment(n),
            Ask::Event(n) => Intent::Event(n),
            Ask::Marker(n) => Intent::Marker(n),
            Ask::Seek(to) => Intent::Seek(to.parse::<At>()?),
            Ask::SeekScreen(ms) => Intent::SeekScreen(ms),
            Ask::Speed(factor) => Intent::Speed(speed::steps(speed::check(factor)?)),
            Ask::Linear(on) => Intent::Linear(on),
            Ask::ReplaySlow => Intent::ReplaySlow,
            Ask::ActText(text) => {
                let place = self.player.position();
                if !self.allow_branch && place.screen_ms < place.screen_end_ms {
                    return Err(
                        "this figure does not allow to act in the past: play on first".into()
                    );
                }
                Intent::ActText(text)
            }
            Ask::NextStep => Intent::NextStep,
            Ask::PreviousStep => Intent::PreviousStep,
            Ask::GoToStep(n) => Intent::GoToStep(n.saturating_sub(1)),
            Ask::Answer(i) => {
                self.intent(Intent::Answer(i))?;
                Intent::Reveal
            }
            Ask::Reveal => Intent::Reveal,
            Ask::SwitchBranch(n) => Intent::SwitchBranch(n),
            Ask::Select(pick) => Intent::Select(pick),
        };
        self.intent(intent)
    }

    fn intent(&mut self, intent: Intent) -> Result<(), String> {
        self.player.intent(intent).map_err(|e| e.to_string())
    }

    /// Where the run stands.
    pub fn place(&self) -> Place {
        let p = self.player.position();
        Place {
            event: p.event,
            moment: p.moment,
            now: p.time,
            playing: p.playing,
            speed: speed::factor(p.speed),
            linear: p.linear,
            us_per_second: p.gauge_ns / 1000,
            screen_ms: p.screen_ms,
            screen_end_ms: p.screen_end_ms,
        }
    }

    /// The world after the last event.
    pub fn view(&self) -> Rc<WorldView> {
        self.player.view()
    }

    /// Branches of the run.
    pub fn branches(&self) -> Vec<Branch> {
        let strip = self.player.strip();
        strip
            .branches
            .into_iter()
            .map(|b| Branch { index: b.number, name: b.label, current: b.current })
            .collect()
    }

    /// How this branch came out differently from the first one, when it is another.
    pub fn difference(&self) -> Option<String> {
        let here = self.player.position().branch;
        if here == 0 {
            return None;
        }
        self.player.timeline().compare(0, here).ok()
    }

    /// There is a beat (of a lesson) or a moment (of a scenario) ahead.
    pub fn can_go_on(&self) -> bool {
        let lesson = self.player.lesson();
        if lesson.steps > 0 { !lesson.free } else { !self.player.position().ended }
    }

    /// There is one behind.
    pub fn can_go_back(&self) -> bool {
        let lesson = self.player.lesson();
        if lesson.steps > 0 {
            lesson.beat > 1 || lesson.step > 0
        } else {
            self.player.position().event > 0
        }
    }

    /// Events handled.
    pub fn event(&self) -> u64 {
        self.player.position().event
    }

    /// Virtual time shown.
    pub fn now(&self) -> Time {
        self.player.position().time
    }

    /// Changes whenever the timeline's drawing may.
    pub fn strip_version(&self) -> (u64, u64) {
        (self.player.position().event, self.changes)
    }

    /// One value of the state by its path.
    pub fn query(&self, path: &str) -> Result<String, String> {
        self.player.query(path)
    }

    /// Reasons, a sentence each.
    pub fn explain(&self, what: &str) -> Vec<String> {
        self.why(what).unwrap_or_else(|message| vec![message])
    }

    /// The same for a caller who can be wrong about what there is.
    pub fn why(&self, what: &str) -> Result<Vec<String>, String> {
        self.player.explain(what).map(|facts| facts.iter().map(ToString::to_string).collect())
    }

    /// The exact run up to here.
    pub fn token(&self) -> String {
        self.player.token()
    }

    /// The value that the run gives a setting, if it differs from Kafka's default.
    pub fn setting(&self, setting: &Setting) -> Option<String> {
        let wanted = |name: &str| name == setting.name || Some(name) == setting.cluster_name;
        let given = self.options.settings.iter().rev().find(|(n, _)| wanted(n));
        given
            .map(|(_, v)| v.clone())
            .or_else(|| crate::facts::given(&self.lesson.scenario, setting))
    }

    /// A link to this moment on the full page.
    pub fn share_url(&self, options: &Options) -> String {
        crate::link::share_url(options, &self.lesson.id, &self.token(), &self.set_text())
    }

    /// Code for a page that may load scripts.
    pub fn embed_code(&self, options: &Options) -> String {
        crate::link::embed_code(options, &self.lesson.id, &self.token(), &self.set_text())
    }

    /// Code for a host that allows iframes only.
    pub fn frame_code(&self, options: &Options) -> String {
        crate::link::frame_code(options, &self.lesson.id, &self.token(), &self.set_text())
    }

    /// The lesson as it stands.
    pub fn lesson(&self) -> Rc<LessonSlice> {
        let state = self.player.lesson();
        let plain = state.steps == 0;
        let question = state.ask.map(|ask| QuestionSlice {
            text: ask.text,
            choices: ask.choices,
            chosen: ask.committed,
            phase: match ask.phase {
                AskPhase::Open | AskPhase::Voted => Phase::Open,
                AskPhase::Revealing => Phase::Running,
                AskPhase::Revealed => Phase::Revealed,
            },
            right: ask.revealed,
            why: ask.why,
        });
        Rc::new(LessonSlice {
            id: self.lesson.id.clone(),
            title: self.lesson.title.clone(),
            summary: self.lesson.summary.clone(),
            assumptions: self.lesson.scenario.assumptions.clone(),
            step: if plain { 0 } else { state.step + 1 },
            steps: state.steps,
            beat: state.beat,
            beats: state.beats,
            step_id: state.id,
            headline: state.title,
            say: state.say,
            line: state.line,
            waiting: state.waiting_for.is_some(),
            stuck: state.stuck,
            goes_on_from: state.goes_on_from,
            free: state.free,
            question,
            tasks: state.tasks,
            view: state.view,
            focus: state.focus,
            hide: state.hide,
        })
    }
}

/// A setting, seed or place that is wrong is left out and said; the figure still runs.
fn make(
    lesson: &Arc<Lesson>,
    wanted: &mut PlayerOptions,
    warnings: &mut Vec<String>,
) -> Result<Player, String> {
    let first = match Player::new(Arc::clone(lesson), wanted.clone()) {
        Ok(player) => return Ok(player),
        Err(error) => error.to_string(),
    };
    if wanted.run.take().is_some() {
        warnings.push(format!("run: the run begins anew: {first}"));
        return make(lesson, wanted, warnings);
    }
    let place = wanted.at.take();
    let less = if place.is_some() {
        Player::new(Arc::clone(lesson), wanted.clone())
    } else {
        Err(highwater_lesson::PlayerError { message: first.clone() })
    };
    if let Ok(player) = less {
        warnings.push(format!("at: {first}"));
        return Ok(player);
    }
    wanted.settings.clear();
    wanted.at = place;
    let plain = Player::new(Arc::clone(lesson), wanted.clone()).map_err(|e| e.to_string())?;
    warnings.push(format!("set: the scenario's own settings are used: {first}"));
    Ok(plain)
}

/// As asked, or why not.
pub(super) fn make_exactly(lesson: Arc<Lesson>, wanted: &PlayerOptions) -> Result<Player, String> {
    Player::new(lesson, wanted.clone()).map_err(|e| e.to_string())
}

/// Runs a packed lesson's scenario for so long and gives the line that `highwater run` ends with.
pub fn trace_hash(packed: &[u8], seed: u64, until_ms: u64) -> Result<String, String> {
    let lesson = highwater_lesson::unpack(packed).map_err(|e| e.to_string())?;
    let mut world = World::booted(&lesson.scenario, seed).map_err(|e| e.to_string())?;
    let end = world.start() + Span(until_ms.saturating_mul(1000));
    while world.next_event_at().is_some_and(|at| at <= end) && world.step() != StepResult::Nothing {
    }
    Ok(format!("trace-hash {:016x} steps {}", world.trace_hash(), world.event()))
}
