//! Text of a lesson: blocks that were parsed when it was packed.

use highwater_lesson::{Block, Inline};
use yew::prelude::*;

/// Blocks as elements.
pub fn blocks(blocks: &[Block]) -> Html {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> Html {
    match block {
        Block::Paragraph(text) => html! { <p>{ inline(text) }</p> },
        Block::List { numbered, items } => {
            let items: Html = items.iter().map(|i| html! { <li>{ inline(i) }</li> }).collect();
            if *numbered {
                html! { <ol>{ items }</ol> }
            } else {
                html! { <ul>{ items }</ul> }
            }
        }
        Block::Code(text) => html! { <pre tabindex="0"><code>{ text }</code></pre> },
    }
}

/// Inline text as elements.
pub fn inline(text: &[Inline]) -> Html {
    text.iter()
        .map(|piece| match piece {
            Inline::Text(t) => html! { { t } },
            Inline::Strong(t) => html! { <strong>{ t }</strong> },
            Inline::Code(t) => html! { <code>{ t }</code> },
            Inline::Link { text, to } => html! { <a href={to.clone()}>{ text }</a> },
        })
        .collect()
}
