//! The lesson beside the stage: where one is, what is said, what is asked, what can be tried.

use super::question::Question;
use super::{Part, icons, press, text};
use crate::port::{Ask, LessonSlice, Phase};
use yew::prelude::*;

/// See the module.
#[component]
pub fn LessonPanel(part: &Part) -> Html {
    let lesson = &part.shown.lesson;
    let reading = use_node_ref();
    {
        // Another step is read from its beginning.
        let (reading, step) = (reading.clone(), (lesson.id.clone(), lesson.step));
        use_effect_with(step, move |_| {
            if let Some(element) = reading.cast::<web_sys::Element>() {
                element.set_scroll_top(0);
                // On a phone all that is read scrolls, on a low one the whole page.
                for around in [".hw-texts", ".hw"] {
                    if let Ok(Some(scroller)) = element.closest(around) {
                        scroller.set_scroll_top(0);
                    }
                }
            }
        });
    }
    html! {
        <aside class="hw-lesson" aria-label="Lesson">
            // The way on stands above what is read, always at the same place and never scrolled away.
            if lesson.steps > 0 {
                <div class="way">
                    <p class="small"><span>{ &lesson.title }</span><b>{ format!("{}/{}", lesson.step, lesson.steps) }</b></p>
                    { progress(lesson) }
                    { walk(part) }
                </div>
            }
            <div class="reading" ref={reading}>
                <h1>{ if lesson.steps > 0 { &lesson.headline } else { &lesson.title } }</h1>
                if let Some(from) = lesson.goes_on_from {
                    <p class="small" role="status">{ from }</p>
                }
                { text::blocks(&lesson.say) }
                if lesson.steps == 0 {
                    <p>{ &lesson.summary }</p>
                }
                <Question ..part.clone() />
                { tasks(lesson) }
                { assumptions(lesson) }
            </div>
        </aside>
    }
}

/// One stroke a step.
fn progress(lesson: &LessonSlice) -> Html {
    html! {
        <div class="steps" role="img" aria-label={format!("step {} of {}", lesson.step, lesson.steps)}>
            { for (1..=lesson.steps).map(|n| {
                let class = if n < lesson.step { "done" } else if n == lesson.step { "now" } else { "" };
                html! { <i class={class}></i> }
            }) }
        </div>
    }
}

fn walk(part: &Part) -> Html {
    let lesson = &part.shown.lesson;
    if lesson.steps == 0 {
        return Html::default();
    }
    let (back, on) = part.mount.with_port(|p| (p.can_go_back(), p.can_go_on()));
    let open = lesson.question.as_ref().is_some_and(|q| q.right.is_none());
    let asked = lesson.question.as_ref().is_some_and(|q| q.phase == Phase::Open);
    // Who skips holds no vote: the beat of the vote is for a room.
    let on_press =
        press(&part.mount, move |m| if asked { m.wish(Ask::Reveal) } else { m.forward() });
    html! {
        <p class="walk">
            <button class="plain" disabled={!back} onclick={press(&part.mount, crate::mount::Mount::back)}>{ "Back" }</button>
            <button
                class={classes!("plain", (!open).then_some("go"))}
                disabled={!on}
                onclick={on_press}
            >{ if open { "Skip" } else { "Next" } }</button>
            if let Some(stuck) = &lesson.stuck {
                <span class="small" role="status">{ stuck }</span>
            } else if lesson.waiting {
                <span class="small">{ "runs on" }</span>
            }
        </p>
    }
}

fn tasks(lesson: &LessonSlice) -> Html {
    if lesson.tasks.is_empty() {
        return Html::default();
    }
    // They are for the end; until then they do not stand between the reader and the step.
    let done = lesson.tasks.iter().filter(|(_, done)| *done).count();
    html! {
        <details class="try" open={lesson.free || lesson.steps == 0}>
            <summary>{ format!("To try: {done} of {} done", lesson.tasks.len()) }</summary>
            <ul class="tasks">
                { for lesson.tasks.iter().map(|(task, done)| html! {
                    <li class={done.then_some("done")}>
                        { if *done { icons::tick() } else { icons::open_box() } }
                        <span>{ task }</span>
                    </li>
                }) }
            </ul>
        </details>
    }
}

fn assumptions(lesson: &LessonSlice) -> Html {
    if lesson.assumptions.is_empty() {
        return Html::default();
    }
    html! {
        <details>
            <summary>{ "What this run assumes" }</summary>
            <ul class="dots">{ for lesson.assumptions.iter().map(|a| html! { <li>{ a }</li> }) }</ul>
        </details>
    }
}
