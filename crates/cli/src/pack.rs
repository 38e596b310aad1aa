//! `highwater pack`: text to what the page fetches.

use crate::args::{PackArguments, Profile, Theme};
use crate::content::{self, BUILT_IN};
use crate::list;
use crate::outcome::{Failure, say};
use crate::render::{self, Look};
use highwater_cluster::Time;
use highwater_lesson::{At, Lesson};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Packs one file, or everything.
pub fn pack(arguments: &PackArguments) -> Result<(), Failure> {
    match (&arguments.file, &arguments.output) {
        (Some(file), output) => {
            let output = output.clone().unwrap_or_else(|| file.with_extension("hwp"));
            let bytes = highwater_lesson::pack(&content::read(file)?);
            if output == Path::new("-") {
                return std::io::stdout().write_all(&bytes).map_err(Failure::output);
            }
            write(&output, &bytes)?;
            say(format_args!("{}: {} bytes", output.display(), bytes.len()))
        }
        (None, Some(folder)) => all(folder),
        (None, None) => Err(Failure::Input("a file, or --all with --output, is needed".to_owned())),
    }
}

fn all(folder: &Path) -> Result<(), Failure> {
    let posters = folder.join("posters");
    fs::create_dir_all(&posters)
        .map_err(|e| Failure::input(format!("{}: {e}", posters.display())))?;
    for b in BUILT_IN {
        let lesson = b.lesson()?;
        write(&folder.join(format!("{}.hwp", lesson.id)), &highwater_lesson::pack(&lesson))?;
        let (wide, tall) = (format!("{}.svg", lesson.id), format!("{}-phone.svg", lesson.id));
        let lesson = Arc::new(lesson);
        write(&posters.join(wide), poster(&lesson, Profile::Figure)?.as_bytes())?;
        write(&posters.join(tall), poster(&lesson, Profile::Phone)?.as_bytes())?;
    }
    write(&folder.join("index.json"), list::index()?.to_string().as_bytes())
}

/// The figure that stands for a lesson until somebody plays it, and where nothing can be played: its
/// last step with everything shown, or the middle of a scenario. One for columns of text and one, with words
/// as large, for phones (embed.js loads one of them).
fn poster(lesson: &Arc<Lesson>, profile: Profile) -> Result<String, Failure> {
    let middle = lesson.scenario.until.map_or(Time(10_000_000), |t| Time(t.0 / 2));
    let at = if lesson.steps.is_empty() { At::Time(middle) } else { At::End };
    let look = Look {
        view: None,
        pick: None,
        theme: Theme::Auto,
        profile,
        // A phone's box as page.css makes it.
        size: if profile == Profile::Phone { (Some(390), Some(560)) } else { (None, None) },
    };
    render::picture(Arc::clone(lesson), None, &at, &look)
}

/// Writes a file when its content changes: an unchanged one keeps its time, so that watchers rest.
fn write(path: &PathBuf, bytes: &[u8]) -> Result<(), Failure> {
    // A device may have no end to read to.
    let old = fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() == bytes.len() as u64);
    if old && fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(|e| Failure::input(format!("{}: {e}", path.display())))
}
