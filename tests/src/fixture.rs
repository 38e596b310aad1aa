//! What real brokers did (`fixtures/behaviour/*.json`, captured from Apache Kafka 4.3.0).

use serde_json::Value;
use std::path::PathBuf;

/// One recorded scenario.
pub struct Fixture {
    json: Value,
}

impl Fixture {
    /// Reads `behaviour/NAME.json` from the shared fixtures or from a copy below `tests/`.
    pub fn behaviour(name: &str) -> Self {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let places = [here.join("fixtures"), here.join("../../shared/fixtures")];
        let path = places
            .iter()
            .map(|p| p.join("behaviour").join(format!("{name}.json")))
            .find(|p| p.is_file())
            .unwrap_or_else(|| panic!("no fixture {name}.json in {places:?}"));
        let text = std::fs::read_to_string(&path).expect("a readable fixture");
        Self { json: serde_json::from_str(&text).expect("a fixture in JSON") }
    }

    /// Settings of brokers and controller that differ from the defaults.
    pub fn settings(&self) -> Vec<(String, String)> {
        ["broker_non_default", "controller_non_default"]
            .iter()
            .filter_map(|k| self.json["settings"][k].as_object())
            .flatten()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
            .collect()
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.json["steps"].as_array().map_or(0, Vec::len)
    }

    /// What was done in a step, in words.
    pub fn what(&self, step: usize) -> &str {
        self.json["steps"][step]["do"].as_str().unwrap_or_default()
    }

    /// What was seen after it.
    pub fn observed(&self, step: usize) -> &Value {
        &self.json["steps"][step]["observed"]
    }
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
}
