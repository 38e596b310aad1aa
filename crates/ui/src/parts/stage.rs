//! The place of the live picture and of what is said over it.

use super::{Part, press};
use crate::chrome::Layout;
use crate::options::ViewName;
use crate::picture::Spot;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Stage(part: &Part) -> Html {
    let holder = use_node_ref();
    {
        let (mount, holder) = (Rc::clone(&part.mount), holder.clone());
        use_effect_with((), move |()| {
            if let Some(element) = holder.cast::<web_sys::Element>() {
                mount.attach(Spot::Stage, element);
            }
        });
    }
    let onclick = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |e: MouseEvent| {
            if let Some(pick) = picked(&e) {
                mount.select(Some(pick));
            } else {
                mount.select(None);
            }
        })
    };
    let onkeydown = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |e: KeyboardEvent| {
            let key = e.key();
            match key.as_str() {
                "Enter" | " " => {
                    if let Some(pick) = picked(&e) {
                        mount.select(Some(pick));
                        e.prevent_default();
                    }
                }
                "ArrowDown" | "ArrowUp"
                    if picked(&e).is_some() && mount.move_focus(key == "ArrowDown") =>
                {
                    e.prevent_default();
                }
                _ => {}
            }
        })
    };
    let shown = &part.shown;
    html! {
        <section class="hw-stage" aria-label="Stage">
            <div class="holder" ref={holder} {onclick} {onkeydown}></div>
            if shown.chrome.view == ViewName::Log && shown.chrome.layout == Layout::Shell && !shown.chrome.projector {
                { log_tools(part) }
            }
            if let Some(message) = &shown.chrome.message {
                <p class="toast" role="alert">
                    { message }
                    <button aria-label="dismiss" onclick={press(&part.mount, |m| m.chrome(|c| c.message = None))}>{ "×" }</button>
                </p>
            }
        </section>
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

/// The pick of the nearest mark around what was hit.
fn picked(event: &web_sys::Event) -> Option<String> {
    let target = event.composed_path().get(0).dyn_into::<web_sys::Element>().ok()?;
    target.closest("[data-pick]").ok()??.get_attribute("data-pick")
}
