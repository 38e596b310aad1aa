//! `highwater pack`: text to what the page fetches.

use crate::args::PackArguments;
use crate::content::{self, BUILT_IN};
use crate::list;
use crate::outcome::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// Packs one file, or everything.
pub fn pack(arguments: &PackArguments) -> Result<(), Failure> {
    match (&arguments.file, &arguments.output) {
        (Some(file), output) => {
            let output = output.clone().unwrap_or_else(|| file.with_extension("hwp"));
            let bytes = highwater_lesson::pack(&content::read(file)?);
            write(&output, &bytes)?;
            println!("{}: {} bytes", output.display(), bytes.len());
            Ok(())
        }
        (None, Some(folder)) => all(folder),
        (None, None) => Err(Failure::Input("a file, or --all with --output, is needed".to_owned())),
    }
}

fn all(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|e| Failure::input(format!("{}: {e}", folder.display())))?;
    for b in BUILT_IN {
        let lesson = b.lesson()?;
        write(&folder.join(format!("{}.hwp", lesson.id)), &highwater_lesson::pack(&lesson))?;
    }
    write(&folder.join("index.json"), list::index()?.to_string().as_bytes())
}

/// Writes a file when its content changes: an unchanged one keeps its time, so that watchers rest.
fn write(path: &PathBuf, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(|e| Failure::input(format!("{}: {e}", path.display())))
}
