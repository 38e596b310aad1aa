//! The components: everything people read and press beside the stage.

mod app;
mod faults;
mod figure;
mod header;
mod help;
mod icons;
mod inspector;
mod lesson;
mod menu;
mod question;
mod settings;
mod share;
mod stage;
mod text;
mod transport;

pub use app::{App, AppProps};

use crate::mount::{Mount, Shown};
use crate::same::Same;
use std::rc::Rc;
use yew::prelude::*;

/// What every component gets.
#[derive(Properties, PartialEq, Clone)]
pub struct Part {
    /// Where wishes go.
    pub mount: Rc<Mount>,
    /// What is drawn.
    pub shown: Same<Shown>,
}

/// A button that does one thing to the mount.
pub(crate) fn press(mount: &Rc<Mount>, act: impl Fn(&Rc<Mount>) + 'static) -> Callback<MouseEvent> {
    let mount = Rc::clone(mount);
    Callback::from(move |_| act(&mount))
}
