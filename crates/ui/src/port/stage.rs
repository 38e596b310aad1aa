//! What the stage draws and says of the run.

use super::{Phase, Port, StageAsk};
use crate::options::ViewName;
use highwater_scene::{Scene, SvgOptions, to_svg};
use highwater_stage::StageOptions;

impl Port {
    /// The stage as asked for.
    pub fn stage(&self, ask: &StageAsk) -> Scene {
        let view = self.player.view();
        let options = self.stage_options(ask);
        match ask.view {
            ViewName::Cluster | ViewName::Log | ViewName::Replicas | ViewName::Group | ViewName::SpaceTime => {
                highwater_stage::cluster(&view, view.next_event_at, &options)
            }
        }
    }

    fn stage_options(&self, ask: &StageAsk) -> StageOptions {
        let lesson = self.lesson();
        StageOptions {
            width: ask.width,
            height: ask.height,
            profile: ask.profile,
            selection: ask.selection.as_deref().map(Into::into),
            hide: lesson.hide.clone(),
            dim: lesson.focus.clone(),
            question_open: lesson.question.as_ref().is_some_and(|q| q.phase == Phase::Open),
            reduced_motion: ask.reduced,
            ..StageOptions::default()
        }
    }

    /// Way to the next event, 0 to 10000; without movement messages rest halfway.
    pub fn interval_position(&self, reduced: bool) -> i32 {
        if reduced { 5000 } else { self.player.position().interval_position }
    }

    /// Animations follow the speed of the run.
    pub fn speed_percent(&self) -> u32 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "6 to 1600")]
        let percent = (self.place().speed * 100.0).clamp(25.0, 1600.0) as u32;
        percent
    }

    /// What happened last, in one line.
    pub fn narration(&self) -> String {
        self.player.strip().markers.iter().rev().find(|m| m.event <= self.event()).map(|m| m.label.clone()).unwrap_or_default()
    }

    /// The stage in words.
    pub fn outline(&self) -> Vec<String> {
        Vec::new()
    }

    /// The stage as a standalone picture.
    pub fn svg_text(&self, ask: &StageAsk) -> String {
        to_svg(&self.stage(ask), &SvgOptions::default())
    }
}
