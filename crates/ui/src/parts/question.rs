//! A question of the lesson: mark an answer, commit, and the engine answers by running on.

use super::{Part, press, text};
use crate::port::{Ask, Phase, QuestionSlice};
use std::rc::Rc;
use yew::prelude::*;

/// In the lesson panel.
#[component]
pub fn Question(part: &Part) -> Html {
    let Some(question) = &part.shown.lesson.question else { return Html::default() };
    let open = question.phase == Phase::Open;
    let marked = question.chosen.or(part.shown.chrome.marked);
    html! {
        <fieldset class="question">
            <legend>{ &question.text }</legend>
            { for question.choices.iter().enumerate().map(|(i, (value, comment))| {
                let mount = Rc::clone(&part.mount);
                let right = question.right.as_ref() == Some(value);
                let wrong = question.right.is_some() && !right && question.chosen == Some(i);
                html! {
                    <label class={classes!(right.then_some("right"), wrong.then_some("wrong"))}>
                        <input
                            type="radio"
                            name="answer"
                            checked={marked == Some(i)}
                            disabled={!open}
                            onchange={Callback::from(move |_| mount.chrome(|c| c.marked = Some(i)))}
                        />
                        <b>{ value }</b>
                        // A comment may give the answer away.
                        <span>{ question.right.as_ref().map(|_| comment.clone()) }</span>
                        if right {
                            <em>{ "the engine's answer" }</em>
                        }
                    </label>
                }
            }) }
            { below(part, question, marked) }
        </fieldset>
    }
}

fn below(part: &Part, question: &QuestionSlice, marked: Option<usize>) -> Html {
    match question.phase {
        Phase::Open => html! {
            <button class="plain go" disabled={marked.is_none()} onclick={commit(part)}>{ "Commit and run on" }</button>
        },
        Phase::Running => {
            html! { <p class="small" role="status">{ "The engine runs on to find out." }</p> }
        }
        Phase::Revealed => html! {
            <div class="why" role="status">
                <p><strong>{ verdict(question) }</strong></p>
                { text::blocks(&question.why) }
            </div>
        },
    }
}

fn verdict(question: &QuestionSlice) -> String {
    let right = question.right.clone().unwrap_or_default();
    let chosen = question.chosen.and_then(|i| question.choices.get(i)).map(|c| &c.0);
    match chosen {
        Some(answer) if *answer == right => format!("{right}: as you said."),
        Some(answer) => format!("{right}, not {answer}."),
        None => format!("It is {right}."),
    }
}

fn commit(part: &Part) -> Callback<MouseEvent> {
    press(&part.mount, |m| {
        let marked = m.shown().chrome.marked;
        m.wish(marked.map_or(Ask::Reveal, Ask::Answer));
    })
}

/// In the bar of a figure: one press answers.
#[component]
pub fn ShortQuestion(part: &Part) -> Html {
    let Some(question) = &part.shown.lesson.question else { return Html::default() };
    let text = match question.phase {
        Phase::Revealed => verdict(question),
        _ => question.text.clone(),
    };
    html! {
        <div class="short-question" role="group" aria-label={question.text.clone()}>
            <span>{ text }</span>
            { for question.choices.iter().enumerate().map(|(i, (value, _))| html! {
                <button
                    class={classes!(
                        "plain",
                        (question.chosen == Some(i)).then_some("chosen"),
                        (question.right.as_ref() == Some(value)).then_some("right"),
                    )}
                    disabled={question.phase != Phase::Open}
                    onclick={press(&part.mount, move |m| m.wish(Ask::Answer(i)))}
                >{ value }</button>
            }) }
        </div>
    }
}
