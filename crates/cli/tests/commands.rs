//! The command as people and scripts call it: output, exit codes, messages.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn highwater(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_highwater")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("highwater-commands-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// `(hash, steps)` of the line that other tools compare.
fn hash(output: &Output) -> (String, u64) {
    let out = text(&output.stdout);
    let last = out.lines().last().unwrap_or_default();
    let words: Vec<&str> = last.split(' ').collect();
    let ["trace-hash", hash, "steps", steps] = words.as_slice() else { panic!("{last}") };
    assert!(
        hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase())
    );
    ((*hash).to_owned(), steps.parse().unwrap())
}

#[test]
fn a_run_ends_in_a_hash_that_depends_on_the_seed_only() {
    let one = highwater(&["run", "leader-killed", "--until", "20s"]);
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    assert_eq!(
        hash(&one),
        hash(&highwater(&["run", "leader-killed", "--seed", "1", "--until", "20s"]))
    );
    assert_ne!(
        hash(&one),
        hash(&highwater(&["run", "leader-killed", "--seed", "2", "--until", "20s"]))
    );
    let settings = ["run", "leader-killed", "--until", "20s", "--set", "acks=1"];
    assert_ne!(hash(&one), hash(&highwater(&settings)));
    assert_eq!(hash(&highwater(&["run", "steady", "--until", "event:312"])).1, 312);
}

#[test]
fn every_scenario_runs_and_keeps_its_promises() {
    for id in [
        "steady",
        "leader-killed",
        "slow-follower",
        "acks1-loss",
        "acks-all-safe",
        "unclean",
        "idle-consumer",
        "retention-size",
        "placement-a",
        "placement-b",
        "placement-c",
    ] {
        let output = highwater(&["run", id]);
        assert_eq!(output.status.code(), Some(0), "{id}: {}", text(&output.stderr));
        let lost = text(&output.stdout).contains("acknowledged records lost: 0");
        assert_eq!(lost, !matches!(id, "acks1-loss" | "unclean"), "{id}: {}", text(&output.stdout));
    }
}

#[test]
fn a_trace_is_one_json_object_a_line() {
    let path = scratch("trace.jsonl");
    let output = highwater(&["run", "steady", "--until", "2s", "--trace", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let trace = std::fs::read_to_string(&path).unwrap();
    assert!(trace.lines().count() > 50);
    for line in trace.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["event"].is_u64() && value["time_us"].is_u64() && value["node"].is_string());
    }
}

#[test]
fn bad_usage_and_bad_input_are_2_and_say_what_is_allowed() {
    let file = scratch("wrong.toml");
    std::fs::write(&file, "title = \"x\"\n[scenario]\nbrokes = 3\n").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, parts) in [
        (&["run", "stedy"][..], &["Did you mean steady?"][..]),
        (&["run", "steady", "--until", "soon"], &["event:312"]),
        (&["run", "steady", "--until", "step:1"], &["no steps"]),
        (&["run", "steady", "--set", "acks"], &["NAME=VALUE"]),
        (&["run", "steady", "--set", "ack=1"], &["did you mean acks?"]),
        (&["run", "steady", "--set", "acks=2"], &["acks"]),
        (&["run", file], &["wrong.toml:3", "brokes", "did you mean broker"]),
        (&["run", "nothing.toml"], &["nothing.toml"]),
        (&["pack", file], &["wrong.toml:3"]),
        (&["sweep", "steady", "--seeds", "5..1"], &["A..B"]),
        (&["replay", "xyz"], &["token"]),
        (&["render", "steady", "--at", "marker:nothing"], &["hw-moves"]),
        (
            &["render", "steady", "--at", "8s", "--view", "group", "--pick", "group nope"],
            &["group nope", "c1"],
        ),
        (&["dance"], &["dance"]),
        (&["sweep", "steady", "--seed", "1"], &["--seed"]),
    ] {
        let output = highwater(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        for part in parts {
            assert!(text(&output.stderr).contains(part), "{arguments:?}: {}", text(&output.stderr));
        }
    }
}

#[test]
fn packing_writes_what_the_page_reads() {
    let folder = scratch("content");
    let output = highwater(&["pack", "--all", "--output", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let index = std::fs::read_to_string(folder.join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    for entry in index["content"].as_array().unwrap() {
        let id = entry["id"].as_str().unwrap();
        let packed = std::fs::read(folder.join(format!("{id}.hwp"))).unwrap();
        assert_eq!(highwater_lesson::unpack(&packed).unwrap().id, id);
        for (name, width) in [(id.to_owned(), 800), (format!("{id}-phone"), 390)] {
            let poster = std::fs::read_to_string(folder.join(format!("posters/{name}.svg")));
            let poster = poster.unwrap();
            assert!(poster.starts_with("<svg") && poster.contains("<title"), "{name}");
            assert!(poster.contains(&format!(" width=\"{width}\"")), "{name}");
        }
    }
}

#[test]
fn a_picture_is_the_same_every_time() {
    let arguments = ["render", "slow-follower", "--at", "marker:isr-changes", "--view", "replicas"];
    let one = highwater(&arguments);
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    assert!(text(&one.stdout).contains("</svg>"));
    assert_eq!(one.stdout, highwater(&arguments).stdout);
}

/// Each view says in its title what it is, and a picked group is the one that is drawn.
#[test]
fn every_view_can_be_drawn() {
    for (view, pick, says) in [
        ("cluster", None, "Cluster map"),
        ("log", None, "orders-0"),
        ("replicas", None, "orders-0"),
        ("group", Some("group billing"), "billing"),
        ("spacetime", None, "Messages of orders-0"),
    ] {
        let mut arguments = vec!["render", "steady", "--at", "8s", "--view", view];
        arguments.extend(pick.iter().flat_map(|pick| ["--pick", pick]));
        let output = highwater(&arguments);
        assert_eq!(output.status.code(), Some(0), "{view}: {}", text(&output.stderr));
        let svg = text(&output.stdout);
        let title = svg.split("<title").nth(1).and_then(|t| t.split("</title>").next());
        assert!(title.is_some_and(|t| t.contains(says)), "{view}: {title:?}");
        assert!(svg.matches("<text").count() > 10, "{view}");
    }
}

#[test]
fn a_sweep_over_good_seeds_finds_nothing() {
    let output = highwater(&["sweep", "leader-killed", "--seeds", "0..8", "--until", "35s"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("8 seeds, no promise broken"));
}

#[test]
fn help_has_examples() {
    for command in ["run", "replay", "render", "pack", "preview", "present", "sweep"] {
        let output = highwater(&[command, "--help"]);
        assert!(text(&output.stdout).contains(&format!("highwater {command} ")), "{command}");
    }
}

/// The follower behind a link of six seconds holds the line; a question that is none names what can be asked.
#[test]
fn a_moment_is_explained() {
    let asked = |arguments: &[&str]| {
        let output = highwater(arguments);
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, error) = asked(&["explain", "slow-follower", "--at", "16s", "hw", "orders-0"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("broker 3 holds it there"), "{out}");
    assert!(out.contains("[replica.lag.time.max.ms]"), "{out}");
    let (code, out, _) = asked(&["explain", "idle-consumer", "--at", "25s", "idle c3"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("3 members for 2 partitions"), "{out}");
    let (code, out, error) = asked(&["explain", "slow-follower", "--at", "1s", "why", "not"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(error.contains("isr orders-0 broker 3"), "{error}");
    let (code, _, error) = asked(&["explain", "slow-follower", "--at", "1s", "leader payments-0"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("there are orders-0, orders-1"), "{error}");
}

/// What is refused says what was found and what is allowed, and nothing is taken for an option by mistake.
#[test]
fn odd_input_is_told_what_is_allowed() {
    let refused = |arguments: &[&str]| {
        let output = highwater(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        text(&output.stderr)
    };
    for seed in ["-1", "1.5", "99999999999999999999999"] {
        let error = refused(&["run", "steady", "--seed", seed]);
        assert!(error.contains(&format!("'{seed}'")) && error.contains("from 0 to"), "{error}");
    }
    assert!(refused(&["sweep", "steady", "--seeds", "-3..2"]).contains("A below B"));
    assert!(refused(&["run", "steady", "--until", "-5s"]).contains("event:312"));
    assert!(refused(&["render", "steady", "--width", "-5"]).contains("200..=8000"));
    let error = refused(&["run", "steady", "--set", "min.insync.replicas=99999999999"]);
    assert!(error.contains("from 1 to 2147483647"), "{error}");
    assert_eq!(error.matches("topic orders").count(), 1, "{error}");
    let error = refused(&["render", "steady", "--at", "3000s"]);
    assert!(error.contains("3000.000 s") && error.contains("200000 more events"), "{error}");
    let error = refused(&["render", "steady", "--at", "2s", "--pick", "blah"]);
    assert!(error.contains("\"blah\"") && error.contains("orders-0@1"), "{error}");
    let log = ["render", "steady", "--at", "2s", "--view", "log", "--pick", "segment orders-0@9:0"];
    assert!(refused(&log).contains("orders-0@9"));
}

/// What a lesson needs while it runs is told with the step that needs it.
#[test]
fn a_step_that_cannot_begin_is_named() {
    let file = scratch("steps.toml");
    let step = |id: &str, more: &str| {
        format!("[[step]]\nid = \"{id}\"\ntitle = \"{id}\"\nsay = \"{id}\"\n{more}\n")
    };
    let scenario = "title = \"x\"\n[scenario]\nbrokers = 1\n";
    let steps = step("one", "") + &step("two", "do = \"crash broker 7\"");
    std::fs::write(&file, scenario.to_owned() + &steps).unwrap();
    let output = highwater(&["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("step 2 \"two\"") && error.contains("no broker 7"), "{error}");
    let steps = step("one", "until = \"orders-0.hw >= 1\"");
    std::fs::write(&file, scenario.to_owned() + &steps).unwrap();
    let error = text(&highwater(&["run", file.to_str().unwrap()]).stderr);
    assert!(error.contains("step 1 \"one\"") && error.contains("no topic \"orders\""), "{error}");
}

#[test]
fn text_that_is_not_utf_8_is_told_with_its_line() {
    let file = scratch("latin.toml");
    std::fs::write(&file, b"title = \"x\"\n# caf\xe9\n").unwrap();
    let error = text(&highwater(&["run", file.to_str().unwrap()]).stderr);
    assert!(error.contains("latin.toml:2") && error.contains("0xe9"), "{error}");
}

/// A token is taken bare and in its link.
#[test]
fn a_whole_link_can_be_replayed() {
    use highwater_sim::{Share, scenario_hash};
    let token = {
        let out = text(&highwater(&["list", "--json"]).stdout);
        assert!(out.contains("steady"));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/content/scenarios/steady.toml");
        let lesson =
            highwater_lesson::text::parse_lesson("steady", &std::fs::read_to_string(path).unwrap());
        let scenario = lesson.unwrap().scenario;
        let (scenario_hash, inputs) = (scenario_hash(&scenario), Vec::new());
        let scenario = "steady".into();
        Share { scenario, scenario_hash, seed: 3, position: 100, branch: 0, inputs }.encode()
    };
    let bare = highwater(&["replay", &token]);
    assert_eq!(bare.status.code(), Some(0), "{}", text(&bare.stderr));
    let link = format!("https://example.org/#src=steady&run={token}&view=log");
    assert_eq!(hash(&bare), hash(&highwater(&["replay", &link])));
}

/// Files that are only partly readable: what can be read is written, what cannot is named, and a script hears of it.
#[test]
fn a_damaged_log_is_told_by_the_exit_code() {
    let dir = scratch("orders-0");
    std::fs::create_dir_all(&dir).unwrap();
    let dump = |format| highwater(&["log", "dump", dir.to_str().unwrap(), "--format", format]);
    std::fs::write(dir.join("leader-epoch-checkpoint"), "0\n0\n").unwrap();
    let none = dump("text");
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stderr).contains("no segment file (*.log)"));
    std::fs::write(dir.join("00000000000000000000.log"), b"").unwrap();
    assert_eq!(dump("text").status.code(), Some(0));
    std::fs::write(dir.join("00000000000000000000.log"), [0; 30]).unwrap();
    for format in ["text", "jsonl", "bytes"] {
        let output = dump(format);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let error = text(&output.stderr);
        assert!(error.contains("00000000000000000000.log: at 0"), "{error}");
    }
}

#[test]
fn what_can_be_picked_is_drawn() {
    for (view, pick) in
        [("cluster", "orders-0@1"), ("log", "segment orders-0@1:0"), ("log", "orders-0@2")]
    {
        let output = highwater(&["render", "steady", "--at", "2s", "--view", view, "--pick", pick]);
        assert_eq!(output.status.code(), Some(0), "{pick}: {}", text(&output.stderr));
    }
}

/// The counter of seeds must not begin again at 0 behind the largest number.
#[test]
fn a_sweep_ends_behind_the_largest_seed() {
    let seeds = format!("{}..{}", u64::MAX - 1, u64::MAX);
    let arguments = ["sweep", "steady", "--seeds", &seeds, "--until", "1s", "--threads", "4"];
    let output = highwater(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("1 seed, no promise broken"));
}

/// A reader that went away before the first line (`| true`) is no reason to panic.
#[test]
fn a_reader_may_go_away() {
    for arguments in [
        &["sweep", "steady", "--seeds", "0..1", "--until", "1s"][..],
        &["run", "replication", "--seed", "1"][..],
        &["run", "steady", "--until", "1s", "--trace", "-"][..],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_highwater"))
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let output = highwater(&["run", "steady", "--until", "5s", "--trace", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("/dev/full: cannot be written"));
}

/// The folder comes over HTTP under the policy that the page promises to work with, and a folder without a page is
/// told as such.
#[test]
fn a_built_page_is_presented() {
    let folder = scratch("page");
    std::fs::create_dir_all(&folder).unwrap();
    let shown = folder.display().to_string();
    let none = highwater(&["present", &shown]);
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("index.html is missing"), "{}", text(&none.stderr));
    std::fs::write(folder.join("index.html"), "<p>here</p>").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_highwater"));
    command.args(["present", &shown, "--port", "0"]).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let host = address.trim().trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("script-src 'self' 'wasm-unsafe-eval'"), "{answer}");
    assert!(answer.ends_with("<p>here</p>"), "{answer}");
}

/// `file.delete.delay.ms`: a deleted segment's file is there for a while, renamed (LogSegment.changeFileSuffixes).
#[test]
fn a_deleted_file_is_drawn_until_its_delay_is_over() {
    let drawn = |at: &str| {
        let profile = ["--view", "log", "--profile", "phone"];
        text(&highwater(&[&["render", "retention", "--at", at], &profile[..]].concat()).stdout)
    };
    assert!(!drawn("step:deleted-file").is_empty());
    assert!(drawn("step:deleted-file").contains("0…0000.log.deleted goes in 2.0 s"));
    assert!(!drawn("step:age").contains(".deleted goes"), "the file is unlinked");
}
