//! The key of marks and the shortcuts: six marks, no more.

use super::Part;
use super::menu::Over;
use crate::keys::SHORTCUTS;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Help(part: &Part) -> Html {
    html! {
        <Over part={part.clone()} title="What you see" class="corner">
            { marks() }
            <details>
                <summary>{ "Keys" }</summary>
                <dl class="keys">
                    { for SHORTCUTS.iter().map(|(key, what)| html! { <><dt><kbd>{ *key }</kbd></dt><dd>{ *what }</dd></> }) }
                </dl>
            </details>
        </Over>
    }
}

/// The key of marks.
pub fn marks() -> Html {
    html! {
        <>
            <p>{ "A log grows upward. The replicas of a partition stand side by side on one offset scale, one broker each; between brokers is the network." }</p>
            <dl class="marks">
                { mark(record(false), "record", "a letter for its key, a number for its offset") }
                { mark(record(true), "dashed", "not committed: it may still be lost") }
                { mark(line("M2 14H38", "waterline"), "high watermark (HW)", "records below it are committed; consumers read only those") }
                { mark(line("M2 14H38", "cap"), "log end offset (LEO)", "the next record goes here") }
                { mark(float(), "circle", "how far the leader knows that broker to be; the line hangs at the lowest one in the ISR") }
                { mark(capsules(), "capsules", "hollow: a request (a follower asks for records); filled: the answer") }
            </dl>
            <p class="small">{ "ISR: the in-sync replicas, those that count for the line. Click anything for its fields and its why." }</p>
        </>
    }
}

fn mark(sign: Html, name: &'static str, meaning: &'static str) -> Html {
    html! { <><dt>{ sign }</dt><dd><b>{ name }</b>{ " " }{ meaning }</dd></> }
}

fn svg(inner: Html) -> Html {
    html! { <svg class="scene" viewBox="0 0 40 26" width="40" height="26" aria-hidden="true" focusable="false">{ inner }</svg> }
}

fn record(dry: bool) -> Html {
    let (batch, chip, key) =
        if dry { ("batch dry", "chip k1 pale", "key pale") } else { ("batch", "chip k1", "key") };
    svg(html! {
        <>
            <rect class={batch} x="1.5" y="2" width="37" height="22" rx="2" />
            <rect class={chip} x="4" y="4.5" width="17" height="17" rx="1" />
            <text class={key} x="12.5" y="17.3" font-size="12" text-anchor="middle">{ "B" }</text>
            <text x="35" y="17.3" font-size="12" text-anchor="end">{ "7" }</text>
        </>
    })
}

fn line(path: &'static str, class: &'static str) -> Html {
    svg(html! { <path class={class} d={path} /> })
}

fn float() -> Html {
    svg(html! {
        <>
            <path class="waterline" d="M0 13H40" />
            <circle class="float" cx="20" cy="13" r="9" />
            <text x="20" y="17.3" font-size="12" text-anchor="middle">{ "2" }</text>
        </>
    })
}

fn capsules() -> Html {
    svg(html! {
        <>
            <path class="request" d="M7 1.5H38V11H7L2 6.2z" />
            <path class="response" d="M2 15H33L38 19.7L33 24.5H2z" />
        </>
    })
}
