//! Contrast of the theme's tokens by the formula of WCAG 2.2: text at least 4.5:1, for the back row and
//! under `prefers-contrast: more` at least 7:1, on every ground that text stands on.

use std::collections::BTreeMap;

type Tokens = BTreeMap<String, String>;

/// Declarations of the first rule after `selector {`.
fn tokens(css: &str, selector: &str) -> Tokens {
    let at = css.find(selector).unwrap_or_else(|| panic!("no rule {selector}"));
    let body = &css[at + selector.len()..];
    let body = &body[body.find('{').expect("a rule") + 1..body.find('}').expect("its end")];
    body.split(';')
        .filter_map(|d| d.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn channels(hex: &str) -> [f64; 4] {
    let hex = hex.trim_start_matches('#');
    let hex =
        if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.to_owned() };
    let part = |i: usize| {
        let text = hex.get(2 * i..2 * i + 2).unwrap_or("ff");
        f64::from(u8::from_str_radix(text, 16).expect("hex")) / 255.0
    };
    [part(0), part(1), part(2), part(3)]
}

/// `top` at `alpha` over `ground`.
fn over(top: [f64; 4], alpha: f64, ground: [f64; 4]) -> [f64; 4] {
    let mix = |i: usize| top[i] * alpha + ground[i] * (1.0 - alpha);
    [mix(0), mix(1), mix(2), 1.0]
}

fn luminance(c: [f64; 4]) -> f64 {
    let linear = |v: f64| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2])
}

fn contrast(a: [f64; 4], b: [f64; 4]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn themes() -> Vec<(&'static str, Tokens, f64)> {
    let css = include_str!("../../../www/theme.css");
    let light = tokens(css, ":root, :host, [data-theme=\"light\"]");
    let with = |base: &Tokens, selector: &str| {
        let mut all = base.clone();
        all.extend(tokens(css, selector));
        all
    };
    let dark = with(&light, "\n[data-theme=\"dark\"]");
    let projector = with(&light, "\n[data-profile=\"projector\"]");
    let mut both = dark.clone();
    both.extend(tokens(css, "\n[data-profile=\"projector\"]"));
    both.extend(tokens(css, "[data-theme=\"dark\"] [data-profile=\"projector\"]"));
    vec![
        ("light", light, 4.5),
        ("dark", dark, 4.5),
        ("projector", projector, 7.0),
        ("dark projector", both, 7.0),
    ]
}

#[test]
fn text_has_contrast_on_every_ground() {
    for (theme, tokens, least) in themes() {
        let color = |name: &str| channels(&tokens[name]);
        let wash = color("--wash");
        let grounds = [
            ("paper", color("--paper")),
            ("band", color("--band")),
            ("wash on paper", over(wash, wash[3], color("--paper"))),
            ("wash on band", over(wash, wash[3], color("--band"))),
        ];
        for ink in ["--ink", "--muted", "--water", "--danger", "--warn"] {
            for (name, ground) in grounds {
                let ratio = contrast(color(ink), ground);
                assert!(ratio >= least, "{theme}: {ink} on {name} {ratio:.2}");
            }
        }
        assert!(contrast(color("--ink"), color("--settled")) >= least, "{theme}: ink on settled");
        assert!(contrast(color("--paper"), color("--ink")) >= least, "{theme}: response");
        assert!(contrast(color("--accent-ink"), color("--accent")) >= 4.5, "{theme}: accent");
        let pale: f64 = tokens["--key-pale"].parse().expect("a number");
        for n in 0..8 {
            let hue = color(&format!("--key-{n}"));
            assert!(contrast(color("--key-ink"), hue) >= 4.5, "{theme}: letter on hue {n}");
            let ratio = contrast(color("--key-pale-ink"), over(hue, pale, color("--paper")));
            assert!(ratio >= least, "{theme}: letter on pale hue {n} {ratio:.2}");
        }
    }
}

#[test]
fn the_page_in_the_dark_by_itself_has_the_same_tokens_as_the_chosen_dark() {
    let css = include_str!("../../../www/theme.css");
    let chosen = tokens(css, "\n[data-theme=\"dark\"]");
    let by_itself = tokens(css, ":root:not([data-theme]), :host(:not([data-theme]))");
    assert_eq!(chosen, by_itself);
}
