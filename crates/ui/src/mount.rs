//! One player in one element: the frame loop, the pictures, and what the components see.

use crate::chrome::{Chrome, Layout, Panel};
use crate::keys::{KeyCommand, key_command};
use crate::notice::{Kept, Notice, jumps, question_notice};
use crate::options::Options;
use crate::picture::Picture;
use crate::port::{Ask, Branch, Change, Heard, LessonSlice, Phase, Place, Port};
use crate::same::Same;
use crate::speed;
use gloo_render::{AnimationFrame, request_animation_frame};
use highwater_sim::WorldView;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;
use yew::Callback;

/// While playing, texts change at most so often: nobody reads faster.
const TEXT_INTERVAL_MS: f64 = 90.0;
/// A longer gap between two frames is a hidden tab or a busy machine, not time that passes.
const FRAME_MS_MAX: f64 = 100.0;

thread_local! {
    /// The figure whose code ran last: the one to blame when something stops.
    static CURRENT: Cell<u32> = const { Cell::new(0) };
    static NEXT: Cell<u32> = const { Cell::new(1) };
}

/// Number of the figure whose code ran last; 0 = none has run.
pub fn current() -> u32 {
    CURRENT.get()
}

/// What components draw from. Made anew when something in it has changed.
#[derive(Clone, PartialEq)]
pub struct Shown {
    /// State of the page.
    pub chrome: Chrome,
    /// Where the run stands.
    pub place: Place,
    /// The world.
    pub view: Same<WorldView>,
    /// The lesson.
    pub lesson: Rc<LessonSlice>,
    /// What happened last, in one line.
    pub narration: String,
    /// Branches of the run.
    pub branches: Vec<Branch>,
}

/// One figure. Shared by the components, the frame loop and the JavaScript API; never borrowed across
/// a call that can come back.
pub struct Mount {
    /// The element everything is in.
    pub root: Element,
    /// As asked for.
    pub options: Options,
    /// Number in this module, from 1.
    pub id: u32,
    pub(crate) port: RefCell<Port>,
    chrome: RefCell<Chrome>,
    picture: RefCell<Picture>,
    notice: Box<dyn Fn(Notice)>,
    listener: RefCell<Option<Callback<()>>>,
    frame: RefCell<Option<AnimationFrame>>,
    clock_ms: Cell<f64>,
    last_frame_ms: Cell<Option<f64>>,
    last_text_ms: Cell<f64>,
    text_due: Cell<bool>,
    suspended: Cell<bool>,
    /// A picture is there: what is off screen is printed, too.
    drawn: Cell<bool>,
    started: Cell<bool>,
    disposed: Cell<bool>,
    told: RefCell<Told>,
    /// How far the host has heard of events; `None` = whatever comes next is reached by a jump.
    pub(crate) heard: Cell<Option<Heard>>,
    shown: RefCell<Option<Same<Shown>>>,
}

/// What the host was told last, so that it hears of changes only.
#[derive(Default)]
struct Told {
    playing: bool,
    event: u64,
    step: usize,
    phase: Option<Phase>,
}

impl PartialEq for Mount {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Mount {
    /// A figure around this player; nothing runs yet.
    pub fn new(
        root: Element,
        port: Port,
        options: Options,
        notice: Box<dyn Fn(Notice)>,
    ) -> Rc<Self> {
        let view = options.view.unwrap_or_default();
        let theme = if options.theme.is_empty() { "auto".into() } else { options.theme.clone() };
        let chrome = Chrome { view, theme, projector: options.projector, ..Chrome::default() };
        let mount = Rc::new(Self {
            picture: RefCell::new(Picture::new(options.reduced)),
            root,
            options,
            id: NEXT.replace(NEXT.get() + 1),
            port: RefCell::new(port),
            chrome: RefCell::new(chrome),
            notice,
            listener: RefCell::new(None),
            frame: RefCell::new(None),
            clock_ms: Cell::new(0.0),
            last_frame_ms: Cell::new(None),
            last_text_ms: Cell::new(f64::MIN),
            text_due: Cell::new(true),
            suspended: Cell::new(false),
            drawn: Cell::new(false),
            started: Cell::new(false),
            disposed: Cell::new(false),
            told: RefCell::default(),
            heard: Cell::new(None),
            shown: RefCell::new(None),
        });
        mount.measure();
        mount.follow_lesson_view();
        mount
    }

    /// The app's wish to draw again.
    pub fn listen(&self, callback: Option<Callback<()>>) {
        *self.listener.borrow_mut() = callback;
    }

    /// Reads the player.
    pub fn with_port<T>(&self, read: impl FnOnce(&Port) -> T) -> T {
        CURRENT.set(self.id);
        read(&self.port.borrow())
    }

    /// What components draw from.
    pub fn shown(&self) -> Same<Shown> {
        if let Some(shown) = &*self.shown.borrow() {
            return shown.clone();
        }
        let port = self.port.borrow();
        let shown = Same::new(Shown {
            chrome: self.chrome.borrow().clone(),
            place: port.place(),
            view: Same(port.view()),
            lesson: port.lesson(),
            narration: port.narration(),
            branches: port.branches(),
        });
        *self.shown.borrow_mut() = Some(shown.clone());
        shown
    }

    /// Where pictures and numbers that change each frame are drawn.
    pub fn attach(self: &Rc<Self>, place: crate::picture::Spot, element: Element) {
        self.picture.borrow_mut().attach(place, element);
        self.refresh();
    }

    /// Asks the player. A refusal becomes a message on the page and the error.
    pub fn ask(self: &Rc<Self>, ask: Ask) -> Result<(), String> {
        CURRENT.set(self.id);
        self.started.set(true);
        // What lies before a jump is told, what it leads over is not, and what follows it in the same task is again.
        let jump = jumps(&ask);
        if jump {
            self.tell_news();
        }
        let result = self.port.borrow_mut().ask(ask);
        let here = self.port.borrow().heard();
        self.heard.set(self.heard.get().map(|h| if jump { here } else { h.carried_to(here) }));
        if let Err(message) = &result {
            self.chrome.borrow_mut().message = Some(message.clone());
        } else {
            self.chrome.borrow_mut().message = None;
        }
        self.picture.borrow_mut().stale();
        self.refresh();
        result
    }

    /// Asks and leaves a refusal to the message on the page.
    pub fn wish(self: &Rc<Self>, ask: Ask) {
        drop(self.ask(ask));
    }

    /// Changes the state of the page.
    pub fn chrome(self: &Rc<Self>, change: impl FnOnce(&mut Chrome)) {
        CURRENT.set(self.id);
        change(&mut self.chrome.borrow_mut());
        self.picture.borrow_mut().stale();
        self.refresh();
    }

    /// Selects a thing by the name that the stage gave it.
    pub fn select(self: &Rc<Self>, pick: Option<String>) {
        if !self.options.allow.inspect {
            return;
        }
        self.chrome.borrow_mut().selection.clone_from(&pick);
        self.wish(Ask::Select(pick));
    }

    /// What the pointer or the focus is at, by the name that the stage gave it. Nothing but the stage
    /// is drawn anew, and only where the partition is another one.
    pub fn point_at(self: &Rc<Self>, pick: Option<&str>) {
        let name = pick.filter(|p| !p.contains(' ')).and_then(|p| p.split('@').next());
        let mut chrome = self.chrome.borrow_mut();
        let name = name.filter(|_| chrome.view == crate::options::ViewName::Cluster);
        if chrome.hover.as_deref() != name {
            chrome.hover = name.map(str::to_owned);
            drop(chrome);
            self.arm();
        }
    }

    /// Starts over, with other settings when given; an error leaves everything as it was.
    pub fn restart(self: &Rc<Self>, set: Option<&[(String, String)]>) -> Result<(), String> {
        CURRENT.set(self.id);
        self.port.borrow_mut().restart(set)?;
        self.jumped();
        self.chrome.borrow_mut().selection = None;
        self.picture.borrow_mut().stale();
        self.follow_lesson_view();
        self.refresh();
        Ok(())
    }

    /// Goes to a state that was kept; an error leaves everything as it was.
    pub fn restore(self: &Rc<Self>, state: &Kept) -> Result<(), String> {
        CURRENT.set(self.id);
        self.port.borrow_mut().restore(&state.run, &state.set)?;
        self.jumped();
        self.started.set(true);
        // The step has its own view, and the state the one that was looked at.
        self.follow_lesson_view();
        self.told.borrow_mut().step = self.port.borrow().lesson().step;
        self.chrome(|c| {
            c.view = state.view;
            c.selection.clone_from(&state.selection);
            c.message = None;
        });
        self.wish(Ask::Select(state.selection.clone()));
        if let Some(speed) = state.speed {
            self.wish(Ask::Speed(speed));
        }
        self.wish(if state.playing { Ask::Play } else { Ask::Pause });
        Ok(())
    }

    /// The state that [`restore`](Self::restore) comes back to.
    pub fn kept(&self) -> Kept {
        let (port, chrome) = (self.port.borrow(), self.chrome.borrow());
        let place = port.place();
        Kept {
            run: port.token(),
            set: port.set_text(),
            view: chrome.view,
            selection: chrome.selection.clone(),
            speed: Some(place.speed),
            playing: place.playing,
        }
    }

    /// A key; `false` = not ours.
    pub fn key(self: &Rc<Self>, key: &str, shift: bool, alt: bool) -> bool {
        let Some(command) = key_command(key, shift, alt) else { return false };
        let lesson = self.port.borrow().lesson();
        match command {
            KeyCommand::Toggle => self.wish(Ask::Toggle),
            KeyCommand::Next if self.port.borrow().can_go_on() => self.forward(),
            KeyCommand::Previous if self.port.borrow().can_go_back() => self.back(),
            KeyCommand::Next | KeyCommand::Previous => return false,
            KeyCommand::Marker(n) => self.wish(Ask::Marker(n)),
            KeyCommand::Moment(n) => self.wish(Ask::Moment(n)),
            KeyCommand::Event(n) => self.wish(Ask::Event(n)),
            KeyCommand::Speed(n) => {
                let now = speed::steps(self.port.borrow().place().speed);
                self.wish(Ask::Speed(speed::factor(now + 16 * n)));
            }
            KeyCommand::Fullscreen => {
                let _ = self.root.request_fullscreen();
            }
            KeyCommand::Blank => self.chrome(|c| c.blank = !c.blank),
            KeyCommand::Situation(n) if n <= lesson.steps => self.wish(Ask::GoToStep(n)),
            KeyCommand::Situation(_) => return false,
            KeyCommand::Help => self.toggle_panel(Panel::Help),
            KeyCommand::Leave => return self.leave(),
        }
        true
    }

    /// One beat on: the next step of a lesson, or the next moment of a plain scenario.
    pub fn forward(self: &Rc<Self>) {
        let steps = self.port.borrow().lesson().steps;
        self.wish(if steps > 0 { Ask::NextStep } else { Ask::Moment(1) });
    }

    /// One beat back.
    pub fn back(self: &Rc<Self>) {
        let steps = self.port.borrow().lesson().steps;
        self.wish(if steps > 0 { Ask::PreviousStep } else { Ask::Moment(-1) });
    }

    /// Opens or closes a panel.
    pub fn toggle_panel(self: &Rc<Self>, panel: Panel) {
        self.chrome(|c| c.panel = if c.panel == Some(panel) { None } else { Some(panel) });
    }

    fn leave(self: &Rc<Self>) -> bool {
        let chrome = self.chrome.borrow().clone();
        if chrome.blank {
            self.chrome(|c| c.blank = false);
        } else if chrome.panel.is_some() {
            self.chrome(|c| c.panel = None);
        } else if chrome.selection.is_some() {
            self.select(None);
        } else if chrome.projector && !self.options.projector {
            self.chrome(|c| c.projector = false);
        } else {
            return false;
        }
        true
    }

    /// Moves the focus among the marks of the stage.
    pub fn move_focus(&self, forward: bool) -> bool {
        self.picture.borrow().move_focus(forward)
    }

    /// Tells the host page.
    pub fn notify(&self, notice: Notice) {
        (self.notice)(notice);
    }

    /// Playing was begun at least once.
    pub fn started(&self) -> bool {
        self.started.get()
    }

    /// Off screen or in a hidden tab: no frame is asked for after the first, and no time passes.
    pub fn suspend(&self) {
        self.suspended.set(true);
        self.last_frame_ms.set(None);
        if self.drawn.get() {
            *self.frame.borrow_mut() = None;
        }
    }

    /// Back on screen.
    pub fn resume(self: &Rc<Self>) {
        if self.suspended.replace(false) {
            self.refresh();
        }
    }

    /// Stops everything; the element may be used again.
    pub fn dispose(&self) {
        self.disposed.set(true);
        self.suspend();
        *self.frame.borrow_mut() = None;
        self.listen(None);
        self.picture.borrow_mut().detach();
    }

    /// The element's size may have changed.
    pub fn measure(self: &Rc<Self>) {
        let size = (self.root.client_width(), self.root.client_height());
        let layout = Layout::of(self.options.controls, size.0, size.1);
        let changed = {
            let chrome = self.chrome.borrow();
            chrome.size != size || chrome.layout != layout
        };
        if changed {
            self.chrome(|c| {
                c.size = size;
                c.layout = layout;
            });
        }
    }

    /// The stage as a standalone SVG.
    pub fn snapshot(&self) -> String {
        self.picture.borrow_mut().snapshot(&self.port.borrow(), &self.chrome.borrow())
    }

    /// Everything on the page may be old: one frame, and texts with it.
    fn refresh(self: &Rc<Self>) {
        *self.shown.borrow_mut() = None;
        self.text_due.set(true);
        self.last_text_ms.set(f64::MIN);
        self.arm();
    }

    fn arm(self: &Rc<Self>) {
        let still = self.suspended.get() && self.drawn.get();
        if still || self.disposed.get() || self.frame.borrow().is_some() {
            return;
        }
        let mount = Rc::clone(self);
        let handle = request_animation_frame(move |now| mount.on_frame(now));
        *self.frame.borrow_mut() = Some(handle);
    }

    fn on_frame(self: &Rc<Self>, now: f64) {
        CURRENT.set(self.id);
        self.frame.borrow_mut().take();
        let passed = self.last_frame_ms.replace(Some(now)).map_or(16.0, |last| now - last);
        self.clock_ms.set(self.clock_ms.get() + passed.clamp(0.0, FRAME_MS_MAX));
        let clock = self.clock_ms.get();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock")]
        let change = self.port.borrow_mut().frame(clock as u64);
        if change == Change::Event {
            self.text_due.set(true);
        }
        // A step begins by a press as well as by an event: before it is told, its view is there.
        if self.text_due.get() {
            self.follow_lesson_view();
        }
        let moving = {
            let port = self.port.borrow();
            self.picture.borrow_mut().draw(&port, &self.chrome.borrow(), clock)
        };
        self.drawn.set(self.picture.borrow().is_drawn());
        if self.text_due.get() && clock - self.last_text_ms.get() >= TEXT_INTERVAL_MS {
            self.last_text_ms.set(clock);
            self.text_due.set(false);
            *self.shown.borrow_mut() = None;
            self.tell();
            let listener = self.listener.borrow().clone();
            if let Some(listener) = listener {
                listener.emit(());
            }
        }
        if change != Change::None || moving || self.text_due.get() {
            self.arm();
        } else {
            self.last_frame_ms.set(None);
        }
    }

    /// A step of the lesson may name the view it wants; the reader's choice lasts until the next step.
    fn follow_lesson_view(&self) {
        let lesson = self.port.borrow().lesson();
        let new_step = self.told.borrow().step != lesson.step;
        if new_step && self.options.view.is_none() {
            let mut chrome = self.chrome.borrow_mut();
            chrome.view = lesson.view_in(&chrome).unwrap_or(chrome.view);
        }
        if new_step {
            self.chrome.borrow_mut().marked = None;
            self.picture.borrow_mut().stale();
        }
    }

    /// Tells the host what is new.
    fn tell(&self) {
        self.tell_news();
        let port = self.port.borrow();
        let (place, lesson) = (port.place(), port.lesson());
        let mut told = self.told.borrow_mut();
        let mut notices = Vec::new();
        if told.playing != place.playing {
            notices.push(if place.playing { Notice::Play } else { Notice::Pause });
        }
        if told.event != place.event {
            #[allow(clippy::cast_precision_loss, reason = "for JavaScript")]
            let seconds = place.now.0 as f64 / 1e6;
            notices.push(Notice::Time { event: place.event, seconds });
        }
        if told.step != lesson.step {
            notices.push(Notice::Step {
                step: lesson.step,
                steps: lesson.steps,
                id: lesson.step_id.clone(),
                title: lesson.headline.clone(),
            });
        }
        let phase = lesson.question.as_ref().map(|q| q.phase);
        if told.phase != phase {
            notices.extend(question_notice(&lesson));
        }
        *told = Told { playing: place.playing, event: place.event, step: lesson.step, phase };
        drop((told, port));
        for notice in notices {
            (self.notice)(notice);
        }
    }
}
