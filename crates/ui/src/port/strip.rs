//! The timeline under the stage: the player's data on the stage's strip, and where a pointer is on it.

use super::{Phase, Port};
use highwater_lesson::StripData;
use highwater_scene::Scene;
use highwater_stage::{
    BranchLine, QuietSpan, StageOptions, TidePoint, TimelineData, TimelineMarker, timeline_strip,
};

/// Room left and right of the axis, as the strip draws it.
const MARGIN: u64 = 8;
/// The axis is at least this long, so that the first seconds do not race across it.
const LEAST_MS: u64 = 20_000;
/// Shorter quiet spans are not worth a word.
const QUIET_TOLD_US: u64 = 1_000_000;
/// Scheduled things that are shown: beyond, the end of the axis says enough.
const PINS: usize = 3;

/// Length of the axis: room ahead, so that there is somewhere to go.
fn length_ms(end_ms: u64) -> u64 {
    (end_ms + end_ms / 6).max(LEAST_MS)
}

impl Port {
    /// Screen time at a part (0 to 1) of the strip's width in CSS pixels.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a pixel is coarser than any rounding here"
    )]
    pub fn strip_ms(&self, part: f64, width: f64) -> u64 {
        let place = self.player.position();
        let margin = MARGIN as f64;
        let inside = ((part * width - margin) / (width - 2.0 * margin).max(1.0)).clamp(0.0, 1.0);
        let ms = (inside * length_ms(place.screen_end_ms) as f64) as u64;
        // A question is open: what comes is nobody's business, not even by dragging.
        if self.question_open() { ms.min(place.screen_ms) } else { ms }
    }

    /// Place of the run on the strip, as a CSS length.
    pub fn head_style(&self) -> String {
        let place = self.player.position();
        let length = length_ms(place.screen_end_ms);
        let hundredths = place.screen_ms.min(length) * 10_000 / length;
        let (whole, part) = (hundredths / 100, hundredths % 100);
        format!("calc({MARGIN}px + (100% - {}px) * {whole}.{part:02} / 100)", 2 * MARGIN)
    }

    /// The strip, drawn.
    pub fn strip(&self, width: i32, height: i32) -> Scene {
        let whole_ms = length_ms(self.player.position().screen_end_ms);
        let data = timeline(&self.player.strip(), whole_ms);
        let options = StageOptions {
            width,
            height,
            question_open: self.question_open(),
            ..StageOptions::default()
        };
        let mut scene = timeline_strip(&data, &options);
        // Now moves with every frame and is drawn by the page.
        scene.items.retain(|i| !i.key.starts_with("now"));
        if self.player.position().playing {
            // Words beside now would be run over by it.
            scene.items.retain(|i| !i.key.starts_with("tide text"));
        }
        scene
    }

    /// A question of the lesson waits for its answer.
    pub fn question_open(&self) -> bool {
        self.lesson().question.as_ref().is_some_and(|q| q.phase == Phase::Open)
    }
}

fn timeline(strip: &StripData, whole_ms: u64) -> TimelineData {
    let us = |ms: u64| ms.saturating_mul(1000);
    // The tide itself shows the high watermark; commits are many and small.
    let turning = strip.markers.iter().filter(|m| m.id != "hw-moves" && m.id != "commit");
    let happened = turning.enumerate().map(|(i, m)| TimelineMarker {
        at_us: us(m.screen_ms),
        text: short(&m.label),
        happened: m.screen_ms <= strip.now_ms,
        danger: m.id.contains("lost") || m.id.contains("broken"),
        // One event can leave two marks of one kind: a link is cut in both directions.
        pick: format!("event {} {} {i}", m.event, m.id).into(),
    });
    // What is scheduled has no place on the screen's axis before it comes; it stands ahead, in order.
    let ahead = whole_ms.saturating_sub(strip.end_ms) / 4;
    let scheduled =
        strip.scheduled.iter().filter(|p| p.script).take(PINS).enumerate().map(|(i, p)| {
            let steps = u64::try_from(i).unwrap_or(0) + 1;
            TimelineMarker {
                at_us: us(strip.end_ms + ahead * steps),
                text: p.label.clone(),
                happened: false,
                danger: false,
                pick: format!("scheduled {i}").into(),
            }
        });
    TimelineData {
        whole_us: us(whole_ms),
        now_us: us(strip.now_ms),
        partition: strip.partition.clone(),
        tide: strip
            .samples
            .iter()
            .map(|s| TidePoint {
                at_us: us(s.screen_ms),
                log_end_offset: s.log_end_offset,
                high_watermark: s.high_watermark,
            })
            .collect(),
        markers: happened.chain(scheduled).collect(),
        quiet: strip
            .quiet
            .iter()
            .filter(|q| q.length.0 >= QUIET_TOLD_US)
            .map(|q| QuietSpan {
                from_us: us(q.from_ms),
                to_us: us(q.to_ms),
                text: format!("{} pass", crate::format::span(q.length.0)),
            })
            .collect(),
        branches: Vec::<BranchLine>::new(),
    }
}

/// Member ids end in a long random part that says nothing.
fn short(label: &str) -> String {
    let words = label.split(' ').map(|word| match word.split_once('-') {
        Some((client, rest)) if rest.len() > 30 => client,
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_called_by_its_client() {
        let label = "c1-64fe03ab-6b2d-4dd6-98dc-0fbb53602c7b joins group billing-eu";
        assert_eq!(short(label), "c1 joins group billing-eu");
    }
}
