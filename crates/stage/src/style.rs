//! Every style class of the stage. `www/theme.css` has a rule for each; a test compares the two.

/// Classes, one word each, that marks may carry. `b` is the bold weight.
pub const CLASSES: &[&str] = &[
    "arc",
    "arcback",
    "arrow",
    "b",
    "band",
    "bar",
    "batch",
    "byte",
    "cap",
    "chip",
    "chosen",
    "coming",
    "coordinator",
    "crc",
    "cross",
    "cut",
    "cutline",
    "danger",
    "dashed",
    "dim",
    "dry",
    "epoch",
    "faint",
    "flag",
    "flagink",
    "float",
    "gap",
    "ghost",
    "hair",
    "heard",
    "hit",
    "hollow",
    "inkline",
    "k0",
    "k1",
    "k2",
    "k3",
    "k4",
    "k5",
    "k6",
    "k7",
    "key",
    "lagarea",
    "lagbar",
    "lane",
    "leader",
    "level",
    "limit",
    "message",
    "mono",
    "muted",
    "node",
    "now",
    "number",
    "on",
    "onaccent",
    "out",
    "pale",
    "pin",
    "quiet",
    "rail",
    "request",
    "response",
    "ring",
    "ringink",
    "segment",
    "selected",
    "solid",
    "strike",
    "stratum",
    "text",
    "thin",
    "thread",
    "tick",
    "tide",
    "title",
    "wash",
    "under",
    "waitbar",
    "warn",
    "water",
    "waterfill",
    "waterline",
    "wrong",
    "wrongbyte",
];

/// State of a record as its replica has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordState {
    /// At or above the leader's high watermark.
    NotCommitted,
    /// Below the leader's high watermark, but at or above this replica's own.
    NotHeard,
    /// Below this replica's own high watermark.
    Known,
}

impl RecordState {
    /// Classes of a batch.
    pub fn batch(self) -> &'static str {
        match self {
            Self::NotCommitted => "batch dry",
            Self::NotHeard => "batch heard",
            Self::Known => "batch",
        }
    }
    /// Classes of a hairline between records.
    pub fn hair(self) -> &'static str {
        match self {
            Self::Known => "gap",
            _ => "gap pale",
        }
    }
    /// Classes of an offset.
    pub fn number(self) -> &'static str {
        match self {
            Self::Known => "text number",
            _ => "text number muted",
        }
    }
    /// Classes of the letter on a chip.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Known => "key b",
            _ => "key b pale",
        }
    }
    /// Classes of the chip of a key hue.
    pub fn chip(self, hue: u8) -> &'static str {
        const FULL: [&str; 8] = [
            "chip k0", "chip k1", "chip k2", "chip k3", "chip k4", "chip k5", "chip k6", "chip k7",
        ];
        const PALE: [&str; 8] = [
            "chip k0 pale",
            "chip k1 pale",
            "chip k2 pale",
            "chip k3 pale",
            "chip k4 pale",
            "chip k5 pale",
            "chip k6 pale",
            "chip k7 pale",
        ];
        match self {
            Self::Known => FULL[usize::from(hue % 8)],
            _ => PALE[usize::from(hue % 8)],
        }
    }
}
