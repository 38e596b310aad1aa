//! Signs on buttons, drawn like the stage: flat, no curves but circles.

use yew::prelude::*;

fn icon(path: &'static str) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    }
}

pub fn play() -> Html {
    icon("M7 4v16l13-8z")
}
pub fn pause() -> Html {
    icon("M6 4h4.5v16H6zM13.5 4H18v16h-4.5z")
}
pub fn back() -> Html {
    icon("M17 4v16L4 12z")
}
pub fn forward() -> Html {
    icon("M7 4v16l13-8z")
}
pub fn marker_back() -> Html {
    icon("M4 4h3v16H4zM20 4v16L8 12z")
}
pub fn marker_forward() -> Html {
    icon("M17 4h3v16h-3zM4 4v16l12-8z")
}
pub fn slowly() -> Html {
    html! {
        <svg class="icon line" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <path d="M6.5 6A8 8 0 1 0 12 4M12 4l-4-2.6v5.2z" />
        </svg>
    }
}
pub fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 26 22" width="26" height="22" aria-hidden="true" focusable="false">
            <path class="posts" d="M4 20V3M13 20V1M22 20V8" />
            <path class="level" d="M0 11H26" />
        </svg>
    }
}
pub fn tick() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 13 13" width="13" height="13" role="img" aria-label="done">
            <path d="M1.5 7l3.5 4L11.5 2" />
        </svg>
    }
}
pub fn open_box() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 13 13" width="13" height="13" role="img" aria-label="to do">
            <path d="M1.5 1.5h10v10h-10z" />
        </svg>
    }
}
