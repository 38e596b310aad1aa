//! Addresses and code that lead back to a moment.

use crate::options::Options;

/// Parameters of this moment, without the question mark or hash.
fn parameters(options: &Options, id: &str, token: &str, set: &str) -> String {
    let src = if options.src.is_empty() { id } else { &options.src };
    let mut out = format!("src={}", encode(src));
    if token.is_empty() {
        if let Some(seed) = options.seed {
            out.push_str(&format!("&seed={seed}"));
        }
    } else {
        out.push_str(&format!("&run={token}"));
    }
    // A token names the scenario that it is of: with other settings it is another one.
    if !set.is_empty() {
        out.push_str(&format!("&set={}", encode(set)));
    }
    out
}

/// A link to this moment on the full page.
pub fn share_url(options: &Options, id: &str, token: &str, set: &str) -> String {
    format!("{}#{}", options.page_url, parameters(options, id, token, set))
}

/// Code for a page that may load scripts.
pub fn embed_code(options: &Options, id: &str, token: &str, set: &str) -> String {
    let src = if options.src.is_empty() { id } else { &options.src };
    let attribute = |name: &str, value: &str| match value {
        "" => String::new(),
        value => format!(" {name}=\"{}\"", value.replace('&', "&amp;").replace('"', "&quot;")),
    };
    let (run, set) = (attribute("run", token), attribute("set", set));
    format!(
        "<script type=\"module\" src=\"{}embed.js\"></script>\n<highwater-player src=\"{src}\"{run}{set}></highwater-player>",
        options.base
    )
}

/// Code for a host that allows iframes only.
pub fn frame_code(options: &Options, id: &str, token: &str, set: &str) -> String {
    format!(
        "<iframe src=\"{}embed.html#{}\" width=\"800\" height=\"450\" title=\"Highwater\" loading=\"lazy\"></iframe>",
        options.base,
        parameters(options, id, token, set)
    )
}

/// Percent-encodes what has a meaning in a fragment or an attribute.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b':' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_survive_odd_names() {
        let options = Options {
            src: "my lesson&x".into(),
            page_url: "https://example.org/".into(),
            ..Options::default()
        };
        assert_eq!(
            share_url(&options, "", "t1.AA", ""),
            "https://example.org/#src=my%20lesson%26x&run=t1.AA"
        );
    }

    /// A token alone does not replay a run whose settings were changed.
    #[test]
    fn changed_settings_are_in_every_code() {
        let options = Options { src: "acks".into(), ..Options::default() };
        let set = "acks=all;min.insync.replicas=2";
        let encoded = "&run=T&set=acks%3Dall%3Bmin.insync.replicas%3D2";
        assert!(share_url(&options, "", "T", set).ends_with(encoded));
        assert!(frame_code(&options, "", "T", set).contains(encoded));
        assert!(embed_code(&options, "", "T", set).contains(&format!(" run=\"T\" set=\"{set}\">")));
    }
}
