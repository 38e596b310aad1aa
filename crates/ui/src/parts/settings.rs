//! Settings by Kafka's names. Cluster and client settings start the run again; a topic's can also be
//! altered while it runs, as an admin client would.

use super::menu::Over;
use super::{Part, press};
use crate::port::Ask;
use highwater_cluster::settings::{Kind, Scope, Setting, of_scope};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

const SCOPES: [(Scope, &str); 5] = [
    (Scope::Topic, "Topics"),
    (Scope::Producer, "Producers"),
    (Scope::Consumer, "Consumers"),
    (Scope::Broker, "Brokers"),
    (Scope::Controller, "Controller"),
];

/// See the module.
#[component]
pub fn Settings(part: &Part) -> Html {
    let error = use_state(|| None::<String>);
    let changed = use_mut_ref(Vec::<(String, String)>::new);
    let onchange = {
        let changed = Rc::clone(&changed);
        Callback::from(move |e: Event| {
            let Some((name, value)) = e.target().and_then(|t| named(&t)) else { return };
            let mut list = changed.borrow_mut();
            list.retain(|(n, _)| *n != name);
            list.push((name, value));
        })
    };
    let apply = {
        let (mount, changed, error) = (Rc::clone(&part.mount), Rc::clone(&changed), error.clone());
        Callback::from(move |_: MouseEvent| {
            let list = changed.borrow().clone();
            match mount.restart(Some(&list)) {
                Ok(()) => {
                    error.set(None);
                    mount.chrome(|c| c.panel = None);
                    mount.wish(Ask::Play);
                }
                Err(message) => error.set(Some(message)),
            }
        })
    };
    html! {
        <Over part={part.clone()} title="Settings" class="wide">
            <p class="small">{ "Kafka's names, defaults and ranges. Applying starts the run again from its beginning." }</p>
            if let Some(message) = &*error {
                <p class="refused" role="alert">{ message }</p>
            }
            <form onchange={onchange} onsubmit={Callback::from(|e: SubmitEvent| e.prevent_default())}>
                <p><label>{ "seed " }<input name="seed" size="8" inputmode="numeric" autocomplete="off" ~defaultValue={part.shown.view.seed.to_string()} /></label>
                <span class="small">{ " the same seed gives the same run" }</span></p>
                { for SCOPES.into_iter().enumerate().map(|(i, (scope, title))| group(part, scope, title, i == 0)) }
            </form>
            <p class="acts sticky">
                <button class="plain go" onclick={apply}>{ "Apply and start again" }</button>
                <button class="plain" onclick={press(&part.mount, |m| m.chrome(|c| c.panel = None))}>{ "Cancel" }</button>
            </p>
        </Over>
    }
}

fn named(target: &web_sys::EventTarget) -> Option<(String, String)> {
    if let Some(input) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        return Some((input.name(), input.value()));
    }
    let select = target.dyn_ref::<web_sys::HtmlSelectElement>()?;
    Some((select.name(), select.value()))
}

fn group(part: &Part, scope: Scope, title: &'static str, open: bool) -> Html {
    html! {
        <details class="settings" open={open}>
            <summary>{ title }</summary>
            <table>
                <thead><tr><th scope="col">{ "name" }</th><th scope="col">{ "value" }</th><th scope="col">{ "meaning" }</th></tr></thead>
                <tbody>{ for of_scope(scope).iter().map(|s| setting(part, s)) }</tbody>
            </table>
        </details>
    }
}

fn setting(part: &Part, setting: &'static Setting) -> Html {
    let given = part.mount.with_port(|p| p.setting(setting));
    let is_default = given.as_deref().is_none_or(|g| g == setting.default);
    let value = given.unwrap_or_else(|| setting.default.to_owned());
    let kip = setting.kip.map(|n| format!(" KIP-{n}."));
    let id = format!("set-{}-{}", setting.scope.name(), setting.name);
    html! {
        <tr class={(!is_default).then_some("given")}>
            <th scope="row"><label for={id.clone()}>{ setting.name }</label></th>
            <td>{ field(setting, &id, &value) }{ " " }<span class="small">{ setting.unit }</span></td>
            <td class="small">
                { setting.meaning }{ kip }{ " Default " }<b>{ setting.default }</b>{ ". " }
                if let Some(only) = setting.only {
                    { only.reason }
                }
                { live(part, setting) }
            </td>
        </tr>
    }
}

fn field(setting: &'static Setting, id: &str, value: &str) -> Html {
    let words: &[&str] = match (setting.only, setting.kind) {
        (Some(only), _) => only.values,
        (None, Kind::Bool) => &["true", "false"],
        (None, Kind::OneOf(words)) => words,
        _ => &[],
    };
    if words.is_empty() {
        let number = matches!(setting.kind, Kind::Int { .. });
        html! {
            <input
                id={id.to_owned()} name={setting.name} ~defaultValue={value.to_owned()} size="10" autocomplete="off"
                inputmode={number.then_some("numeric")} title={setting.allowed()}
            />
        }
    } else {
        html! {
            <select id={id.to_owned()} name={setting.name}>
                { for words.iter().map(|w| html! { <option value={*w} selected={*w == value}>{ *w }</option> }) }
            </select>
        }
    }
}

/// A topic's setting can be altered while it runs.
fn live(part: &Part, setting: &'static Setting) -> Html {
    if setting.scope != Scope::Topic {
        return Html::default();
    }
    let name = setting.name;
    let topics: Vec<String> =
        part.shown.view.topics.iter().filter(|t| !t.internal).map(|t| t.name.clone()).collect();
    let id = format!("set-{}-{name}", setting.scope.name());
    html! {
        <>{ " " }{ for topics.into_iter().map(|topic| {
            let (mount, id, label) = (Rc::clone(&part.mount), id.clone(), format!("alter {topic} now"));
            let onclick = Callback::from(move |e: MouseEvent| {
                let value = e
                    .target()
                    .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
                    .and_then(|b| b.closest("tr").ok().flatten())
                    .and_then(|row| row.query_selector(&format!("[id='{id}']")).ok().flatten())
                    .and_then(|field| named(&field));
                if let Some((_, value)) = value {
                    mount.wish(Ask::ActText(format!("set {topic} {name}={value}")));
                }
            });
            html! { <button class="link" {onclick}>{ label }</button> }
        }) }</>
    }
}
