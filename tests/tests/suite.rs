//! Runs every case of `tests/suite/`: one test each, named by its directory.

use highwater_tests::suite;
use libtest_mimic::{Arguments, Trial};
use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite");
    let cases = suite::cases(&root);
    assert!(!cases.is_empty(), "no case below {}", root.display());
    let trials = cases
        .into_iter()
        .map(|(name, path)| Trial::test(name, move || suite::run(&path).map_err(Into::into)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
