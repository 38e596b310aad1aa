//! A drawing as data. Coordinates are hundredths of a unit (`i32`), so that the same scene gives the
//! same text everywhere; colours are never named, only style classes.

use std::sync::Arc;

/// Hundredths of a drawing unit.
pub type Unit = i32;

/// Whole units to hundredths.
pub const fn u(units: i32) -> Unit {
    units * 100
}

/// A point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: Unit,
    /// Downward.
    pub y: Unit,
}

/// A whole drawing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scene {
    /// Width of the drawing.
    pub width: Unit,
    /// Height of the drawing.
    pub height: Unit,
    /// Accessible name of the whole.
    pub title: String,
    /// In order of drawing (later is on top). Keys are unique in a scene.
    pub items: Vec<Item>,
    /// Numbers that say where the slots of this scene are. Where two scenes differ in them, all that
    /// is shown moves together from the one layout to the other, so that nothing passes through
    /// anything. Empty = there are no slots.
    pub layout: Vec<Unit>,
}

/// One mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Stable over time: the same thing keeps its key, so that it is moved and not redrawn.
    pub key: Key,
    /// Style classes, space-separated, defined in `theme.css`.
    pub class: &'static str,
    /// Not what it is about now: drawn faint (class `dim` is added).
    pub dim: bool,
    /// Geometry.
    pub shape: Shape,
    /// What assistive technology says; `None` = decoration.
    pub label: Option<Arc<str>>,
    /// What a click selects: an opaque name that the maker of the scene understands.
    pub pick: Option<Key>,
    /// How changes are shown.
    pub timing: Timing,
    /// Movement within the current interval between two events; `None` = at rest.
    pub motion: Option<Motion>,
    /// Only for `Shape::Group`: where along x it is behind something. There its words are not shown
    /// (attribute `data-behind`), for half a word beside a machine reads as another word.
    pub behind: Vec<(Unit, Unit)>,
    /// Stands in one of the slots of the layout: while that changes, it appears after the others
    /// have moved, and goes before they do.
    pub slotted: bool,
}

/// A stable name. Cheap to clone.
pub type Key = Arc<str>;

/// Geometry of a mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A rectangle with corner radius `r`.
    Rect { x: Unit, y: Unit, w: Unit, h: Unit, r: Unit },
    /// A straight line.
    Line { from: Point, to: Point },
    /// Straight pieces; `closed` joins the ends. Same number of points = can be tweened.
    Poly { points: Vec<Point>, closed: bool },
    /// A circle.
    Circle { center: Point, r: Unit },
    /// Part of a circle, clockwise from the top: `fraction` of 10000.
    Arc { center: Point, r: Unit, fraction: i32 },
    /// One line of text; `y` is its baseline.
    Text { at: Point, text: Arc<str>, anchor: Anchor, size: Unit },
    /// Marks that move together; `at` shifts them.
    Group { at: Point, children: Vec<Item> },
}

/// Where text hangs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum Anchor {
    #[default]
    Start,
    Middle,
    End,
}

/// How a change of a mark is shown, at speed 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    /// Waits before it starts (effects after causes).
    pub delay_ms: u16,
    /// Takes so long; 0 = at once.
    pub duration_ms: u16,
    /// Curve.
    pub ease: Ease,
    /// How it appears.
    pub enter: Enter,
    /// How it goes.
    pub exit: Exit,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            duration_ms: 160,
            ease: Ease::Ease,
            enter: Enter::Fade,
            exit: Exit::Fade,
        }
    }
}

impl Timing {
    /// Changes at once, appears and goes at once.
    pub const CUT: Timing = Timing {
        delay_ms: 0,
        duration_ms: 0,
        ease: Ease::Ease,
        enter: Enter::Cut,
        exit: Exit::Cut,
    };
}

/// Curves (mock/language 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ease {
    /// Things: (.3,0,.2,1).
    #[default]
    Ease,
    /// The water line: (.2,0,0,1).
    Water,
    /// Flights: (.45,.05,.55,.95).
    Wire,
    /// Constant speed.
    Linear,
}

/// How a mark appears.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Enter {
    /// At once.
    Cut,
    /// From transparent.
    #[default]
    Fade,
    /// Rectangles grow from their bottom edge.
    GrowUp,
}

/// How a mark goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Exit {
    /// At once.
    Cut,
    /// To transparent.
    #[default]
    Fade,
    /// Slides left and fades.
    SlideLeft,
    /// Falls and fades.
    Fall,
}

/// A group's movement during the interval in which it is drawn: it is at `from` when the interval's
/// position is 0 and at `to` when it is 10000. Only for `Shape::Group`; `at` is then `from`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Motion {
    /// At position 0.
    pub from: Point,
    /// At position 10000.
    pub to: Point,
}

impl Item {
    /// A mark that only decorates.
    pub fn new(key: impl Into<Key>, class: &'static str, shape: Shape) -> Self {
        Self {
            key: key.into(),
            class,
            dim: false,
            shape,
            label: None,
            pick: None,
            timing: Timing::default(),
            motion: None,
            behind: Vec::new(),
            slotted: false,
        }
    }
    /// With an accessible label.
    pub fn label(mut self, label: impl Into<Arc<str>>) -> Self {
        self.label = Some(label.into());
        self
    }
    /// Selects `pick` when clicked.
    pub fn pick(mut self, pick: impl Into<Key>) -> Self {
        self.pick = Some(pick.into());
        self
    }
    /// Moves within the current interval.
    pub fn motion(mut self, from: Point, to: Point) -> Self {
        self.motion = Some(Motion { from, to });
        self
    }
    /// Behind something in these spans of its x.
    pub fn behind(mut self, spans: Vec<(Unit, Unit)>) -> Self {
        self.behind = spans;
        self
    }
    /// With this timing.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }
}
