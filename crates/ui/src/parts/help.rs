//! The key of marks and the shortcuts: six marks of the view that is shown, no more.

use super::Part;
use super::menu::Over;
use crate::keys::SHORTCUTS;
use crate::options::ViewName;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Help(part: &Part) -> Html {
    html! {
        <Over part={part.clone()} title="What you see" class="corner">
            { marks(part.shown.chrome.view) }
            <details>
                <summary>{ "Keys" }</summary>
                <dl class="keys">
                    { for SHORTCUTS.iter().map(|(key, what)| html! { <><dt><kbd>{ *key }</kbd></dt><dd>{ *what }</dd></> }) }
                </dl>
            </details>
        </Over>
    }
}

/// The key of the marks of a view.
pub fn marks(view: ViewName) -> Html {
    let (says, marks) = match view {
        ViewName::Cluster => cluster(),
        ViewName::Replicas => replicas(),
        ViewName::Log => log(),
        ViewName::Group => group(),
        ViewName::SpaceTime => space_time(),
    };
    html! { <><p>{ says }</p><dl class="marks">{ marks }</dl></> }
}

fn cluster() -> (&'static str, Html) {
    let says = "A log grows upward. The replicas of a partition stand side by side on one offset scale, one broker each; between brokers is the network.";
    let marks = html! {
        <>
            { levels() }
            { mark(float(), "circle", "how far the leader knows that broker to be; the line hangs at the lowest one in the ISR, the in-sync replicas") }
            { mark(capsules(), "capsules", "hollow: a request (a follower asks for records); filled: the answer") }
        </>
    };
    (says, marks)
}

fn replicas() -> (&'static str, Html) {
    let says = "Every replica of one partition on one offset scale. Below each: what its numbers come from.";
    let marks = html! {
        <>
            { levels() }
            { mark(svg(html! { <rect class="epoch now" x="14" y="2" width="12" height="22" /> }), "epoch", "who led when these records were written: each new leader has the next number") }
            { mark(line("M2 13H38", "cutline"), "cut", "what this log has above it the leader has not: it will be removed") }
        </>
    };
    (says, marks)
}

/// What a log is drawn with.
fn levels() -> Html {
    html! {
        <>
            { mark(record(false), "record", "a letter for its key, a number for its offset") }
            { mark(record(true), "dashed", "not committed: it may still be lost. Pale in a full outline: committed, but this broker has not heard of it") }
            { mark(line("M2 14H38", "waterline"), "high watermark (HW)", "records below it are committed; consumers read only those") }
            { mark(line("M2 14H38", "cap"), "log end offset (LEO)", "the next record goes here") }
        </>
    }
}

fn log() -> (&'static str, Html) {
    let says = "One replica on disk. Left: its segment files, by offset. Middle: one file, by bytes, with its index. Right: one batch, field by field.";
    let marks = html! {
        <>
            { mark(svg(html! { <path class="cap" d="M14 3H8V23H14M26 3H32V23H26" /> }), "segment", "one file, named after its first offset; only whole files are deleted") }
            { mark(svg(html! { <rect class="solid" x="17" y="3" width="5" height="20" /> }), "full bar", "on disk: it survives a power loss") }
            { mark(svg(html! { <rect class="hollow" x="17.5" y="3.5" width="4" height="19" /> }), "hollow bar", "in the page cache only: it survives a crash of the broker, not of the machine") }
            { mark(svg(html! { <rect class="bar out" x="8.5" y="6.5" width="23" height="12" /> }), "dashed box", "a deleted file: renamed .deleted until file.delete.delay.ms is over") }
            { mark(record(false), "batch", "what the producer sent together; its records are inside") }
            { mark(record(true), "dashed", "not committed: it may still be lost") }
        </>
    };
    (says, marks)
}

fn group() -> (&'static str, Html) {
    let says = "Time runs to the right. Above: a row for each member, with what it owns. Below: each partition, what is there and what has been read.";
    let marks = html! {
        <>
            { mark(svg(html! { <rect class="batch" x="1" y="5" width="38" height="16" /> }), "filled row", "the partitions this member owns") }
            { mark(svg(html! { <rect class="hollow" x="1.5" y="5.5" width="37" height="15" /> }), "hollow row", "it waits for the others to join; nobody reads meanwhile") }
            { mark(svg(html! { <path class="solid" d="M20 5L27 13L20 21L13 13z" /> }), "full diamond", "what the member sent: JoinGroup, a commit") }
            { mark(svg(html! { <path class="hollow" d="M20 5L27 13L20 21L13 13z" /> }), "hollow diamond", "what it was told: rejoin") }
            { mark(line("M2 14H38", "waterline"), "high watermark (HW)", "consumers can read up to here") }
            { mark(svg(html! { <path class="hollow" d="M28 5V21L14 13z" /> }), "committed", "where the next owner goes on; the distance to the line is the lag") }
        </>
    };
    (says, marks)
}

fn space_time() -> (&'static str, Html) {
    let says = "Time runs to the right, one line for each process. An arrow is a message: the steeper, the faster. Shaded bands are quiet time made short, with its length.";
    let marks = html! {
        <>
            { mark(capsules(), "labels", "hollow: a request; filled: the answer") }
            { mark(svg(html! { <path class="cap dotted" d="M6 3L34 23" stroke-dasharray="3 3" /> }), "dotted arrow", "still on its way") }
            { mark(svg(html! { <path class="cap" d="M2 20V12H38V20" /> }), "bracket", "a request that waits at the broker: a produce for the HW, a fetch for records") }
            { mark(svg(html! { <path class="waterline" d="M0 18H20V9H40" /> }), "stairs", "the high watermark as this broker knows it") }
        </>
    };
    (says, marks)
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
