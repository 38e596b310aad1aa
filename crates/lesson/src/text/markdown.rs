//! The Markdown subset of `say`: paragraphs, lists, fenced code, emphasis, code and relative links.

use crate::{Block, Inline};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// What is not of the subset, with the byte it stands at within the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkdownError {
    /// Byte position within the text.
    pub at: usize,
    /// What was found.
    pub found: String,
}

/// The subset in a sentence, for messages.
pub const MARKDOWN_ALLOWED: &str = "allowed: paragraphs, lists of one level, code blocks, *emphasis*, \
                                    `code` and [relative](links)";

/// Text to blocks.
pub fn blocks(text: &str) -> Result<Vec<Block>, MarkdownError> {
    let mut build = Build::default();
    for (event, range) in Parser::new(text).into_offset_iter() {
        build.event(event).map_err(|found| MarkdownError { at: range.start, found })?;
    }
    Ok(build.blocks)
}

#[derive(Default)]
struct Build {
    blocks: Vec<Block>,
    inline: Vec<Inline>,
    /// Items of the open list, and whether it is numbered.
    list: Option<(bool, Vec<Vec<Inline>>)>,
    code: Option<String>,
    strong: u32,
    link: Option<(String, String)>,
}

impl Build {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(tag) => self.start(tag)?,
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => match &mut self.link {
                Some((shown, _)) => shown.push_str(&text),
                None => self.inline.push(Inline::Code(text.to_string())),
            },
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::Html(_) | Event::InlineHtml(_) => return Err("found HTML".to_owned()),
            Event::Rule => return Err("found a rule".to_owned()),
            _ => return Err("found a footnote, a formula or a check box".to_owned()),
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag<'_>) -> Result<(), String> {
        match tag {
            Tag::Paragraph | Tag::Item => {}
            Tag::List(first) => {
                if self.list.is_some() {
                    return Err("found a list within a list".to_owned());
                }
                self.list = Some((first.is_some(), Vec::new()));
            }
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                if self.list.is_some() {
                    return Err("found a code block within a list".to_owned());
                }
                self.code = Some(String::new());
            }
            Tag::Emphasis | Tag::Strong => self.strong += 1,
            Tag::Link { dest_url, .. } => {
                if dest_url.contains(':') || dest_url.starts_with("//") {
                    return Err(format!("found a link out of the site, \"{dest_url}\""));
                }
                self.link = Some((String::new(), dest_url.to_string()));
            }
            Tag::Heading { .. } => return Err("found a heading".to_owned()),
            Tag::BlockQuote(_) => return Err("found a quotation".to_owned()),
            Tag::Image { .. } => return Err("found an image".to_owned()),
            _ => return Err("found HTML, a table or a footnote".to_owned()),
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph if self.list.is_none() => {
                let inline = std::mem::take(&mut self.inline);
                self.blocks.push(Block::Paragraph(inline));
            }
            TagEnd::Paragraph => {}
            TagEnd::Item => {
                let inline = std::mem::take(&mut self.inline);
                if let Some((_, items)) = &mut self.list {
                    items.push(inline);
                }
            }
            TagEnd::List(_) => {
                if let Some((numbered, items)) = self.list.take() {
                    self.blocks.push(Block::List { numbered, items });
                }
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.blocks.push(Block::Code(code.trim_end().to_owned()));
                }
            }
            TagEnd::Emphasis | TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Link => {
                if let Some((text, to)) = self.link.take() {
                    self.inline.push(Inline::Link { text, to });
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            return code.push_str(text);
        }
        if let Some((shown, _)) = &mut self.link {
            return shown.push_str(text);
        }
        match (self.inline.last_mut(), self.strong > 0) {
            (Some(Inline::Strong(last)), true) | (Some(Inline::Text(last)), false) => {
                last.push_str(text);
            }
            (_, true) => self.inline.push(Inline::Strong(text.to_owned())),
            (_, false) => self.inline.push(Inline::Text(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Inline {
        Inline::Text(t.into())
    }

    #[test]
    fn the_subset() {
        let found = blocks(
            "A *record* is `key`\nand value, see [logs](#src=retention).\n\n1. one\n2. **two**\n\n```\nacks=all\n```\n",
        );
        let expected = vec![
            Block::Paragraph(vec![
                text("A "),
                Inline::Strong("record".into()),
                text(" is "),
                Inline::Code("key".into()),
                text(" and value, see "),
                Inline::Link { text: "logs".into(), to: "#src=retention".into() },
                text("."),
            ]),
            Block::List {
                numbered: true,
                items: vec![vec![text("one")], vec![Inline::Strong("two".into())]],
            },
            Block::Code("acks=all".into()),
        ];
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn what_is_not_of_the_subset_is_named_with_its_place() {
        for (source, at, word) in [
            ("ok\n\n# head", 4, "heading"),
            ("an ![image](a.png)", 3, "image"),
            ("see [it](https://example.org)", 4, "link out"),
            ("<b>bold</b>", 0, "HTML"),
            ("- a\n  - b", 6, "list within"),
        ] {
            let error = blocks(source).expect_err(source);
            assert!(error.found.contains(word), "{source}: {error:?}");
            assert_eq!(error.at, at, "{source}: {error:?}");
        }
    }
}
