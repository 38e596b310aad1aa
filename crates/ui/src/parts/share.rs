//! Links to this moment and code to embed it.

use super::menu::Over;
use super::{Part, press};
use crate::mount::Mount;
use std::rc::Rc;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Share(part: &Part) -> Html {
    let mount = &part.mount;
    let (link, embed, frame) = mount.with_port(|p| {
        (p.share_url(&mount.options), p.embed_code(&mount.options), p.frame_code(&mount.options))
    });
    html! {
        <Over part={part.clone()} title="Share">
            { copied(mount, "Link to this moment", "link", link) }
            { copied(mount, "Copy embed code: for a page that may load scripts", "embed code", embed) }
            { copied(mount, "As an iframe: for hosts that allow no scripts", "iframe code", frame) }
            <p>
                <button class="plain" onclick={press(mount, |m| {
                    let svg = m.snapshot();
                    copy(&svg);
                    m.chrome(|c| c.message = Some("the stage was copied as SVG".into()));
                })}>{ "Copy the stage as SVG" }</button>
                { " " }
                <button class="plain" onclick={press(mount, |m| drop(m.restart(None)))}>{ "Reset the run" }</button>
            </p>
        </Over>
    }
}

fn copied(mount: &Rc<Mount>, title: &'static str, what: &'static str, text: String) -> Html {
    let value = text.clone();
    html! {
        <div class="copied">
            <p><b>{ title }</b></p>
            <pre tabindex="0">{ &text }</pre>
            <button class="plain" onclick={press(mount, move |m| {
                copy(&value);
                m.chrome(|c| c.message = Some(format!("{what} copied")));
            })}>{ format!("Copy {what}") }</button>
        </div>
    }
}

fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        // Refused without permission; the text stays selectable on the page.
        let _ = window.navigator().clipboard().write_text(text);
    }
}
