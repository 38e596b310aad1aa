//! The line on top: where one is, the views, and what one can do to the page.

use super::{Part, icons, press};
use crate::Notice;
use crate::chrome::Panel;
use crate::mount::Mount;
use crate::options::ViewName;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

/// See the module.
#[component]
pub fn Header(part: &Part) -> Html {
    let Part { mount, shown } = part;
    let chrome = &shown.chrome;
    let allow = mount.options.allow;
    let panel = |panel: Panel, title: &'static str, class: &'static str| {
        html! {
            <button
                class={classes!("menu", class)}
                aria-expanded={(chrome.panel == Some(panel)).to_string()}
                aria-haspopup="dialog"
                onclick={press(mount, move |m| m.toggle_panel(panel))}
            >{ title }</button>
        }
    };
    html! {
        <header class="hw-header">
            <span class="brand">{ icons::logo() }<b>{ "Highwater" }</b></span>
            { panel(Panel::Lessons, "Lessons", "lessons") }
            <nav aria-label="Views">{ for ViewName::ALL.into_iter().map(|v| tab(part, v)) }</nav>
            { select(part) }
            <span class="right">
                if allow.faults {
                    { panel(Panel::Faults, "Faults", "") }
                }
                if allow.config {
                    { panel(Panel::Settings, "Settings", "") }
                }
                if allow.share {
                    { panel(Panel::Share, "Share", "") }
                }
                <button
                    class="menu wide-only"
                    onclick={press(mount, |m| m.chrome(|c| {
                        c.projector = true;
                        c.panel = None;
                    }))}
                >{ "Projector" }</button>
                <button class="menu" onclick={press(mount, next_theme)}>{ theme_title(&chrome.theme) }</button>
                <button
                    class="menu"
                    aria-label="Help: marks and keys"
                    aria-expanded={(chrome.panel == Some(Panel::Help)).to_string()}
                    onclick={press(mount, |m| m.toggle_panel(Panel::Help))}
                >{ "?" }</button>
            </span>
        </header>
    }
}

fn tab(part: &Part, view: ViewName) -> Html {
    let current = part.shown.chrome.view == view;
    html! {
        <button
            class="tab"
            aria-current={current.then_some("page")}
            onclick={press(&part.mount, move |m| m.chrome(|c| c.view = view))}
        >{ view.title() }</button>
    }
}

/// The same choice where there is no room for tabs.
fn select(part: &Part) -> Html {
    let mount = Rc::clone(&part.mount);
    let onchange = Callback::from(move |e: Event| {
        let value = e
            .target()
            .and_then(|t| t.dyn_into::<web_sys::HtmlSelectElement>().ok())
            .map(|s| s.value());
        if let Some(view) = value.and_then(|v| ViewName::of(&v)) {
            mount.chrome(|c| c.view = view);
        }
    });
    let current = part.shown.chrome.view;
    html! {
        <select class="views" aria-label="View" {onchange}>
            { for ViewName::ALL.into_iter().map(|v| html! {
                <option value={v.id()} selected={v == current}>{ v.title() }</option>
            }) }
        </select>
    }
}

/// What a press leads to.
fn theme_title(theme: &str) -> &'static str {
    match theme {
        "light" => "Dark",
        "dark" => "Auto",
        _ => "Light",
    }
}

fn next_theme(mount: &Rc<Mount>) {
    let mut theme = String::new();
    mount.chrome(|c| {
        c.theme = match c.theme.as_str() {
            "light" => "dark",
            "dark" => "auto",
            _ => "light",
        }
        .into();
        theme.clone_from(&c.theme);
    });
    mount.notify(Notice::Theme { theme });
}
