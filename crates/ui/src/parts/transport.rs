//! Time at the foot: play, step, scrub, speed, and what happened.

use super::figure::{Clock, toggle};
use super::{Part, icons, press};
use crate::mount::Mount;
use crate::picture::Spot;
use crate::port::Ask;
use crate::speed;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Transport(part: &Part) -> Html {
    let Part { mount, shown } = part;
    let button = |label: &'static str, icon: Html, ask: Ask| {
        html! {
            <button class="round" aria-label={label} title={label} onclick={press(mount, move |m| m.wish(ask.clone()))}>{ icon }</button>
        }
    };
    html! {
        <footer class="hw-transport" aria-label="Time">
            <div class="buttons">
                { button("previous marker", icons::marker_back(), Ask::Marker(-1)) }
                { button("previous moment", icons::back(), Ask::Moment(-1)) }
                { play_button(part) }
                { button("next moment", icons::forward(), Ask::Moment(1)) }
                { button("next marker", icons::marker_forward(), Ask::Marker(1)) }
                <button class="slowly" aria-label="2 s slowly" title="the last 2 seconds of the screen again, slowly" onclick={press(mount, |m| m.wish(Ask::ReplaySlow))}>
                    { icons::slowly() }<span>{ "2 s slowly" }</span>
                </button>
            </div>
            <p class="now">
                <Clock ..part.clone() />
                <span class="said" aria-live={if shown.place.playing { "off" } else { "polite" }}>{ &shown.narration }</span>
            </p>
            <Strip ..part.clone() />
            <div class="speed">
                <Speed ..part.clone() />
                <Gauge ..part.clone() />
                <span class="small where">
                    { format!("seed {}, event {} ", shown.view.seed, shown.place.event) }
                    <button class="link" onclick={press(mount, |m| drop(m.restart(None)))}>{ "reset" }</button>
                </span>
            </div>
            { branches(part) }
        </footer>
    }
}

/// The one big button.
pub fn play_button(part: &Part) -> Html {
    let playing = part.shown.place.playing;
    html! {
        <button class="round go" aria-label={if playing { "pause" } else { "play" }} onclick={toggle(part)}>
            { if playing { icons::pause() } else { icons::play() } }
        </button>
    }
}

fn branches(part: &Part) -> Html {
    if part.shown.branches.len() < 2 {
        return Html::default();
    }
    html! {
        <div class="branches" role="group" aria-label="Branches of this run">
            { for part.shown.branches.iter().map(|b| {
                let index = b.index;
                html! {
                    <button
                        class="plain"
                        aria-pressed={b.current.to_string()}
                        onclick={press(&part.mount, move |m| m.wish(Ask::SwitchBranch(index)))}
                    >{ &b.name }</button>
                }
            }) }
        </div>
    }
}

/// Speed on a logarithmic scale: a step of the slider is a factor of the square root of two.
#[component]
fn Speed(part: &Part) -> Html {
    let mount = Rc::clone(&part.mount);
    let oninput = Callback::from(move |e: InputEvent| {
        let value = e
            .target()
            .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok())
            .map(|i| i.value());
        if let Some(steps) = value.and_then(|v| v.parse().ok()) {
            mount.wish(Ask::Speed(speed::factor(steps)));
        }
    });
    let factor = part.shown.place.speed;
    let said = speed::text(factor);
    html! {
        <label class="slider">
            <span class="small">{ "speed" }</span>
            <input
                type="range" min="-64" max="64" step="8" value={speed::steps(factor).to_string()}
                aria-valuetext={said.clone()} {oninput}
            />
            <b>{ said }</b>
        </label>
    }
}

/// How much virtual time a second on screen is, and whether quiet spans shrink.
#[component]
fn Gauge(part: &Part) -> Html {
    let node = use_node_ref();
    {
        let (mount, node) = (Rc::clone(&part.mount), node.clone());
        use_effect_with((), move |()| {
            if let Some(element) = node.cast::<web_sys::Element>() {
                mount.attach(Spot::Gauge, element);
            }
        });
    }
    let linear = part.shown.place.linear;
    html! {
        <button
            class="gauge"
            aria-pressed={linear.to_string()}
            title={if linear { "time runs evenly; press to shorten quiet spans" } else { "quiet spans are shortened; press for even time" }}
            onclick={press(&part.mount, move |m| m.wish(Ask::Linear(!linear)))}
        ><span ref={node}></span></button>
    }
}

/// The timeline: drag or use the keys to go anywhere.
#[component]
fn Strip(part: &Part) -> Html {
    let (strip, holder, head) = (use_node_ref(), use_node_ref(), use_node_ref());
    {
        let (mount, holder, head) = (Rc::clone(&part.mount), holder.clone(), head.clone());
        use_effect_with((), move |()| {
            if let Some(element) = holder.cast::<web_sys::Element>() {
                mount.attach(Spot::Strip, element);
            }
            if let Some(element) = head.cast::<web_sys::Element>() {
                mount.attach(Spot::Head, element);
            }
        });
    }
    let place = &part.shown.place;
    let (mount, end) = (Rc::clone(&part.mount), place.screen_end_ms);
    let onpointerdown = {
        // Yew listens at its root, so the event's own target is not the strip.
        let (mount, strip) = (Rc::clone(&mount), strip.clone());
        Callback::from(move |e: PointerEvent| {
            if let Some(strip) = strip.cast::<web_sys::Element>() {
                let _ = strip.set_pointer_capture(e.pointer_id());
                seek(&mount, &strip, &e, true);
            }
        })
    };
    let onpointermove = {
        let (mount, strip) = (Rc::clone(&mount), strip.clone());
        Callback::from(move |e: PointerEvent| {
            let strip = strip.cast::<web_sys::Element>();
            if let Some(strip) = strip.filter(|s| s.has_pointer_capture(e.pointer_id())) {
                seek(&mount, &strip, &e, false);
            }
        })
    };
    let now = place.screen_ms;
    let onkeydown = Callback::from(move |e: KeyboardEvent| {
        let ask = match e.key().as_str() {
            "ArrowRight" | "ArrowUp" => Ask::Moment(1),
            "ArrowLeft" | "ArrowDown" => Ask::Moment(-1),
            "PageUp" => Ask::Marker(1),
            "PageDown" => Ask::Marker(-1),
            "Home" => Ask::SeekScreen(0),
            "End" => Ask::SeekScreen(end),
            _ => return,
        };
        e.prevent_default();
        e.stop_propagation();
        mount.wish(ask);
    });
    html! {
        <div
            ref={strip} class="strip" role="slider" tabindex="0" aria-label="Timeline"
            aria-valuemin="0" aria-valuemax={end.to_string()} aria-valuenow={now.to_string()}
            aria-valuetext={crate::format::clock(place.now)}
            {onpointerdown} {onpointermove} {onkeydown}
        >
            <div class="holder" ref={holder} aria-hidden="true"></div>
            <i class="head" ref={head}></i>
        </div>
    }
}

fn seek(mount: &Rc<Mount>, strip: &web_sys::Element, event: &PointerEvent, pause: bool) {
    let area = strip.get_bounding_client_rect();
    let part = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
    let ms = mount.with_port(|p| p.strip_ms(part.clamp(0.0, 1.0), area.width()));
    if pause {
        mount.wish(Ask::Pause);
    }
    mount.wish(Ask::SeekScreen(ms));
}
