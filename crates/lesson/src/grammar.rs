//! Actions, conditions and paths as text: the simulator's grammar, in one place.

use highwater_sim::Action;

/// An action from its text.
pub fn action(text: &str) -> Result<Action, String> {
    text.parse::<Action>().map_err(|e| e.message)
}

/// The text of an action; reading it back gives the same action.
pub fn action_text(action: &Action) -> String {
    action.to_string()
}

/// Whether a condition can be read.
#[cfg(feature = "text")]
pub fn check_condition(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Ok(());
    }
    highwater_sim::query::Condition::parse(text).map(|_| ()).map_err(|e| e.to_string())
}

/// Whether a path can be read.
#[cfg(feature = "text")]
pub fn check_path(text: &str) -> Result<(), String> {
    highwater_sim::query::Path::parse(text).map(|_| ()).map_err(|e| e.to_string())
}
