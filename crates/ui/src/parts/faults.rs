//! Things to do to the cluster: break it, mend it, change who is there, send a record by hand.

use super::menu::Over;
use super::{Part, press};
use crate::port::Ask;
use highwater_cluster::NodeId;
use highwater_sim::{ACTION_FORMS, ActionView, ProcessState, Selection, enabled, quote};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Faults(part: &Part) -> Html {
    let config = part.mount.options.allow.config;
    html! {
        <Over part={part.clone()} title="Faults and cast" class="side">
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
pub fn act(part: &Part, possible: &ActionView) -> Html {
    let ActionView { action, label } = possible.clone();
    html! {
        <button class="plain" title={action.clone()} onclick={press(&part.mount, move |m| m.wish(Ask::ActText(action.clone())))}>{ label }</button>
    }
}

/// What can be done to a thing, without what `left_out` says.
fn row(part: &Part, name: &str, note: &str, selection: Selection, left_out: &[&str]) -> Html {
    let possible = enabled(&part.shown.view, selection);
    html! {
        <tr>
            <th scope="row">{ name }{ " " }<span class="small">{ note }</span></th>
            <td class="acts">
                { for possible.iter().filter(|a| !left_out.iter().any(|w| a.action.starts_with(w))).map(|a| act(part, a)) }
            </td>
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

/// Links have rows of their own.
const LINKS: [&str; 3] = ["cut ", "slow ", "heal "];

fn brokers(part: &Part) -> Html {
    let view = &part.shown.view;
    html! {
        <>
            <h3>{ "Brokers" }</h3>
            <table class="doable"><tbody>
                { for view.brokers.iter().map(|b| {
                    row(part, &format!("broker {}", b.id), said(b.state), Selection::Node(NodeId::Broker(b.id)), &LINKS)
                }) }
                { row(part, "controller", said(view.controller.state), Selection::Node(NodeId::Controller), &LINKS) }
            </tbody></table>
        </>
    }
}

fn links(part: &Part) -> Html {
    let view = &part.shown.view;
    let ids: Vec<i32> = view.brokers.iter().map(|b| b.id).collect();
    let pairs =
        ids.iter().enumerate().flat_map(|(i, a)| ids[i + 1..].iter().map(move |b| (*a, *b)));
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
                    row(part, &format!("{a} and {b}"), &note, Selection::Link(NodeId::Broker(a), NodeId::Broker(b)), &[])
                }) }
            </tbody></table>
        </>
    }
}

fn clients(part: &Part, config: bool) -> Html {
    let view = &part.shown.view;
    html! {
        <>
            <h3>{ "Clients" }</h3>
            <table class="doable"><tbody>
                { for view.producers.iter().map(|p| {
                    row(part, &format!("p{}", p.number), &format!("producer, acks={}", p.acks), Selection::Node(NodeId::Producer(p.number)), &[])
                }) }
                { for view.consumers.iter().map(|c| {
                    let note = format!("consumer of {}, {}", c.group, c.doing);
                    row(part, &format!("c{}", c.number), &note, Selection::Node(NodeId::Consumer(c.number)), &["seek "])
                }) }
            </tbody></table>
            if config {
                <p class="acts">
                    { for enabled(view, Selection::World).iter().map(|a| act(part, a)) }
                    { act(part, &ActionView {
                        action: format!("create topic t{} partitions=2 rf={}", view.topics.len(), view.brokers.len().min(3)),
                        label: "add a topic".into(),
                    }) }
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
            let Some(form) = e.target().and_then(|t| t.dyn_into::<web_sys::HtmlFormElement>().ok())
            else {
                return;
            };
            let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
            let field = |name: &str| data.get(name).as_string().unwrap_or_default();
            let mut action = format!("produce {}", field("producer"));
            for name in ["topic", "key", "value"] {
                let value = field(name);
                if !value.is_empty() {
                    action.push_str(&format!(" {name}={}", quote(&value)));
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
