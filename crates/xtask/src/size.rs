//! Bytes of what a first visit loads.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// All that a first visit may load, brotli.
const BUDGET_BROTLI: u64 = 250 * 1024;

/// Prints raw, gzip and brotli sizes and whether the budget holds.
pub fn report() -> Result<()> {
    let dist = crate::root().join("dist");
    let mut total = 0;
    println!("{:44} {:>9} {:>9} {:>9}", "first visit", "raw", "gzip", "brotli");
    for name in first_visit(&dist)? {
        let (raw, gzip, brotli) = sizes(&dist.join(&name))?;
        println!("{name:44} {raw:>9} {gzip:>9} {brotli:>9}");
        total += brotli;
    }
    let verdict = if total <= BUDGET_BROTLI { "within" } else { "OVER" };
    println!("total brotli {total} bytes: {verdict} the budget of {BUDGET_BROTLI}");
    Ok(())
}

/// What `index.html` loads: the page, its styles and scripts, the wasm, the first lesson and poster.
fn first_visit(dist: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dist).context("dist/ is missing: run `cargo xtask build`")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let demo = name.starts_with("blog-demo") || name.starts_with("slides-demo");
        let other = name == "embed.html" || name.ends_with(".d.ts");
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

/// Raw, gzip -9 and brotli -q11 by node's zlib, which every set-up has.
fn sizes(path: &Path) -> Result<(u64, u64, u64)> {
    const SCRIPT: &str = "const z=require('zlib'),b=require('fs').readFileSync(process.argv[1]);\
        console.log(b.length,z.gzipSync(b,{level:9}).length,z.brotliCompressSync(b).length)";
    let out = Command::new("node").args(["-e", SCRIPT]).arg(path).output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let mut numbers = text.split_whitespace().filter_map(|n| n.parse().ok());
    let mut next = || numbers.next().with_context(|| format!("cannot measure {}", path.display()));
    Ok((next()?, next()?, next()?))
}
