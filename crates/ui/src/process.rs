//! What can be done to a process, by its state.

use highwater_sim::ProcessState;

/// What can be done to a process in this state.
pub fn process_actions(state: ProcessState, name: &str, broker: bool) -> Vec<(&'static str, String)> {
    let mut list = Vec::new();
    match state {
        ProcessState::Running => {
            list.push(("crash", format!("crash {name}")));
            if broker {
                list.push(("power off", format!("power off {name}")));
                list.push(("shut down", format!("shutdown {name}")));
            }
            list.push(("pause", format!("pause {name}")));
        }
        ProcessState::Paused => {
            list.push(("resume", format!("resume {name}")));
            list.push(("crash", format!("crash {name}")));
        }
        ProcessState::Crashed | ProcessState::PoweredOff | ProcessState::ShutDown => {
            list.push(("restart", format!("restart {name}")));
        }
    }
    list
}
