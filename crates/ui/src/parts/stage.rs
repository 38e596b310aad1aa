//! The place of the live picture and of what is said over it.

use super::{Part, press};
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
    let over = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |e: web_sys::Event| mount.point_at(picked(&e).as_deref()))
    };
    let onpointerover = over.reform(|e: PointerEvent| e.into());
    let onfocusin = over.reform(|e: FocusEvent| e.into());
    let onpointerleave = {
        let mount = Rc::clone(&part.mount);
        Callback::from(move |_: PointerEvent| mount.point_at(None))
    };
    let shown = &part.shown;
    html! {
        <section class="hw-stage" aria-label="Stage">
            <div class="holder" ref={holder} {onclick} {onkeydown} {onpointerover} {onpointerleave} {onfocusin}></div>
            if let Some(message) = &shown.chrome.message {
                <p class="toast" role="alert">
                    { message }
                    <button aria-label="dismiss" onclick={press(&part.mount, |m| m.chrome(|c| c.message = None))}>{ "×" }</button>
                </p>
            }
        </section>
    }
}

/// The pick of the nearest mark around what was hit.
fn picked(event: &web_sys::Event) -> Option<String> {
    let target = event.composed_path().get(0).dyn_into::<web_sys::Element>().ok()?;
    target.closest("[data-pick]").ok()??.get_attribute("data-pick")
}
