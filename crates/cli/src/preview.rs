//! `highwater preview`: a lesson in the page while it is being written.

use crate::args::PreviewArguments;
use crate::content;
use crate::list;
use crate::outcome::{Failure, say};
use crate::present;
use crate::serve;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// The last text that was good, packed.
struct Current {
    id: String,
    packed: Vec<u8>,
}

/// Serves the page with this lesson in it; packs it again whenever it is saved.
pub fn preview(arguments: &PreviewArguments) -> Result<(), Failure> {
    present::built(&arguments.dist)?;
    let current = Mutex::new(pack(&arguments.file)?);
    let (listener, port) = present::listen(arguments.port)?;
    let id = current.lock().expect("nobody else has it yet").id.clone();
    say(format_args!("http://127.0.0.1:{port}/#src={id}"))?;
    let overlay = |path: &str| {
        let current = current.lock().ok()?;
        match path.strip_prefix("content/")? {
            "index.json" => list::index().ok().map(|i| i.to_string().into_bytes()),
            file if file == format!("{}.hwp", current.id) => Some(current.packed.clone()),
            _ => None,
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| watch(&arguments.file, &current));
        serve::serve(&listener, &arguments.dist, &overlay);
    });
    Ok(())
}

fn pack(file: &Path) -> Result<Current, Failure> {
    let lesson = content::read(file)?;
    Ok(Current { packed: highwater_lesson::pack(&lesson), id: lesson.id })
}

/// Looks at the file a few times a second: portable, and a lesson is small.
fn watch(file: &Path, current: &Mutex<Current>) {
    let mut last = std::fs::read(file).ok();
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = std::fs::read(file).ok();
        if now == last || now.is_none() {
            continue;
        }
        last = now;
        match pack(file) {
            Ok(packed) => {
                let mut renamed = String::new();
                if let Ok(mut current) = current.lock() {
                    if current.id != packed.id {
                        renamed = format!(" at #src={}", packed.id);
                    }
                    *current = packed;
                }
                let _ = say(format_args!("packed again: reload the page{renamed}"));
            }
            Err(failure) => eprintln!("{failure}\nthe page keeps the last good version"),
        }
    }
}
