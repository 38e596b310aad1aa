//! The whole figure. The stage keeps its place in the tree in every layout, for it is drawn outside it.

use super::{
    Part, faults, figure, header, help, inspector, lesson, menu, settings, share, stage, transport,
};
use crate::chrome::{Layout, Panel};
use crate::mount::Mount;
use std::rc::Rc;
use yew::prelude::*;

/// What the app is made for.
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// The figure.
    pub mount: Rc<Mount>,
}

/// The root component.
#[component]
pub fn App(props: &AppProps) -> Html {
    let again = use_force_update();
    {
        let mount = Rc::clone(&props.mount);
        use_effect_with((), move |()| {
            let inner = Rc::clone(&mount);
            mount.listen(Some(Callback::from(move |()| again.force_update())));
            inner.chrome(|_| ());
            move || mount.listen(None)
        });
    }
    let shown = props.mount.shown();
    let part = Part { mount: Rc::clone(&props.mount), shown: shown.clone() };
    let chrome = &shown.chrome;
    let shell = chrome.layout == Layout::Shell && !chrome.projector;
    let figure = chrome.layout == Layout::Figure && !chrome.projector;
    let panel = chrome.panel.filter(|_| !chrome.projector || chrome.panel == Some(Panel::Help));
    html! {
        <div
            class="hw"
            tabindex="-1"
            data-layout={if chrome.projector { "projector" } else { chrome.layout.id() }}
            data-profile={chrome.projector.then_some("projector")}
            data-blank={chrome.blank.then_some("blank")}
        >
            if shell {
                <header::Header ..part.clone() />
                // What is read. On a phone it scrolls as one, below the stage.
                <div class="hw-texts">
                    <lesson::LessonPanel ..part.clone() />
                    <inspector::Inspector ..part.clone() />
                </div>
            }
            <stage::Stage ..part.clone() />
            if shell {
                <transport::Transport ..part.clone() />
            }
            if figure && shown.lesson.question.is_some() {
                <super::question::ShortQuestion ..part.clone() />
            }
            if figure {
                <figure::Bar ..part.clone() />
            }
            if chrome.projector {
                <figure::Beat ..part.clone() />
            }
            if let Some(panel) = panel {
                { over(panel, &part) }
            }
        </div>
    }
}

fn over(panel: Panel, part: &Part) -> Html {
    match panel {
        Panel::Lessons => html! { <menu::Lessons ..part.clone() /> },
        Panel::Faults => html! { <faults::Faults ..part.clone() /> },
        Panel::Settings => html! { <settings::Settings ..part.clone() /> },
        Panel::Share => html! { <share::Share ..part.clone() /> },
        Panel::Help => html! { <help::Help ..part.clone() /> },
    }
}
