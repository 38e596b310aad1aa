//! What the picture is made for: its box, its reader, and what the reader looks at.

use highwater_cluster::TopicPartition;
use highwater_scene::{Key, Unit, u};

/// For whom and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    /// The site.
    #[default]
    Default,
    /// A figure in an article: one partition, a header line.
    Figure,
    /// The back row of a lecture hall: at least 40 px on a 1920 px wide screen.
    Projector,
    /// A narrow screen.
    Phone,
}

/// How a stage view is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageOptions {
    /// Width of the target box in CSS pixels.
    pub width: i32,
    /// Height of the target box in CSS pixels.
    pub height: i32,
    /// For whom.
    pub profile: Profile,
    /// Partitions drawn in full; empty = all, or the first where only one has room.
    pub focus: Vec<TopicPartition>,
    /// The pick that is selected.
    pub selection: Option<Key>,
    /// Partition under the pointer or the keyboard's focus: in the matrix its messages are shown.
    pub hover: Option<TopicPartition>,
    /// Marks not shown yet, by pick or by word (`hw`, `float`, `leo`, `tray`, `segments`, `isr`,
    /// `followers`, `leaders`, `messages`, `fetch`, `produce`, `producers`, `consumers`, `controller`,
    /// `groups`, `lag`, `roles`, `settings`).
    pub hide: Vec<String>,
    /// What the step is about, by pick or word; the rest is dimmed. Empty = nothing is dimmed.
    pub dim: Vec<String>,
    /// Picks to ring: what changed by the last step, under reduced motion.
    pub outline: Vec<String>,
    /// A question is open: nothing gives its answer away.
    pub question_open: bool,
    /// No movement: messages rest at the middle of their way.
    pub reduced_motion: bool,
}

impl Default for StageOptions {
    fn default() -> Self {
        Self {
            width: 964,
            height: 742,
            profile: Profile::Default,
            focus: Vec::new(),
            selection: None,
            hover: None,
            hide: Vec::new(),
            dim: Vec::new(),
            outline: Vec::new(),
            question_open: false,
            reduced_motion: false,
        }
    }
}

/// Sizes of a profile, in drawing units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Size of ordinary text; nothing on the stage is smaller.
    pub text: Unit,
    /// Size of heads.
    pub head: Unit,
    /// Distance of lines of text.
    pub line: Unit,
    /// Height of one record.
    pub slot: Unit,
    /// Least height of one record with text in it.
    pub slot_min: Unit,
    /// Greatest.
    pub slot_max: Unit,
    /// Greatest size of the letter and the number of a record.
    pub cell_text_max: Unit,
    /// Width of a key's chip.
    pub chip: Unit,
    /// Radius of a float.
    pub float: Unit,
    /// Words that a lecturer's audience does not need: racks, setting names.
    pub small_print: bool,
}

impl Look {
    /// Size of the letter and the number of a record in a slot of this height.
    pub fn cell_text(&self, slot: Unit) -> Unit {
        let more = (slot - self.slot).max(0) * 3 / 10;
        (self.text + more).min(self.cell_text_max)
    }
    /// Width of the chip in a slot of this height.
    pub fn cell_chip(&self, slot: Unit) -> Unit {
        self.chip * self.cell_text(slot) / self.text
    }
}

impl StageOptions {
    pub(crate) fn look(&self) -> Look {
        let base = Look {
            text: u(12),
            head: u(15),
            line: u(16),
            slot: u(25),
            slot_min: u(20),
            slot_max: u(44),
            cell_text_max: u(16),
            chip: u(22),
            float: 936,
            small_print: true,
        };
        match self.profile {
            Profile::Default => base,
            Profile::Figure => Look {
                head: u(13),
                slot: u(23),
                slot_max: u(40),
                cell_text_max: u(14),
                chip: u(20),
                ..base
            },
            Profile::Phone => Look {
                head: u(13),
                slot: u(26),
                slot_max: u(38),
                cell_text_max: u(12),
                chip: u(16),
                ..base
            },
            Profile::Projector => Look {
                text: 1670,
                head: 1800,
                line: u(20),
                slot: u(24),
                slot_min: u(21),
                slot_max: u(40),
                cell_text_max: 1670,
                chip: u(22),
                float: 1150,
                small_print: false,
            },
        }
    }

    /// Size of the drawing: the box, or less of it where the whole is scaled up as one piece.
    pub(crate) fn drawing_size(&self, natural_width: i32, natural_height: i32) -> (Unit, Unit) {
        let (w, h) = (i64::from(self.width.max(200)), i64::from(self.height.max(120)));
        // Scale in hundredths; never below 1, so that text never gets smaller than it says.
        let scale = match self.profile {
            Profile::Projector => (w * 100 / 800).max(25),
            Profile::Figure => (w * 100 / 800).max(100),
            Profile::Phone => 100,
            Profile::Default => {
                let room =
                    (w * 100 / i64::from(natural_width)).min(h * 100 / i64::from(natural_height));
                (room / 5 * 5).clamp(100, 150)
            }
        };
        let unit = |v: i64| i32::try_from(v * 10_000 / scale).unwrap_or(i32::MAX);
        (unit(w), unit(h))
    }
}
