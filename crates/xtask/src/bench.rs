//! `cargo xtask bench`: every number the project promises, measured in one run, with its reach beside it in
//! a table at the end. Timings live here and in no test: whether a reach is met fails nothing.

use crate::run::{command, lines_of, run, say, stage};
use crate::setup;
use anyhow::{Result, bail};

/// Marks a line of the table in what a benchmark prints: `#result`, what, measured, reach, met.
const MARK: &str = "#result\t";

/// A line of the table.
struct Row {
    what: String,
    measured: String,
    reach: String,
    met: String,
}

/// What has been measured and what has failed so far.
#[derive(Default)]
struct Bench {
    quick: bool,
    rows: Vec<Row>,
    failed: Vec<String>,
}

/// Runs every benchmark there is, prints the table, and fails if one of them did not run to its end.
pub fn all(quick: bool) -> Result<()> {
    setup::everything(true)?;
    stage("packed lessons", crate::content::pack)?;
    let mut bench = Bench { quick, ..Bench::default() };
    bench.part("native: batches beside kafka-protocol, the simulator", Bench::native);
    bench.part("V8: batches beside kafkajs, the simulator beside native", Bench::v8);
    bench.part("the page: bytes, script in its frames", Bench::page);
    bench.table();
    if !bench.failed.is_empty() {
        bail!("did not run to the end: {}", bench.failed.join("; "));
    }
    Ok(())
}

impl Bench {
    /// One part; when it fails the others are still worth their numbers.
    fn part(&mut self, name: &str, work: impl FnOnce(&mut Self) -> Result<()>) {
        if let Err(error) = stage(name, || work(self)) {
            eprintln!("error: {error:#}");
            self.failed.push(name.to_owned());
        }
    }

    fn native(&mut self) -> Result<()> {
        let mut bench = command("cargo");
        bench.args(["bench", "--quiet", "--package", "highwater-bench"]);
        if self.quick {
            bench.env("HIGHWATER_BENCH_QUICK", "1");
        }
        self.measure(&mut bench)
    }

    fn v8(&mut self) -> Result<()> {
        let mut native = command("cargo");
        native.args(["build", "--quiet", "--profile", "native", "--package", "highwater-bench"]);
        run(native.args(["--bin", "native_events"]))?;
        let mut wasm = command("cargo");
        wasm.args(["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown"]);
        run(wasm.args(["--package", "highwater-bench-wasm"]))?;
        let target = crate::target_dir();
        let built = target.join("wasm32-unknown-unknown/release/highwater_bench_wasm.wasm");
        let module = target.join("highwater_bench.wasm");
        // As the page's own module is treated (index.html).
        run(command("wasm-opt").arg("-Os").arg(built).arg("-o").arg(&module))?;
        let mut node = command("node");
        node.arg("tests/bench/v8.mjs").arg(module).arg(target.join("native/native_events"));
        self.measure(self.quick_flag(&mut node))
    }

    fn page(&mut self) -> Result<()> {
        crate::build::release()?;
        for (what, measured, reach, met) in crate::size::results()? {
            self.rows.push(Row { what, measured, reach, met });
        }
        let mut frames = command("node");
        frames.arg("tests/bench/frames.mjs");
        if let Some(chromium) = setup::chromium_path() {
            frames.env("CHROMIUM", chromium);
        }
        self.measure(self.quick_flag(&mut frames))
    }

    fn quick_flag<'a>(
        &self,
        command: &'a mut std::process::Command,
    ) -> &'a mut std::process::Command {
        if self.quick { command.arg("--quick") } else { command }
    }

    /// Runs it, shows what it prints, keeps what is for the table.
    fn measure(&mut self, command: &mut std::process::Command) -> Result<()> {
        lines_of(command, |line| {
            let Some(result) = line.strip_prefix(MARK) else {
                println!("{line}");
                return;
            };
            let mut fields = result.split('\t').map(str::to_owned);
            let mut next = || fields.next().unwrap_or_default();
            let (what, measured, reach, met) = (next(), next(), next(), next());
            self.rows.push(Row { what, measured, reach, met });
        })
    }

    fn table(&self) {
        say("what was measured, and what we reach for");
        let width = |of: fn(&Row) -> &str| {
            self.rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0)
        };
        let (a, b, c) = (width(|r| &r.what), width(|r| &r.measured), width(|r| &r.reach));
        for Row { what, measured, reach, met } in &self.rows {
            println!("{}", format!("{what:a$}  {measured:b$}  {reach:c$}  {met}").trim_end());
        }
        let missed = self.rows.iter().filter(|row| row.met == "not met").count();
        let promised = self.rows.iter().filter(|row| !row.met.is_empty()).count();
        println!("{} of {promised} met", promised - missed);
    }
}
