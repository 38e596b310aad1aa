//! Beside the stage: the fields of what is selected, why it is so, what can be done to it, and what
//! comes next if nobody interferes.

use super::faults::act;
use super::{Part, press};
use crate::format;
use crate::inspect::{Inspection, coming};
use crate::options::ViewName;
use crate::port::{Phase, Reason};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Inspector(part: &Part) -> Html {
    let shown = &part.shown;
    let allow = part.mount.options.allow;
    let guarded = shown.lesson.question.as_ref().is_some_and(|q| q.phase == Phase::Open);
    let found = shown
        .chrome
        .selection
        .as_deref()
        .filter(|_| allow.inspect)
        .and_then(|pick| part.mount.with_port(|p| p.inspect(pick)));
    html! {
        <aside class={classes!("hw-inspector", found.is_none().then_some("empty"))} aria-label="Inspector">
            if shown.chrome.view == ViewName::Log {
                { log_tools(part) }
            }
            if let Some(found) = &found {
                { selected(part, found, guarded) }
                if allow.faults && !found.actions.is_empty() {
                    <h2>{ &found.actions_title }</h2>
                    <div class="faults">{ for found.actions.iter().map(|a| act(part, a)) }</div>
                }
            } else {
                <details class="key" open={part.mount.options.first_visit}>
                    <summary>{ "What you see" }</summary>
                    { super::help::marks(shown.chrome.view) }
                </details>
                <p class="small">{ "Click a broker, a message, a record or a line for its fields and its why." }</p>
            }
            { lost(part) }
            if let Some(difference) = part.mount.with_port(crate::port::Port::difference) {
                <h2>{ "Against the first run" }</h2>
                <ul class="dots">{ for difference.lines().map(|l| html! { <li>{ l.to_owned() }</li> }) }</ul>
            }
            <h2>{ "Next, if nobody interferes" }</h2>
            if guarded {
                <p class="small">{ "Hidden while the question is open." }</p>
            } else if coming(&shown.view).is_empty() {
                <p class="small">{ "Nothing that would change anything." }</p>
            } else {
                <dl class="next">
                    { for coming(&shown.view).into_iter().take(6).map(|(time, what)| html! {
                        <><dt>{ format::clock_short(time) }</dt><dd>{ what }</dd></>
                    }) }
                </dl>
            }
            <details class="outline">
                <summary>{ "The stage in words" }</summary>
                <ul class="words">
                    { for part.mount.with_port(crate::port::Port::outline).into_iter().map(|(level, line)| html! {
                        <li class={format!("level-{level}")}>{ line }</li>
                    }) }
                </ul>
            </details>
        </aside>
    }
}

fn selected(part: &Part, found: &Inspection, guarded: bool) -> Html {
    let pick = part.shown.chrome.selection.clone().unwrap_or_default();
    let reasons = part.mount.with_port(|p| p.reasons(&pick, found.question.as_deref()));
    html! {
        <>
            <p class="small">
                { &found.kind }
                <button class="link" onclick={press(&part.mount, |m| m.select(None))}>{ "deselect" }</button>
            </p>
            <h1>{ &found.title }</h1>
            if !found.subtitle.is_empty() {
                <p class="small">{ &found.subtitle }</p>
            }
            <dl class="fields">
                { for found.fields.iter().map(|f| html! {
                    <><dt class={f.main.then_some("main")}>{ &f.name }</dt><dd class={f.main.then_some("main")}>{ &f.value }</dd></>
                }) }
            </dl>
            if guarded {
                <h2>{ "Why?" }</h2>
                <p class="small">{ "Hidden while the question is open." }</p>
            } else {
                { for reasons.iter().enumerate().map(|(n, r)| reason(n, r, &found.why_title)) }
            }
        </>
    }
}

/// An answer: the first one in full, the others one press away.
fn reason(index: usize, reason: &Reason, first_title: &str) -> Html {
    let facts = html! {
        <ul class="dots why">{ for reason.facts.iter().map(|f| html! { <li>{ f }</li> }) }</ul>
    };
    if index > 0 {
        return html! {
            <details>
                <summary>{ reason.title }</summary>
                <p>{ &reason.headline }</p>
                { facts }
            </details>
        };
    }
    let title = if first_title.is_empty() { reason.title } else { first_title };
    html! {
        <>
            <h2>{ title.to_owned() }</h2>
            <p>{ &reason.headline }</p>
            { facts }
        </>
    }
}

fn lost(part: &Part) -> Html {
    let lost = &part.shown.view.lost;
    if lost.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h2 class="danger">{ format!("Lost: {} acknowledged", lost.len()) }</h2>
            <ul class="dots">
                { for lost.iter().take(4).map(|l| html! {
                    <li>{ format!("offset {}: acknowledged at {}, lost at {}", l.offset, format::clock(l.acknowledged_at), format::clock(l.lost_at)) }</li>
                }) }
            </ul>
        </>
    }
}

/// Looking up an offset, and turning a byte over.
fn log_tools(part: &Part) -> Html {
    let chrome = &part.shown.chrome;
    let onchange = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |e: Event| {
            let input = e.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
            let offset = input.and_then(|i| i.value().trim().parse::<i64>().ok());
            mount.chrome(|c| c.find = offset);
        })
    };
    let byte = chrome
        .selection
        .as_deref()
        .filter(|s| s.starts_with("byte "))
        .and_then(|s| s.rsplit_once('/')?.1.parse::<u32>().ok());
    html! {
        <p class="log-tools">
            <label>
                { "find offset " }
                <input size="6" inputmode="numeric" autocomplete="off" ~defaultValue={chrome.find.map_or(String::new(), |o| o.to_string())} {onchange} />
            </label>
            if let Some(byte) = byte.filter(|_| chrome.flip.is_none()) {
                <button class="plain" onclick={press(&part.mount, move |m| m.chrome(|c| c.flip = Some(byte)))}>{ format!("flip byte {byte}") }</button>
            } else if chrome.flip.is_some() {
                <button class="plain" onclick={press(&part.mount, |m| m.chrome(|c| c.flip = None))}>{ "flip it back" }</button>
            }
        </p>
    }
}
