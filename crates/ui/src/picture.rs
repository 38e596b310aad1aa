//! What is drawn each frame: the stage, the timeline strip, the clock and the director's gauge.

use crate::chrome::Chrome;
use crate::format;
use crate::options::ViewName;
use crate::port::{Port, StageAsk};
use crate::svg::LiveSvg;
use web_sys::Element;

/// Least time between two drawings of a view of history.
const HISTORY_MS: u32 = 150;

/// Parts of the page that are written outside the components.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spot {
    /// Holder of the stage.
    Stage,
    /// Holder of the timeline.
    Strip,
    /// Text of the clock.
    Clock,
    /// Text of the gauge.
    Gauge,
    /// The line at which the run stands on the timeline.
    Head,
}

/// See the module.
pub struct Picture {
    reduced: bool,
    stale: bool,
    jump: bool,
    stage: Option<(Element, LiveSvg)>,
    strip: Option<(Element, LiveSvg)>,
    clock: Option<Element>,
    gauge: Option<Element>,
    head: Option<Element>,
    event: Option<u64>,
    shown_ms: u32,
    strip_ms: u32,
    strip_event: Option<(u64, u64)>,
    strip_size: (i32, i32),
    written: [String; 3],
    asked: Option<StageAsk>,
}

impl Picture {
    /// Nothing attached. `reduced` = without movement.
    pub fn new(reduced: bool) -> Self {
        Self {
            reduced,
            stale: true,
            jump: true,
            stage: None,
            strip: None,
            clock: None,
            gauge: None,
            head: None,
            event: None,
            shown_ms: 0,
            strip_ms: 0,
            strip_event: None,
            strip_size: (0, 0),
            written: Default::default(),
            asked: None,
        }
    }

    /// Draws into this element from now on.
    pub fn attach(&mut self, spot: Spot, element: Element) {
        let svg = || LiveSvg::new(element.owner_document()?, &element, spot == Spot::Stage);
        match spot {
            Spot::Stage => self.stage = svg().map(|s| (element.clone(), s)),
            Spot::Strip => self.strip = svg().map(|s| (element.clone(), s)),
            Spot::Clock => self.clock = Some(element),
            Spot::Gauge => self.gauge = Some(element),
            Spot::Head => self.head = Some(element),
        }
        self.written = Default::default();
        self.event = None;
        self.strip_event = None;
        self.jump = true;
    }

    /// Lets go of the page.
    pub fn detach(&mut self) {
        *self = Self::new(self.reduced);
    }

    /// Selection, size, view or place may have changed.
    pub fn stale(&mut self) {
        self.stale = true;
    }

    /// Moves the focus among the marks of the stage.
    pub fn move_focus(&self, forward: bool) -> bool {
        self.stage.as_ref().is_some_and(|(_, live)| live.move_focus(forward))
    }

    /// Draws; `true` while something still moves by itself.
    pub fn draw(&mut self, port: &Port, chrome: &Chrome, clock_ms: f64) -> bool {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a clock, wraps"
        )]
        let now = clock_ms as u64 as u32;
        let moving = self.draw_stage(port, chrome, now);
        let strip_moving = self.draw_strip(port, now);
        self.write_numbers(port);
        moving || strip_moving
    }

    /// Whether the stage was drawn.
    pub fn is_drawn(&self) -> bool {
        self.asked.is_some()
    }

    /// The stage as text.
    pub fn snapshot(&self, port: &Port, chrome: &Chrome) -> String {
        let ask = self.asked.clone().unwrap_or_else(|| StageAsk::new(chrome, 800, 450, true));
        port.svg_text(&ask)
    }

    fn draw_stage(&mut self, port: &Port, chrome: &Chrome, now: u32) -> bool {
        let Some((holder, live)) = &mut self.stage else { return false };
        let size = (holder.client_width(), holder.client_height());
        if size.0 < 8 || size.1 < 8 {
            return false;
        }
        let event = port.event();
        let ask = StageAsk::new(chrome, size.0, size.1, self.reduced);
        let same_place = self.event == Some(event);
        // Views of history are dear to draw and show no flights: a few times a second is enough.
        let dear = !matches!(ask.view, ViewName::Cluster | ViewName::Replicas);
        let soon = dear && port.place().playing && now.wrapping_sub(self.shown_ms) < HISTORY_MS;
        if soon && self.asked.as_ref() == Some(&ask) {
            live.frame(now, 0, 100, self.reduced);
            return true;
        }
        if !same_place || self.stale || self.asked.as_ref() != Some(&ask) {
            let scene = port.stage(&ask);
            // A step back, a jump or another view is not a movement of things.
            let forward = self.event.is_some_and(|e| event >= e && event - e < 40);
            let same_view = self.asked.as_ref().is_some_and(|a| a.same_place(&ask));
            // An axis that grows would leave its old numbers between the new ones for a while.
            let axis = matches!(ask.view, ViewName::Group | ViewName::SpaceTime);
            let cut = self.reduced || self.jump || !forward || !same_view || axis;
            live.show(&scene, now, cut);
            self.event = Some(event);
            self.shown_ms = now;
            self.asked = Some(ask);
            self.stale = false;
            self.jump = false;
        }
        live.frame(now, port.interval_position(self.reduced), port.speed_percent(), self.reduced);
        live.busy()
    }

    fn draw_strip(&mut self, port: &Port, now: u32) -> bool {
        let Some((holder, live)) = &mut self.strip else { return false };
        let (width, height) = (holder.client_width(), holder.client_height());
        if width < 40 || height < 8 {
            return false;
        }
        let place = port.strip_version();
        // An asked-for change or another size is shown at once, a running one a few times a second.
        let resized = self.strip_size != (width, height);
        let asked = resized || self.strip_event.is_none_or(|(_, changes)| changes != place.1);
        let soon = !asked && port.place().playing && now.wrapping_sub(self.strip_ms) < HISTORY_MS;
        if (resized || self.strip_event != Some(place)) && !soon {
            self.strip_ms = now;
            self.strip_size = (width, height);
            let scene = port.strip(width, height);
            live.show(&scene, now, true);
            self.strip_event = Some(place);
        }
        live.frame(now, 0, 100, false);
        false
    }

    fn write_numbers(&mut self, port: &Port) {
        let place = port.place();
        let texts = [
            format::clock(port.now()),
            if place.linear {
                "linear".to_owned()
            } else if place.us_per_second == 0 {
                // Things that happen at one moment, one after the other.
                self.written[1].clone()
            } else {
                format!("1 s on screen is {}", format::span(rounded(place.us_per_second)))
            },
            port.head_style(),
        ];
        let spots = [&self.clock, &self.gauge, &self.head];
        for (i, (text, spot)) in texts.into_iter().zip(spots).enumerate() {
            let Some(element) = spot else { continue };
            if self.written[i] == text {
                continue;
            }
            if i == 2 {
                set_left(element, &text);
            } else {
                element.set_text_content(Some(&text));
            }
            self.written[i] = text;
        }
    }
}

/// By the object model, which a strict content security policy allows.
fn set_left(element: &Element, left: &str) {
    use wasm_bindgen::JsCast as _;
    if let Some(html) = element.dyn_ref::<web_sys::HtmlElement>() {
        let _ = html.style().set_property("left", left);
    }
}

/// Two digits: a gauge is no clock.
fn rounded(us: u64) -> u64 {
    let mut unit = 1;
    while us / unit >= 100 {
        unit *= 10;
    }
    us / unit * unit
}
