//! Share tokens: a run as a scenario, a seed and inputs, in characters that fit a link. Never state.
//!
//! Layout before base64url (RFC 4648, no padding): version byte; scenario id; scenario hash (8 bytes, little
//! endian); seed; position; branch; number of inputs; per input: events since the one before, action as text;
//! a check byte. Numbers are LEB128, texts a length and UTF-8.

use crate::hash::TraceHasher;
use crate::{Action, LoggedInput, Scenario, ScenarioError, Timeline};
use std::fmt;

/// Format that this build writes.
pub const TOKEN_VERSION: u8 = 1;
/// Inputs that a token holds at most.
const MOST_INPUTS: u64 = 100_000;

/// What a token says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    /// `Scenario::id`.
    pub scenario: String,
    /// [`scenario_hash`] of the scenario it was made with.
    pub scenario_hash: u64,
    /// Seed.
    pub seed: u64,
    /// Events handled at the shared moment.
    pub position: u64,
    /// Branch it was on, for its name only: the inputs are all that matters.
    pub branch: u32,
    /// Everything that was done, in order.
    pub inputs: Vec<LoggedInput>,
}

/// Why a token cannot be replayed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TokenError {
    /// A character that base64url does not have, and its place.
    Character(char, u32),
    /// A version that this build does not know.
    Version(u8),
    /// It ends too early, or its check byte is wrong: a part of the link is missing.
    Damaged(&'static str),
    /// An action that this build does not know.
    Action(String),
    /// The scenario of this build is another one than the token was made with.
    OtherScenario { id: String },
    /// The scenario does not start.
    Scenario(ScenarioError),
    /// An input is not possible at its place: the run went another way than when it was shared.
    Diverged(String),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(c, at) => {
                write!(
                    f,
                    "the share token has {c:?} at character {}; allowed are letters, digits, - and _",
                    at + 1
                )
            }
            Self::Version(v) => {
                write!(
                    f,
                    "the share token has format {v}; this build reads formats up to {TOKEN_VERSION}, a newer one is needed"
                )
            }
            Self::Damaged(what) => {
                write!(f, "the share token is damaged: {what}; was the link copied whole?")
            }
            Self::Action(text) => {
                write!(f, "the share token holds an action that this build does not know: {text}")
            }
            Self::OtherScenario { id } => {
                write!(
                    f,
                    "the share token was made with other settings or another version of scenario {id:?}; give it the settings it was made with, or replay it with the build it came from"
                )
            }
            Self::Scenario(error) => write!(f, "{error}"),
            Self::Diverged(text) => {
                write!(f, "the run goes another way than when it was shared: {text}")
            }
        }
    }
}

impl std::error::Error for TokenError {}

/// A fingerprint of everything in a scenario that a run depends on.
pub fn scenario_hash(scenario: &Scenario) -> u64 {
    let mut h = TraceHasher::new(u64::from(TOKEN_VERSION));
    h.add(&scenario.settings);
    for broker in &scenario.brokers {
        h.add(&(broker.id, &broker.rack));
    }
    for t in &scenario.topics {
        h.add(&(&t.name, t.partitions, t.replication_factor, &t.assignments, &t.configs));
    }
    for p in &scenario.producers {
        h.add(&(&p.settings, &p.workload, p.start));
    }
    for c in &scenario.consumers {
        h.add(&(&c.group, &c.topics, &c.settings, c.processing, c.start));
    }
    h.add(&(scenario.network.latency, scenario.network.jitter));
    for (at, action) in &scenario.script {
        h.add(&(at, action.to_string()));
    }
    h.value()
}

impl Share {
    /// The current position of a timeline.
    pub fn of(timeline: &Timeline) -> Self {
        let scenario = timeline.world().scenario();
        let position = timeline.event();
        Self {
            scenario: scenario.id.clone(),
            scenario_hash: scenario_hash(scenario),
            seed: timeline.world().seed(),
            position,
            branch: timeline.current_branch(),
            inputs: timeline.inputs().iter().filter(|i| i.event <= position).cloned().collect(),
        }
    }

    /// As a token.
    pub fn encode(&self) -> String {
        let mut out = vec![TOKEN_VERSION];
        put_text(&mut out, &self.scenario);
        out.extend(self.scenario_hash.to_le_bytes());
        put_number(&mut out, self.seed);
        put_number(&mut out, self.position);
        put_number(&mut out, self.branch.into());
        put_number(&mut out, u64::try_from(self.inputs.len()).unwrap_or(u64::MAX));
        let mut before = 0;
        for input in &self.inputs {
            put_number(&mut out, input.event - before);
            put_text(&mut out, &input.action.to_string());
            before = input.event;
        }
        out.push(check(&out));
        to_base64url(&out)
    }

    /// Reads a token.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(token: &str) -> Result<Self, TokenError> {
        let bytes = from_base64url(token.trim())?;
        let (&version, _) = bytes.split_first().ok_or(TokenError::Damaged("it is empty"))?;
        if version != TOKEN_VERSION {
            return Err(TokenError::Version(version));
        }
        let (&sum, content) = bytes.split_last().expect("it is not empty");
        if check(content) != sum {
            return Err(TokenError::Damaged("its check sum is wrong"));
        }
        let mut reader = Reader { rest: &content[1..] };
        let scenario = reader.text()?;
        let scenario_hash = reader.hash()?;
        let (seed, position) = (reader.number()?, reader.number()?);
        let branch = u32::try_from(reader.number()?)
            .map_err(|_| TokenError::Damaged("its branch is too large"))?;
        let count = reader.number()?;
        if count > MOST_INPUTS {
            return Err(TokenError::Damaged("it says that it has too many inputs"));
        }
        let (mut inputs, mut event) = (Vec::new(), 0u64);
        for _ in 0..count {
            let more = reader.number()?;
            event =
                event.checked_add(more).ok_or(TokenError::Damaged("its events are too large"))?;
            let text = reader.text()?;
            let action: Action = text.parse().map_err(|_| TokenError::Action(text))?;
            inputs.push(LoggedInput { event, action });
        }
        if !reader.rest.is_empty() {
            return Err(TokenError::Damaged("there is more than it says"));
        }
        Ok(Self { scenario, scenario_hash, seed, position, branch, inputs })
    }

    /// Runs the shared run again, to the shared moment.
    ///
    /// # Errors
    /// The scenario is another one, or an input is not possible where it was given.
    pub fn replay(&self, scenario: &Scenario) -> Result<Timeline, TokenError> {
        if scenario_hash(scenario) != self.scenario_hash {
            return Err(TokenError::OtherScenario { id: self.scenario.clone() });
        }
        let mut timeline = Timeline::new(scenario, self.seed).map_err(TokenError::Scenario)?;
        for input in &self.inputs {
            if timeline.seek(input.event) != input.event {
                return Err(TokenError::Diverged(format!(
                    "nothing happens after event {}",
                    timeline.event()
                )));
            }
            timeline.apply(&input.action).map_err(|e| TokenError::Diverged(e.to_string()))?;
        }
        timeline.seek(self.position);
        Ok(timeline)
    }
}

fn check(bytes: &[u8]) -> u8 {
    let mut h = TraceHasher::new(0);
    h.add(&bytes);
    h.value().to_le_bytes()[0]
}

fn put_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(0x80 | n.to_le_bytes()[0]);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, u64::try_from(text.len()).unwrap_or(u64::MAX));
    out.extend(text.as_bytes());
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: u64) -> Result<&'a [u8], TokenError> {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        let (head, rest) =
            self.rest.split_at_checked(n).ok_or(TokenError::Damaged("it ends too early"))?;
        self.rest = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<u64, TokenError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(TokenError::Damaged("a number is too large"))
    }

    fn text(&mut self) -> Result<String, TokenError> {
        let length = self.number()?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| TokenError::Damaged("a text is not UTF-8"))
    }

    fn hash(&mut self) -> Result<u64, TokenError> {
        let bytes = self.take(8)?;
        Ok(bytes.iter().rev().fold(0, |value, b| value << 8 | u64::from(*b)))
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn to_base64url(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for n in 0..=chunk.len() {
            let index = usize::try_from(word >> (18 - 6 * n) & 63).expect("six bits");
            out.push(char::from(ALPHABET[index]));
        }
    }
    out
}

fn from_base64url(text: &str) -> Result<Vec<u8>, TokenError> {
    let mut digits = Vec::new();
    for (place, c) in (0u32..).zip(text.chars()) {
        let digit = ALPHABET.iter().position(|a| char::from(*a) == c);
        let digit =
            digit.and_then(|d| u32::try_from(d).ok()).ok_or(TokenError::Character(c, place))?;
        digits.push(digit);
    }
    let mut out = Vec::new();
    for chunk in digits.chunks(4) {
        if chunk.len() == 1 {
            return Err(TokenError::Damaged("it ends too early"));
        }
        let word = chunk.iter().fold(0u32, |w, d| w << 6 | d) << (6 * (4 - chunk.len()));
        out.extend(&word.to_be_bytes()[1..chunk.len()]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::tests::busy_scenario;

    #[test]
    fn base64url_has_the_values_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(to_base64url(plain.as_bytes()), coded);
            assert_eq!(from_base64url(coded).unwrap(), plain.as_bytes());
        }
        assert_eq!(to_base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_shared_run_replays_to_the_same_state() {
        let scenario = busy_scenario();
        let mut t = Timeline::new(&scenario, 77).unwrap();
        for (event, action) in [
            (0, "produce p1 key=A \"value=hello world\""),
            (90, "crash broker 1"),
            (90, "cut 2>3"),
            (300, "restart broker 1"),
        ] {
            t.seek(event);
            t.apply(&action.parse().unwrap()).unwrap();
        }
        t.seek(200);
        t.apply(&"pause c1".parse().unwrap()).unwrap();
        t.seek(420);
        let token = Share::of(&t).encode();
        assert!(token.len() < 250, "{}", token.len());
        let share = Share::decode(&token).unwrap();
        assert_eq!((share.seed, share.position, share.branch), (77, 420, 1));
        assert_eq!(share.inputs.len(), 4, "the input at 300 is of the other branch");
        let again = share.replay(&scenario).unwrap();
        assert_eq!(again.world().trace_hash(), t.world().trace_hash());
        assert_eq!(again.view(), t.view());
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let scenario = busy_scenario();
        let mut t = Timeline::new(&scenario, 1).unwrap();
        t.seek(10);
        t.apply(&"crash broker 1".parse().unwrap()).unwrap();
        let token = Share::of(&t).encode();
        assert!(matches!(Share::decode(""), Err(TokenError::Damaged(_))));
        assert!(matches!(Share::decode("ab$c"), Err(TokenError::Character('$', 2))));
        let mut newer = from_base64url(&token).unwrap();
        newer[0] = 9;
        assert_eq!(Share::decode(&to_base64url(&newer)), Err(TokenError::Version(9)));
        for cut in 1..token.len() {
            assert!(Share::decode(&token[..cut]).is_err(), "{cut}");
        }
        let mut other = scenario.clone();
        other.brokers.pop();
        let error = Share::decode(&token).unwrap().replay(&other).unwrap_err();
        assert!(error.to_string().contains("another version"), "{error}");
        let mut share = Share::decode(&token).unwrap();
        share.inputs[0].action = "resume broker 1".parse().unwrap();
        assert!(matches!(share.replay(&scenario), Err(TokenError::Diverged(_))));
    }

    #[test]
    fn arbitrary_bytes_never_panic() {
        let mut rng = crate::prng::Xoshiro256::new(5);
        for _ in 0..2000 {
            let length = rng.below(60);
            let mut bytes: Vec<u8> = (0..length).map(|_| rng.next_u64().to_le_bytes()[0]).collect();
            bytes.insert(0, TOKEN_VERSION);
            bytes.push(check(&bytes));
            let _ = Share::decode(&to_base64url(&bytes));
        }
    }
}
