//! Bytes of what a first visit loads.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// All that a first visit may load, brotli.
const BUDGET_BROTLI: u64 = 250 * 1024;

/// What is asked of a reader who only looks at a page with a figure on it (embed.js and the styles of the
/// box; the poster beside it), brotli.
const SHELL_BROTLI: u64 = 6 * 1024;

/// Prints raw, gzip and brotli sizes and whether the budget holds.
pub fn report() -> Result<()> {
    let dist = crate::root().join("dist");
    println!("{:44} {:>9} {:>9} {:>9}", "first visit", "raw", "gzip", "brotli");
    let mut total = Sizes::default();
    for name in first_visit(&dist)? {
        let one = sizes(&dist.join(&name))?;
        println!("{name:44} {:>9} {:>9} {:>9}", one.raw, one.gzip, one.brotli);
        total.add(one);
    }
    let verdict = if total.brotli <= BUDGET_BROTLI { "within" } else { "OVER" };
    println!("total brotli {} bytes: {verdict} the budget of {BUDGET_BROTLI}", total.brotli);
    let shell = sizes(&dist.join("embed.js"))?.brotli;
    let verdict = if shell <= SHELL_BROTLI { "within" } else { "OVER" };
    println!(
        "before intent (embed.js) brotli {shell} bytes: {verdict} the budget of {SHELL_BROTLI}"
    );
    Ok(())
}

/// The same for the table of `cargo xtask bench`: what, measured, reach, met.
pub fn results() -> Result<Vec<(String, String, String, String)>> {
    let dist = crate::root().join("dist");
    let mut total = Sizes::default();
    let mut rows = Vec::new();
    for name in first_visit(&dist)? {
        let one = sizes(&dist.join(&name))?;
        total.add(one);
        if name.ends_with(".wasm") {
            rows.push(("bytes of the module: raw, gzip, brotli".to_owned(), one.text(), None));
        }
    }
    let all = "bytes of a first visit: raw, gzip, brotli".to_owned();
    rows.push((all, total.text(), Some((total.brotli, BUDGET_BROTLI))));
    let shell = sizes(&dist.join("embed.js"))?;
    let what = "bytes of embed.js before intent: raw, gzip, brotli".to_owned();
    rows.push((what, shell.text(), Some((shell.brotli, SHELL_BROTLI))));
    Ok(rows.into_iter().map(|(what, measured, reach)| row(what, measured, reach)).collect())
}

fn row(
    what: String,
    measured: String,
    reach: Option<(u64, u64)>,
) -> (String, String, String, String) {
    let Some((brotli, budget)) = reach else {
        return (what, measured, String::new(), String::new());
    };
    let met = if brotli <= budget { "met" } else { "not met" };
    (what, measured, format!("brotli at most {budget}"), met.to_owned())
}

/// What `index.html` loads: the page, its styles and scripts, the wasm, the first lesson and poster.
fn first_visit(dist: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dist).context("dist/ is missing: run `cargo xtask build`")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let demo = ["blog-demo", "slides-demo", "demo.css"].iter().any(|d| name.starts_with(d));
        let other = ["embed.html", "embed-frame.js"].contains(&&*name) || name.ends_with(".d.ts");
        if entry.file_type()?.is_file() && !demo && !other {
            names.push(name);
        }
    }
    names.push("content/replication.hwp".into());
    if dist.join("posters/replication.svg").is_file() {
        names.push("posters/replication.svg".into());
    }
    names.sort();
    Ok(names)
}

/// Bytes of a file, or of several.
#[derive(Clone, Copy, Default)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Sizes {
    fn add(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }

    fn text(self) -> String {
        format!("{}, {}, {}", self.raw, self.gzip, self.brotli)
    }
}

/// Raw, gzip -9 and brotli -q11 by node's zlib, which every set-up has.
fn sizes(path: &Path) -> Result<Sizes> {
    const SCRIPT: &str = "const z=require('zlib'),b=require('fs').readFileSync(process.argv[1]);\
        console.log(b.length,z.gzipSync(b,{level:9}).length,z.brotliCompressSync(b).length)";
    let out = Command::new("node").args(["-e", SCRIPT]).arg(path).output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let mut numbers = text.split_whitespace().filter_map(|n| n.parse().ok());
    let mut next = || numbers.next().with_context(|| format!("cannot measure {}", path.display()));
    Ok(Sizes { raw: next()?, gzip: next()?, brotli: next()? })
}
