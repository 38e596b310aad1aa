//! Things to do to the cluster: break it, mend it, change who is there, send a record by hand.

use super::menu::Over;
use super::{Part, press};
use crate::port::Ask;
use crate::process::process_actions;
use highwater_sim::{ACTION_FORMS, ProcessState};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Faults(part: &Part) -> Html {
    let config = part.mount.options.allow.config;
    html! {
        <Over part={part.clone()} title="Faults and cast" class="wide">
            { brokers(part) }
            { links(part) }
            { clients(part, config) }
            if config {
                <Produce ..part.clone() />
            }
            <Command ..part.clone() />
        </Over>
    }
}

/// A button that carries out an action by its text.
pub fn act(part: &Part, label: impl Into<String>, action: impl Into<String>) -> Html {
    let (label, action) = (label.into(), action.into());
    html! {
        <button class="plain" title={action.clone()} onclick={press(&part.mount, move |m| m.wish(Ask::ActText(action.clone())))}>{ label }</button>
    }
}

fn row(part: &Part, name: &str, note: &str, actions: &[(&'static str, String)]) -> Html {
    html! {
        <tr>
            <th scope="row">{ name }</th>
            <td class="small">{ note }</td>
            <td class="acts">{ for actions.iter().map(|(label, action)| act(part, *label, action)) }</td>
        </tr>
    }
}

fn said(state: ProcessState) -> &'static str {
    match state {
        ProcessState::Running => "running",
        ProcessState::Paused => "paused (as by a long GC)",
        ProcessState::Crashed => "crashed; disk and page cache kept",
        ProcessState::PoweredOff => "no power; unsynced bytes are gone",
        ProcessState::ShutDown => "shut down",
    }
}

fn brokers(part: &Part) -> Html {
    let view = &part.shown.view;
    let next = view.brokers.iter().map(|b| b.id).max().unwrap_or(0) + 1;
    html! {
        <>
            <h3>{ "Brokers" }</h3>
            <table class="doable"><tbody>
                { for view.brokers.iter().map(|b| {
                    let name = format!("broker {}", b.id);
                    row(part, &name, said(b.state), &process_actions(b.state, &name, true))
                }) }
                { row(part, "controller", said(view.controller.state), &process_actions(view.controller.state, "controller", false)) }
            </tbody></table>
            if part.mount.options.allow.config {
                <p>{ act(part, format!("add broker {next}"), format!("add broker {next}")) }</p>
            }
        </>
    }
}

fn links(part: &Part) -> Html {
    let view = &part.shown.view;
    let ids: Vec<i32> = view.brokers.iter().map(|b| b.id).collect();
    let pairs = ids.iter().enumerate().flat_map(|(i, a)| ids[i + 1..].iter().map(move |b| (*a, *b)));
    html! {
        <>
            <h3>{ "Links between brokers" }</h3>
            <table class="doable"><tbody>
                { for pairs.take(15).map(|(a, b)| {
                    let touched = view.links.iter().find(|l| {
                        let ends = (l.from.broker(), l.to.broker());
                        ends == (Some(a), Some(b)) || ends == (Some(b), Some(a))
                    });
                    let note = match touched {
                        Some(l) if l.cut => "cut".to_owned(),
                        Some(l) => l.latency_us.map_or(String::new(), |us| format!("slow: {}", crate::format::span(us))),
                        None => "fine".to_owned(),
                    };
                    let mut actions = vec![("cut", format!("cut {a}-{b}")), ("slow 6 s", format!("slow {a}>{b} 6 s"))];
                    if touched.is_some() {
                        actions = vec![("heal", format!("heal {a}-{b}"))];
                    }
                    row(part, &format!("{a} and {b}"), &note, &actions)
                }) }
            </tbody></table>
        </>
    }
}

fn clients(part: &Part, config: bool) -> Html {
    let view = &part.shown.view;
    let topic = view.topics.iter().find(|t| !t.internal).map_or("orders", |t| t.name.as_str());
    let group = view.consumers.first().map_or("billing", |c| &c.group);
    html! {
        <>
            <h3>{ "Clients" }</h3>
            <table class="doable"><tbody>
                { for view.producers.iter().map(|p| {
                    let name = format!("p{}", p.number);
                    let mut actions = process_actions(p.state, &name, false);
                    if p.every_us > 0 {
                        actions.push(("stop sending", format!("stop {name}")));
                    }
                    actions.push(("burst of 5", format!("produce {name} key=A x5")));
                    actions.push(("remove", format!("remove {name}")));
                    row(part, &name, &format!("producer, acks={}", p.acks), &actions)
                }) }
                { for view.consumers.iter().map(|c| {
                    let name = format!("c{}", c.number);
                    let mut actions = process_actions(c.state, &name, false);
                    actions.push(("slow: 500 ms a record", format!("slow {name} 500ms")));
                    actions.push(("leave the group", format!("leave {name}")));
                    actions.push(("remove", format!("remove {name}")));
                    row(part, &name, &format!("consumer of {}, {}", c.group, c.doing), &actions)
                }) }
            </tbody></table>
            if config {
                <p class="acts">
                    { act(part, "add producer", format!("add producer topic={topic} every=200ms keys=A,B,C")) }
                    { act(part, "add consumer", format!("add consumer group={group} topic={topic} processing=1ms")) }
                    { act(part, "add topic", format!("create topic t{} partitions=2 rf={}", view.topics.len(), view.brokers.len().min(3))) }
                </p>
            }
        </>
    }
}

/// A record by hand.
#[component]
fn Produce(part: &Part) -> Html {
    let view = &part.shown.view;
    let onsubmit = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |e: SubmitEvent| {
            e.prevent_default();
            let Some(form) = e.target().and_then(|t| t.dyn_into::<web_sys::HtmlFormElement>().ok()) else { return };
            let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
            let field = |name: &str| data.get(name).as_string().unwrap_or_default();
            let mut action = format!("produce {}", field("producer"));
            for name in ["topic", "key", "value"] {
                let value = field(name);
                if !value.is_empty() {
                    action.push_str(&format!(" {name}={}", quoted(&value)));
                }
            }
            mount.wish(Ask::ActText(action));
        })
    };
    if view.producers.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h3>{ "Send a record by hand" }</h3>
            <form class="inline" {onsubmit}>
                <label>{ "from " }<select name="producer">
                    { for view.producers.iter().map(|p| html! { <option>{ format!("p{}", p.number) }</option> }) }
                </select></label>
                <label>{ "to " }<select name="topic">
                    { for view.topics.iter().filter(|t| !t.internal).map(|t| html! { <option>{ &t.name }</option> }) }
                </select></label>
                <label>{ "key " }<input name="key" size="6" autocomplete="off" /></label>
                <label>{ "value " }<input name="value" size="10" autocomplete="off" /></label>
                <button class="plain go">{ "Send" }</button>
            </form>
        </>
    }
}

fn quoted(value: &str) -> String {
    if value.contains([' ', '"', '=']) { format!("\"{}\"", value.replace(['"', '\\'], "")) } else { value.to_owned() }
}

/// Anything else, in words.
#[component]
fn Command(part: &Part) -> Html {
    let onsubmit = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |e: SubmitEvent| {
            e.prevent_default();
            let form = e.target().and_then(|t| t.dyn_into::<web_sys::HtmlFormElement>().ok());
            let text = form
                .and_then(|f| web_sys::FormData::new_with_form(&f).ok())
                .and_then(|d| d.get("action").as_string())
                .unwrap_or_default();
            mount.wish(Ask::ActText(text));
        })
    };
    html! {
        <>
            <h3>{ "Anything else, in words" }</h3>
            <form class="inline" {onsubmit}>
                <input name="action" aria-label="action" list="hw-forms" placeholder="slow 1>3 6 s" size="32" autocomplete="off" />
                <datalist id="hw-forms">{ for ACTION_FORMS.iter().map(|f| html! { <option value={*f}></option> }) }</datalist>
                <button class="plain">{ "Do" }</button>
            </form>
        </>
    }
}
