//! Advance widths of one wide common face, so that layout is the same on every machine and in the
//! page. The numbers describe Liberation Sans, which has by design the advance widths of Arial
//! and Helvetica; `theme.css` names faces of these widths, or narrower ones, first.

use crate::Unit;

/// Thousandths of the size, characters 32 to 126, weight 400.
const REGULAR: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The same, weight 600 and 700.
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

/// Advance of one character in thousandths of the size. Characters outside the table count as a
/// wide letter, East Asian ones as a full square.
pub fn advance(character: char, bold: bool) -> i32 {
    let code = u32::from(character);
    if let Some(index) = code.checked_sub(32).filter(|i| *i < 95) {
        let table = if bold { &BOLD } else { &REGULAR };
        return i32::from(table[index as usize]);
    }
    match character {
        '\u{a0}' | '·' => 278,
        '–' => 556,
        '‘' | '’' => 278,
        '“' | '”' => 500,
        '×' | '−' => 584,
        '≤' | '≥' => 549,
        '°' => 400,
        '…' | '—' | '→' | '←' | '✓' | '✕' => 1000,
        _ if code >= 0x1100 => 1000,
        _ => 720,
    }
}

/// Width of one line of text at a font size, rounded up.
pub fn text_width(text: &str, size: Unit, bold: bool) -> Unit {
    let thousandths: i64 = text.chars().map(|c| i64::from(advance(c, bold))).sum();
    let width = (thousandths * i64::from(size) + 999) / 1000;
    i32::try_from(width).unwrap_or(i32::MAX)
}

/// Whether a style class list draws text in the bold weight (class `b`).
pub fn is_bold(class: &str) -> bool {
    class.split(' ').any(|c| c == "b")
}

/// Shortens a name to `width` by taking its middle out; the end is kept, for that is where names
/// that belong together differ. Never used for numbers.
pub fn shorten(text: &str, size: Unit, bold: bool, width: Unit) -> String {
    if text_width(text, size, bold) <= width {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    for kept in (2..chars.len()).rev() {
        let tail = kept / 2;
        let head = kept - tail;
        let mut short: String = chars[..head].iter().collect();
        short.push('…');
        short.extend(&chars[chars.len() - tail..]);
        if text_width(&short, size, bold) <= width {
            return short;
        }
    }
    "…".to_owned()
}

/// Breaks text into lines no wider than `width` at spaces, and after `_`, `.` or `-` where a single
/// word is too wide. A piece that cannot be broken stays whole.
pub fn wrap(text: &str, size: Unit, bold: bool, width: Unit) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let fits = |s: &str| text_width(s, size, bold) <= width;
    for word in text.split(' ') {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&joined) {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        // A last piece of a few letters goes with the one before it.
        let mut pieces: Vec<&str> = word.split_inclusive(['_', '.', '-']).collect();
        if let [.., before, last] = pieces.as_slice()
            && last.len() <= 3
        {
            let joined = &word[word.len() - before.len() - last.len()..];
            pieces.truncate(pieces.len() - 2);
            pieces.push(joined);
        }
        for piece in pieces {
            if !line.is_empty() && !fits(&format!("{line}{piece}")) {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_arial() {
        // Published Arial/Helvetica AFM widths: digit 556, capital A 667, bold A 722, space 278.
        assert_eq!(text_width("0123456789", 1000, false), 5560);
        assert_eq!(text_width("A A", 1200, false), (667 + 278 + 667) * 1200 / 1000 + 1);
        assert_eq!(text_width("A", 1000, true), 722);
        assert_eq!(text_width("", 1000, true), 0);
    }

    #[test]
    fn a_name_loses_its_middle() {
        let short = shorten("payments-transactions-12", 1000, false, 8000);
        assert!(short.starts_with("paym") && short.ends_with("-12"), "{short}");
        assert!(text_width(&short, 1000, false) <= 8000);
        assert_eq!(shorten("p-0", 1000, false, 8000), "p-0");
    }

    #[test]
    fn wraps_at_spaces_and_underscores() {
        assert_eq!(
            wrap("not caught up for 12.0 s", 1000, false, 7000),
            ["not caught up", "for 12.0 s"]
        );
        assert_eq!(wrap("NOT_ENOUGH_REPLICAS", 1000, false, 8000), ["NOT_ENOUGH_", "REPLICAS"]);
        assert!(wrap("", 1000, false, 8000).is_empty());
    }
}
