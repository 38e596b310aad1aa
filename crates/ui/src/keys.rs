//! What a key does, as data: the same for a keyboard and a presenter's clicker.

/// What a key asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyCommand {
    /// Play or pause.
    Toggle,
    /// Next beat of the lesson, or next moment of a plain scenario.
    Next,
    /// The one before.
    Previous,
    /// Markers to go, negative = back.
    Marker(i32),
    /// Moments to go.
    Moment(i32),
    /// Events to go.
    Event(i32),
    /// Speed doubled so many times, negative = halved.
    Speed(i32),
    /// Fill the screen.
    Fullscreen,
    /// Blank the picture, so that the room looks at the speaker.
    Blank,
    /// The step with this number.
    Situation(usize),
    /// Key of marks and shortcuts.
    Help,
    /// Close what is open; leave the selection.
    Leave,
}

/// The command of a key by its DOM name; `None` = not ours, so it belongs to the page around.
pub fn key_command(key: &str, shift: bool, alt: bool) -> Option<KeyCommand> {
    use KeyCommand::*;
    let single = match (key, shift, alt) {
        ("ArrowRight", true, false) => Moment(1),
        ("ArrowLeft", true, false) => Moment(-1),
        ("ArrowRight", false, true) => Event(1),
        ("ArrowLeft", false, true) => Event(-1),
        (_, _, true) => return None,
        (" " | "k" | "K", _, _) => Toggle,
        ("ArrowRight" | "PageDown" | "n" | "N", _, _) => Next,
        ("ArrowLeft" | "PageUp" | "p" | "P", _, _) => Previous,
        ("]", _, _) => Marker(1),
        ("[", _, _) => Marker(-1),
        ("=" | "+", _, _) => Speed(1),
        ("-", _, _) => Speed(-1),
        ("f" | "F", _, _) => Fullscreen,
        ("." | "b" | "B", _, _) => Blank,
        ("?", _, _) => Help,
        ("Escape", _, _) => Leave,
        (digit, false, _) if digit.len() == 1 => {
            Situation(digit.parse::<usize>().ok().filter(|n| *n > 0)?)
        }
        _ => return None,
    };
    Some(single)
}

/// Shortcuts as the help shows them.
pub const SHORTCUTS: &[(&str, &str)] = &[
    ("Space, K", "play or pause"),
    ("→, Page Down, N", "next step (a clicker's forward)"),
    ("←, Page Up, P", "previous step"),
    ("Shift + ← →", "one moment: one visible change"),
    ("Alt + ← →", "one event of the engine"),
    ("[ ]", "previous, next marker"),
    ("− =", "slower, faster"),
    ("1 to 9", "go to that step"),
    ("F", "full screen"),
    (". or B", "blank the picture"),
    ("?", "this help"),
    ("Esc", "close, deselect"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clickers_send_page_keys_and_period() {
        assert_eq!(key_command("PageDown", false, false), Some(KeyCommand::Next));
        assert_eq!(key_command("PageUp", false, false), Some(KeyCommand::Previous));
        assert_eq!(key_command(".", false, false), Some(KeyCommand::Blank));
    }

    #[test]
    fn arrows_have_three_units() {
        assert_eq!(key_command("ArrowRight", false, false), Some(KeyCommand::Next));
        assert_eq!(key_command("ArrowRight", true, false), Some(KeyCommand::Moment(1)));
        assert_eq!(key_command("ArrowLeft", false, true), Some(KeyCommand::Event(-1)));
    }

    #[test]
    fn other_keys_stay_with_the_page() {
        for key in ["Tab", "ArrowDown", "ArrowUp", "a", "0", "F5", "Enter", "Home"] {
            assert_eq!(key_command(key, false, false), None, "{key}");
        }
        assert_eq!(key_command("1", false, true), None);
    }
}
