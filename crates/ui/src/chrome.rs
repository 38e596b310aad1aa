//! What of the page is open, chosen and how it looks: state of the page, not of the run.

use crate::options::{Controls, ViewName};

/// A panel that lies over the stage; at most one is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panel {
    /// Lessons and scenarios.
    Lessons,
    /// Faults, and who is in the cast.
    Faults,
    /// Settings by Kafka's names.
    Settings,
    /// Links and embed code.
    Share,
    /// Key of marks, shortcuts.
    Help,
}

/// Layout by size and `controls`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Layout {
    /// Everything.
    #[default]
    Shell,
    /// Header line, stage, one bar.
    Figure,
    /// The stage alone.
    Bare,
}

impl Layout {
    /// As a data attribute for the styles.
    pub fn id(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Figure => "figure",
            Self::Bare => "bare",
        }
    }

    /// From the wish and the size in CSS pixels.
    pub fn of(controls: Controls, width: i32, height: i32) -> Self {
        match controls {
            Controls::Full => Self::Shell,
            Controls::Step => Self::Figure,
            Controls::None => Self::Bare,
            Controls::Auto if width >= 1100 && height >= 640 => Self::Shell,
            Controls::Auto => Self::Figure,
        }
    }
}

/// All of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chrome {
    /// Open panel.
    pub panel: Option<Panel>,
    /// Shown view.
    pub view: ViewName,
    /// Chosen by a person: a lesson step no longer changes it until the step changes.
    pub selection: Option<String>,
    /// Partition under the pointer or the focus, by name; only the cluster map asks.
    pub hover: Option<String>,
    /// `profile=projector` or the button.
    pub projector: bool,
    /// auto, light, dark.
    pub theme: String,
    /// Nothing is shown, so that the room looks at the speaker.
    pub blank: bool,
    /// By size.
    pub layout: Layout,
    /// Said once to the reader, by voice and on screen.
    pub message: Option<String>,
    /// Answer marked and not yet committed.
    pub marked: Option<usize>,
    /// Offset that the log microscope looks up, step by step.
    pub find: Option<i64>,
    /// Byte of the opened batch that is turned over, to see what the CRC says.
    pub flip: Option<u32>,
    /// Size of the whole in CSS pixels.
    pub size: (i32, i32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blog_figure_gets_the_small_bar() {
        assert_eq!(Layout::of(Controls::Auto, 800, 450), Layout::Figure);
        assert_eq!(Layout::of(Controls::Auto, 1440, 900), Layout::Shell);
        assert_eq!(Layout::of(Controls::Full, 390, 844), Layout::Shell);
        assert_eq!(Layout::of(Controls::None, 1440, 900), Layout::Bare);
    }
}
