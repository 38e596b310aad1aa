//! A figure in an article: one bar below the stage; and the projector's one line.

use super::transport::play_button;
use super::{Part, icons, press};
use crate::format;
use crate::picture::Spot;
use crate::port::{Ask, Phase};
use std::rc::Rc;
use yew::prelude::*;

/// Back, play, on; the clock; what happens or what is asked.
#[component]
pub fn Bar(part: &Part) -> Html {
    let Part { mount, shown } = part;
    let (back, on) = mount.with_port(|p| (p.can_go_back(), p.can_go_on()));
    let unit = if shown.lesson.steps > 0 { "step" } else { "moment" };
    html! {
        <div class="hw-bar">
            <button class="round" aria-label={format!("previous {unit}")} disabled={!back} onclick={press(mount, crate::mount::Mount::back)}>
                { icons::marker_back() }
            </button>
            { play_button(part) }
            <button class="round" aria-label={format!("next {unit}")} disabled={!on} onclick={press(mount, crate::mount::Mount::forward)}>
                { icons::marker_forward() }
            </button>
            <Clock ..part.clone() />
            <span class="said" aria-live="polite">{ line(part) }</span>
            <a class="out" href={mount.with_port(|p| p.share_url(&mount.options))} target="_blank" rel="noopener" aria-label="open this moment on a full page">{ "↗" }</a>
        </div>
    }
}

/// The projector: the line of the beat and its count.
#[component]
pub fn Beat(part: &Part) -> Html {
    let lesson = &part.shown.lesson;
    html! {
        <div class="hw-beat">
            <Clock ..part.clone() />
            <span class="said" aria-live="polite">{ projector_line(part) }</span>
            if lesson.steps > 0 {
                <span class="count">{ format!("{}/{}", lesson.beat, lesson.beats) }</span>
            }
        </div>
    }
}

fn line(part: &Part) -> String {
    let lesson = &part.shown.lesson;
    if lesson.steps > 0 && !part.shown.place.playing {
        if lesson.line.is_empty() { lesson.headline.clone() } else { lesson.line.clone() }
    } else {
        part.shown.narration.clone()
    }
}

fn projector_line(part: &Part) -> String {
    let lesson = &part.shown.lesson;
    match &lesson.question {
        Some(q) if q.phase != Phase::Revealed => {
            let choices: Vec<&str> = q.choices.iter().map(|c| c.0.as_str()).collect();
            format!("{}  {}", q.text, choices.join("  /  "))
        }
        Some(q) => q.right.clone().unwrap_or_default(),
        None if lesson.steps > 0 && !lesson.line.is_empty() => lesson.line.clone(),
        None if lesson.steps > 0 => lesson.headline.clone(),
        None => part.shown.narration.clone(),
    }
}

/// The time, written by the frame loop.
#[component]
pub fn Clock(part: &Part) -> Html {
    let node = use_node_ref();
    {
        let (mount, node) = (Rc::clone(&part.mount), node.clone());
        use_effect_with((), move |()| {
            if let Some(element) = node.cast::<web_sys::Element>() {
                element.set_text_content(Some(&format::clock(mount.shown().place.now)));
                mount.attach(Spot::Clock, element);
            }
        });
    }
    html! { <b class="clock" ref={node}></b> }
}

/// For the space bar's sake: the same wish wherever it is pressed.
pub fn toggle(part: &Part) -> Callback<MouseEvent> {
    press(&part.mount, |m| m.wish(Ask::Toggle))
}
