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
pub fn check_condition(_text: &str) -> Result<(), String> {
    Ok(())
}

/// Whether a path can be read.
pub fn check_path(_text: &str) -> Result<(), String> {
    Ok(())
}
