//! A scene as SVG text: stable, standalone where wanted, the same attributes as in the live page.

use crate::element::{Element, element, number};
use crate::{Item, Scene, Shape};

/// How the text is made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SvgOptions {
    /// A style sheet to put inside, so that the picture stands alone.
    pub css: Option<String>,
    /// With the namespace, as a file of its own needs it.
    pub standalone: bool,
    /// Before every id, so that several pictures can be in one page.
    pub id_prefix: String,
    /// Longer description; empty = none.
    pub description: String,
    /// `light` or `dark`; `None` = as the surroundings say.
    pub theme: Option<&'static str>,
    /// Name of a profile of the style sheet, such as `projector`.
    pub profile: Option<&'static str>,
    /// Width in pixels; the height follows. `None` = as wide as its place.
    pub pixel_width: Option<i32>,
}

/// Attributes of the root element, in order; the live picture sets the same.
pub fn root_attributes(scene: &Scene, options: &SvgOptions) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if options.standalone {
        out.push(("xmlns", "http://www.w3.org/2000/svg".to_owned()));
    }
    out.push(("class", "scene".to_owned()));
    out.push(("viewBox", format!("0 0 {} {}", number(scene.width), number(scene.height))));
    if let Some(width) = options.pixel_width {
        let height = i64::from(width) * i64::from(scene.height) / i64::from(scene.width.max(1));
        out.push(("width", width.to_string()));
        out.push(("height", height.to_string()));
    }
    if let Some(theme) = options.theme {
        out.push(("data-theme", theme.to_owned()));
    }
    if let Some(profile) = options.profile {
        out.push(("data-profile", profile.to_owned()));
    }
    out.push(("role", "img".to_owned()));
    let prefix = &options.id_prefix;
    let mut names = format!("{prefix}title");
    if !options.description.is_empty() {
        names.push_str(&format!(" {prefix}desc"));
    }
    out.push(("aria-labelledby", names));
    out
}

/// The scene as SVG text.
pub fn to_svg(scene: &Scene, options: &SvgOptions) -> String {
    let mut out = String::with_capacity(64 * 1024);
    open(&mut out, "svg", &root_attributes(scene, options));
    out.push('\n');
    let prefix = &options.id_prefix;
    out.push_str(&format!("<title id=\"{}title\">", escape(prefix)));
    out.push_str(&escape(&scene.title));
    out.push_str("</title>\n");
    if !options.description.is_empty() {
        out.push_str(&format!("<desc id=\"{}desc\">", escape(prefix)));
        out.push_str(&escape(&options.description));
        out.push_str("</desc>\n");
    }
    if let Some(css) = &options.css {
        // In XML a style sheet is text like any other; ">" may stay, "<" and "&" may not.
        out.push_str("<style>");
        out.push_str(&css.replace('&', "&amp;").replace('<', "&lt;"));
        out.push_str("</style>\n");
    }
    for item in &scene.items {
        write_item(&mut out, item, 0);
    }
    out.push_str("</svg>\n");
    out
}

fn write_item(out: &mut String, item: &Item, depth: usize) {
    let Element { tag, attributes, text } = element(item);
    out.push_str(&"  ".repeat(depth));
    open(out, tag, &attributes);
    if let Some(text) = text {
        out.push_str(&escape(&text));
    }
    if let Shape::Group { children, .. } = &item.shape {
        out.push('\n');
        for child in children {
            write_item(out, child, depth + 1);
        }
        out.push_str(&"  ".repeat(depth));
    }
    out.push_str("</");
    out.push_str(tag);
    out.push_str(">\n");
}

fn open(out: &mut String, tag: &str, attributes: &[(&'static str, String)]) {
    out.push('<');
    out.push_str(tag);
    for (name, value) in attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        out.push_str(&escape(value));
        out.push('"');
    }
    out.push('>');
}

/// Text for element content or an attribute in double quotes. Characters that XML 1.0 forbids
/// become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if u32::from(c) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Anchor, Point, u};

    #[test]
    fn text_is_escaped_and_stable() {
        let mut scene = Scene { width: u(20), height: u(10), ..Scene::default() };
        scene.title = "a < b & \"c\"".to_owned();
        let text = Shape::Text {
            at: Point { x: 150, y: u(5) },
            text: "<\u{1}>".into(),
            anchor: Anchor::End,
            size: u(12),
        };
        scene.items.push(Item::new("k 1", "b muted", text).label("say \"it\"").pick("thing"));
        let options = SvgOptions { id_prefix: "f1-".to_owned(), ..SvgOptions::default() };
        let expected = concat!(
            "<svg class=\"scene\" viewBox=\"0 0 20 10\" role=\"img\" aria-labelledby=\"f1-title\">\n",
            "<title id=\"f1-title\">a &lt; b &amp; &quot;c&quot;</title>\n",
            "<text class=\"b muted\" x=\"1.5\" y=\"5\" font-size=\"12\" text-anchor=\"end\" ",
            "data-key=\"k 1\" data-pick=\"thing\" role=\"img\" aria-label=\"say &quot;it&quot;\">",
            "&lt;\u{fffd}&gt;</text>\n</svg>\n"
        );
        assert_eq!(to_svg(&scene, &options), expected);
    }
}
