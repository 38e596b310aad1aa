//! Lessons and scenarios to choose from; and the frame that all panels share.

use super::{Part, press};
use crate::Notice;
use yew::prelude::*;

/// A panel over the stage: title, content, a way out.
#[derive(Properties, PartialEq)]
pub struct OverProps {
    /// The figure.
    pub part: Part,
    /// Name.
    pub title: AttrValue,
    /// More styles.
    #[prop_or_default]
    pub class: Classes,
    /// Content.
    pub children: Html,
}

/// See [`OverProps`]. Takes the focus when it opens and gives it back when it goes.
#[component]
pub fn Over(props: &OverProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.title.clone(), move |_| {
            let panel = node.cast::<web_sys::HtmlElement>();
            let before = panel.as_ref().and_then(focused);
            if let Some(panel) = panel {
                let _ = panel.focus();
            }
            move || {
                if let Some(before) = before {
                    let _ = before.focus();
                }
            }
        });
    }
    html! {
        <section
            class={classes!("hw-over", props.class.clone())}
            role="dialog" aria-label={props.title.clone()} tabindex="-1" ref={node}
        >
            <header>
                <h2>{ &props.title }</h2>
                <button class="close" aria-label="close" onclick={press(&props.part.mount, |m| m.chrome(|c| c.panel = None))}>{ "×" }</button>
            </header>
            <div class="content" tabindex="0" role="group" aria-label={props.title.clone()}>{ props.children.clone() }</div>
        </section>
    }
}

fn focused(panel: &web_sys::HtmlElement) -> Option<web_sys::HtmlElement> {
    use wasm_bindgen::JsCast as _;
    let root = panel.get_root_node().dyn_into::<web_sys::ShadowRoot>().ok()?;
    root.active_element()?.dyn_into().ok()
}

/// The lessons menu.
#[component]
pub fn Lessons(part: &Part) -> Html {
    let current = &part.shown.lesson.id;
    let entry = |listed: &crate::options::Listed| {
        let id = listed.id.clone();
        let kind = match listed.steps {
            0 => "free to try".to_owned(),
            1 => "1 step".to_owned(),
            n => format!("{n} steps"),
        };
        html! {
            <li>
                <button
                    aria-current={(listed.id == *current).then_some("true")}
                    onclick={press(&part.mount, move |m| m.notify(Notice::Open { src: id.clone() }))}
                >
                    <b>{ &listed.title }</b>
                    <span>{ &listed.summary }</span>
                    <i class="small">{ kind }</i>
                </button>
            </li>
        }
    };
    let lessons = &part.mount.options.lessons;
    html! {
        <Over part={part.clone()} title="Lessons and scenarios" class="wide">
            if lessons.is_empty() {
                <p>{ "The list could not be loaded. Lessons can still be opened by their address: #src=acks" }</p>
            }
            <ul class="cards">{ for lessons.iter().filter(|l| l.steps > 0).map(entry) }</ul>
            <h3>{ "Clusters without a lesson" }</h3>
            <ul class="cards">{ for lessons.iter().filter(|l| l.steps == 0).map(entry) }</ul>
            <p class="small">
                { "Also here: " }<a href="blog-demo.html">{ "an article with figures" }</a>{ ", " }
                <a href="slides-demo.html">{ "slides" }</a>{ "." }
            </p>
        </Over>
    }
}
