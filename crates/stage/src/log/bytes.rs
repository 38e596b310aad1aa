//! One batch byte by byte: a row per field, and what the CRC says when a byte is turned over.

use super::inside::moment;
use super::layout::{Area, Plan, ROW_BYTES, sizes};
use crate::pen::{Pen, centred, level, path, rect, text_at, width};
use highwater_log::{Batches, Bytes, Field, HEADER_SIZE, crc32c, fields};
use highwater_scene::{Anchor, Unit, metrics::shorten, metrics::wrap, u};

/// A row: one field, or a whole record.
struct Row {
    position: u32,
    length: u32,
    name: String,
    value: String,
    record: Option<i32>,
    first_of_record: bool,
}

/// The column laid out.
pub(super) struct Sheet {
    rows: Vec<Row>,
    bytes: Vec<u8>,
    left: Unit,
    right: Unit,
    top: Unit,
    row: Unit,
    sentence: Vec<String>,
    matches: bool,
    hidden: u32,
}

/// First byte that the CRC covers, and where the CRC itself is.
const COVERED: u32 = 21;
const CRC: u32 = 17;

impl Sheet {
    /// Left, upper and lower edge.
    pub fn edges(&self) -> (Unit, Unit, Unit) {
        let count = i32::try_from(self.rows.len()).unwrap_or(0);
        (self.left, self.top, self.top + self.row * count)
    }
}

fn flipped(bytes: &Bytes, flip: Option<u32>) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if let Some(byte) = flip.and_then(|f| out.get_mut(f as usize)) {
        *byte ^= 1;
    }
    out
}

fn decode(bytes: &[u8]) -> Option<Vec<Field>> {
    let batch = Batches::new(bytes).next()?.ok()?;
    Some(fields(&batch))
}

/// Fields of the bytes as they are now; where they cannot be read that way any more, the fields as
/// they were with the broken one saying so.
fn decode_flipped(original: &[u8], now: &[u8], flip: Option<u32>) -> Vec<Field> {
    let mut before = decode(original).unwrap_or_default();
    let Some(flip) = flip else { return before };
    let same = |after: &Vec<Field>| {
        after.len() == before.len()
            && after.iter().zip(&before).all(|(a, b)| (a.position, a.name) == (b.position, b.name))
    };
    if let Some(after) = decode(now).filter(same) {
        return after;
    }
    for field in &mut before {
        if (field.position..field.position + field.length).contains(&flip) {
            field.value = "unreadable".to_owned();
        }
    }
    before
}

/// Lays the column out.
pub(super) fn lay(plan: &Plan<'_>, area: Area) -> Option<Sheet> {
    let look = &plan.look;
    let original = plan.detail.bytes.as_ref()?;
    let flip = plan.detail.flip.filter(|f| (*f as usize) < original.len());
    let bytes = flipped(original, flip);
    let all = decode_flipped(original, &bytes, flip);
    let (sentence, matches) = verdict(original, &bytes, flip);
    let sentence = wrap(&sentence, look.text, true, area.w * 94 / 100);
    let below = i32::try_from(sentence.len()).unwrap_or(1) * look.line + u(8);
    let room = plan.bottom - below - plan.top;
    let least = look.text + u(5);
    let most = usize::try_from(room / least).unwrap_or(1).max(1);
    let wanted = plan.detail.byte.or(flip);
    let open = wanted
        .and_then(|b| all.iter().find(|f| (f.position..f.position + f.length).contains(&b)))
        .and_then(|f| f.record)
        .unwrap_or(0);
    let mut rows = rows(&all, Some(open));
    if rows.len() > most {
        rows = self::rows(&all, None);
    }
    let mut hidden = 0;
    if rows.len() > most {
        let from = &rows[most.saturating_sub(1)];
        hidden = u32::try_from(bytes.len()).unwrap_or(0).saturating_sub(from.position);
        rows.truncate(most.saturating_sub(1));
    }
    let count = i32::try_from(rows.len() + usize::from(hidden > 0)).unwrap_or(1).max(1);
    let row = (room / count).min(look.text * 2 + u(2));
    Some(Sheet {
        rows,
        bytes,
        left: area.x + u(4),
        right: area.x + area.w,
        top: plan.top,
        row,
        sentence,
        matches,
        hidden,
    })
}

/// A row per field of the header and of the record that is open; the others are a row each.
fn rows(all: &[Field], open: Option<i32>) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    for field in all {
        let first = field.record.is_some() && out.last().is_none_or(|r| r.record != field.record);
        let closed = field.record.is_some() && field.record != open;
        if let Some(row) = out.last_mut().filter(|_| closed && !first) {
            row.length = field.position + field.length - row.position;
            match field.name {
                "key" => row.value.push_str(&format!(", key {}", plain(&field.value))),
                "offsetDelta" => row.value = tail(&field.value),
                _ => {}
            }
            continue;
        }
        let name = match (first, field.record) {
            (true, Some(n)) if closed => format!("record {n}"),
            (true, Some(n)) => format!("record {n} {}", field.name),
            _ => field.name.to_owned(),
        };
        out.push(Row {
            position: field.position,
            length: field.length,
            name,
            value: if closed { String::new() } else { value(field) },
            record: field.record,
            first_of_record: first,
        });
    }
    out
}

fn plain(text: &str) -> String {
    text.trim_matches('"').to_owned()
}

/// `+1 = 23` as `offset 23`.
fn tail(text: &str) -> String {
    format!("offset {}", text.rsplit(' ').next().unwrap_or(text))
}

fn value(field: &Field) -> String {
    match field.name {
        "baseTimestamp" | "maxTimestamp" => field.value.parse().map_or(field.value.clone(), moment),
        "timestampDelta" => {
            let (delta, _) = field.value.split_once(" = ").unwrap_or((&field.value, ""));
            format!("{delta} ms")
        }
        "key" | "value" | "headerKey" | "headerValue" => plain(&field.value),
        _ => field.value.clone(),
    }
}

/// What the CRC says of the bytes.
fn verdict(original: &[u8], now: &[u8], flip: Option<u32>) -> (String, bool) {
    let stored = now
        .get(CRC as usize..COVERED as usize)
        .map_or(0, |b| b.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)));
    let computed = crc32c(now.get(COVERED as usize..).unwrap_or(&[]));
    let matches = stored == computed;
    let Some(flip) = flip else {
        let text = if matches {
            "crc covers attributes to the end: it matches."
        } else {
            "crc covers attributes to the end: it does not match. The broker refuses such a batch."
        };
        return (text.to_owned(), matches);
    };
    let at = |bytes: &[u8]| bytes.get(flip as usize).copied().unwrap_or(0);
    let change = format!("Byte {flip} is {:02x}, was {:02x}", at(now), at(original));
    let text = match (flip, matches) {
        (..CRC, _) => format!("{change}. The crc does not cover it: it still matches."),
        (CRC..COVERED, _) => {
            format!("{change}: the stored crc is no longer {computed:08x}. It does not match.")
        }
        (_, true) => format!("{change}, and the crc matches."),
        (_, false) => {
            format!("{change}: crc is {computed:08x}, not {stored:08x}. It does not match.")
        }
    };
    (text, matches)
}

pub(super) fn draw(plan: &Plan<'_>, sheet: &Sheet, pen: &mut Pen<'_>) {
    let Some(batch) = plan.batch else { return };
    let look = &plan.look;
    let sizes = sizes(plan.log, plan.segment, look);
    let left = sheet.left + u(10);
    let bytes_x = left + sizes.field;
    let names_x = bytes_x + sizes.row_bytes;
    let pick = format!("{}:{}", plan.pick, batch.base_offset);
    for (n, row) in sheet.rows.iter().enumerate() {
        let top = sheet.top + sheet.row * i32::try_from(n).unwrap_or(0);
        let middle = top + sheet.row / 2;
        let y = centred(middle, look.text);
        pen.about(&["fields", &row.name]);
        if n > 0 && row.first_of_record {
            let class = if row.position == HEADER_SIZE { "tick" } else { "hair" };
            pen.push(format!("part {pick} {n}"), class, level(bytes_x, sheet.right, top));
        }
        let wanted = |b: Option<u32>| {
            b.is_some_and(|b| (row.position..row.position + row.length).contains(&b))
        };
        let chosen = wanted(plan.detail.byte) || wanted(plan.detail.flip);
        let wrong = row.position == CRC && row.length == 4 && !sheet.matches;
        let class = if chosen { "text b number" } else { "text muted number" };
        let at = left + sizes.field - u(8);
        let key = format!("at {pick} {n}");
        pen.text(key, class, at, y, Anchor::End, look.text, row.position.to_string());
        self::bytes(plan, sheet, row, &pick, (bytes_x, middle, sizes.pitch), pen);
        let class = match (wrong, chosen) {
            (true, _) => "text b danger",
            (false, true) => "text b",
            (false, false) => "text",
        };
        pen.about(&["fields", &row.name]);
        let label =
            format!("{} = {}, {} bytes at {}", row.name, row.value, row.length, row.position);
        let name_shape = text_at(names_x, y, Anchor::Start, look.text, row.name.as_str());
        pen.named(format!("name {pick} {n}"), class, name_shape, label);
        let room = sheet.right - names_x - width(&row.name, look.text, class) - u(6);
        let value = shorten(&row.value, look.text, class.contains(" b"), room * 96 / 100);
        pen.text(format!("value {pick} {n}"), class, sheet.right, y, Anchor::End, look.text, value);
    }
    if sheet.hidden > 0 {
        let n = i32::try_from(sheet.rows.len()).unwrap_or(0);
        let y = centred(sheet.top + sheet.row * n + sheet.row / 2, look.text);
        let text = format!("and {} bytes more", sheet.hidden);
        pen.about(&["fields"]);
        pen.text("more bytes", "text muted", bytes_x, y, Anchor::Start, look.text, text);
    }
    crc(plan, sheet, pen);
}

/// The bytes of a row, each a mark of its own; of many the first ones.
fn bytes(
    plan: &Plan<'_>,
    sheet: &Sheet,
    row: &Row,
    batch: &str,
    (x, middle, pitch): (Unit, Unit, Unit),
    pen: &mut Pen<'_>,
) {
    let look = &plan.look;
    let long = row.length as usize > ROW_BYTES;
    let shown = if long { ROW_BYTES - 1 } else { row.length as usize };
    let height = (sheet.row - u(3)).min(look.text + u(6));
    let count = i32::try_from(shown).unwrap_or(0);
    let top = middle - height / 2;
    let back = rect(x, top, pitch * count, height, 0);
    pen.push(format!("bytes {batch} {}", row.position), "byte", back);
    let y = centred(middle, look.text);
    for index in 0..count {
        let position = row.position + index.cast_unsigned();
        let Some(byte) = sheet.bytes.get(position as usize) else { break };
        let pick = format!("byte {batch}/{position}");
        pen.picks(Some(&pick));
        let at = x + pitch * index;
        let class = if plan.detail.flip == Some(position) {
            pen.push(format!("{pick} back"), "wrongbyte", rect(at, top, pitch, height, 0));
            "text mono b danger"
        } else if plan.detail.byte == Some(position) {
            pen.push(format!("{pick} back"), "flag", rect(at, top, pitch, height, 0));
            "text mono onaccent"
        } else {
            "text mono"
        };
        let middle = at + pitch / 2;
        pen.text(pick.clone(), class, middle, y, Anchor::Middle, look.text, format!("{byte:02x}"));
    }
    pen.picks(None);
    if long {
        let key = format!("bytes {batch} {} more", row.position);
        let at = x + pitch * count + u(3);
        pen.text(key, "text muted", at, y, Anchor::Start, look.text, "…");
    }
}

/// The bracket of what the CRC covers, and whether it matches.
fn crc(plan: &Plan<'_>, sheet: &Sheet, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let Some(first) = sheet.rows.iter().position(|r| r.position >= COVERED) else { return };
    let top = sheet.top + sheet.row * i32::try_from(first).unwrap_or(0) + u(2);
    let (_, _, bottom) = sheet.edges();
    let x = sheet.left + u(2);
    let class = if sheet.matches { "crc" } else { "crc wrong" };
    pen.about(&["crc"]);
    let mut points = vec![(x + u(5), top), (x, top), (x, bottom - u(2))];
    if sheet.hidden == 0 {
        points.push((x + u(5), bottom - u(2)));
    }
    pen.named("crc", class, path(&points, false), sheet.sentence.join(" "));
    let class = if sheet.matches { "text b water" } else { "text b danger" };
    let lines = i32::try_from(sheet.sentence.len()).unwrap_or(1);
    let hidden = if sheet.hidden > 0 { sheet.row } else { 0 };
    let base = (bottom + hidden + look.line + u(2)).min(plan.bottom - (lines - 1) * look.line);
    for (n, line) in sheet.sentence.iter().enumerate() {
        let y = base + look.line * i32::try_from(n).unwrap_or(0);
        let key = format!("crc line {n}");
        pen.text(key, class, sheet.left + u(10), y, Anchor::Start, look.text, line.as_str());
    }
}
