//! `highwater log dump` against what Kafka's own classes say about a real broker's files.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn fixtures() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    assert!(path.join("clean").is_dir(), "the fixtures are missing at {}", path.display());
    path
}

fn dump(dir: &Path, format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_highwater"))
        .args(["log", "dump"])
        .arg(dir)
        .args(["--format", format])
        .output()
        .unwrap();
    // 1: something in the files cannot be read, which some of them were made for.
    assert!(output.status.code() < Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Records of compressed batches are not decoded here; everything else must be the same.
fn without_compressed_records(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        if line.get("compression").is_some_and(|codec| codec != "none") {
            line["records"] = Value::Null;
        }
    }
    lines
}

fn compare(state: &str, partition: &str) {
    let ours = lines(&dump(&fixtures().join(state).join(partition), "jsonl"));
    let manifest = fixtures().join("manifest").join(state).join(format!("{partition}.jsonl"));
    let theirs = lines(&std::fs::read_to_string(&manifest).unwrap());
    let (ours, theirs) = (without_compressed_records(ours), without_compressed_records(theirs));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        if theirs.get("stops").is_some() {
            assert_eq!(ours["stops"], theirs["stops"], "{state}/{partition}");
        } else {
            assert_eq!(ours, theirs, "{state}/{partition}");
        }
    }
    assert_eq!(ours.len(), theirs.len(), "{state}/{partition}");
}

#[test]
fn every_partition_reads_as_kafka_reads_it() {
    let mut count = 0;
    for state in ["clean", "unclean/before", "unclean/after"] {
        for entry in std::fs::read_dir(fixtures().join("manifest").join(state)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if let Some(partition) = name.strip_suffix(".jsonl") {
                compare(state, partition);
                count += 1;
            }
        }
    }
    assert!(count >= 60, "only {count} partitions were compared");
}

#[test]
fn compacted_partitions_read_as_kafka_reads_them() {
    for moment in ["0-before", "1-after-first-pass", "2-before-second-pass", "3-after-second-pass"]
    {
        for topic in ["compact-0", "compact-txn-0", "compact-delete-0"] {
            compare(&format!("compaction/{moment}"), topic);
        }
    }
}

#[test]
fn people_can_read_it_too() {
    let text = dump(&fixtures().join("clean/txn-0"), "text");
    for words in ["ABORT", "COMMIT", "last stable offset 10", "producer 4 epoch 0", "0 0"] {
        assert!(text.contains(words), "{words}");
    }
    let bytes = dump(&fixtures().join("clean/orders-0"), "bytes");
    assert!(bytes.contains("partitionLeaderEpoch"));
}

#[test]
fn a_missing_directory_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_highwater"))
        .args(["log", "dump", "no-such-directory"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-directory"));
}

/// Files of a real broker with bytes changed and ends cut off: what can be read and a mistake, never a panic.
#[test]
fn damaged_files_do_not_panic() {
    let mut random = highwater_sim::prng::SplitMix64(1);
    let mut below = |n: usize| (random.next_u64() % n as u64) as usize;
    let partitions = ["orders-0", "txn-0"];
    let dir = std::env::temp_dir().join(format!("highwater-dump-{}", std::process::id()));
    for round in 0..80 {
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let from = fixtures().join("clean").join(partitions[round % partitions.len()]);
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let mut bytes = std::fs::read(entry.path()).unwrap();
            if bytes.len() > 1 {
                for _ in 0..below(6) {
                    let at = below(bytes.len());
                    bytes[at] = below(256) as u8;
                }
                if below(3) == 0 {
                    bytes.truncate(below(bytes.len()));
                }
            }
            std::fs::write(dir.join(entry.file_name()), bytes).unwrap();
        }
        for format in ["text", "jsonl", "bytes"] {
            let output = Command::new(env!("CARGO_BIN_EXE_highwater"))
                .args(["log", "dump"])
                .arg(&dir)
                .args(["--format", format])
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.code().is_some_and(|c| c < 100),
                "round {round} {format}: {told}"
            );
            assert!(!told.contains("panicked"), "round {round} {format}: {told}");
        }
    }
    let _ = std::fs::remove_dir_all(&dir);
}
