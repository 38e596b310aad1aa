//! When the engine stops at a fault of its own, the figure that it happened in is told, with a report.
//! Nothing of that figure may run after the trap, so the panel that the reader sees is made by embed.js;
//! the others share no state with it and go on.

use js_sys::Function;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    static WATCHERS: RefCell<Vec<(u32, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Before Yew, which would install its own.
pub fn install() {
    yew::set_custom_panic_hook(Box::new(|info| {
        let report = format!("Highwater {}\n{info}", env!("CARGO_PKG_VERSION"));
        WATCHERS.with(|w| {
            if let Ok(watchers) = w.try_borrow() {
                let current = highwater_ui::mount::current();
                // Before any figure has run there is nobody to blame but all.
                for (_, watcher) in watchers.iter().filter(|(id, _)| current == 0 || *id == current)
                {
                    let _ = watcher.call1(&JsValue::NULL, &report.as_str().into());
                }
            }
        });
    }));
}

/// Tells the figure with this number.
pub fn watch(id: u32, failed: Function) {
    WATCHERS.with(|w| {
        if let Ok(mut watchers) = w.try_borrow_mut() {
            watchers.push((id, failed));
        }
    });
}

/// The figure is gone.
pub fn forget(id: u32) {
    WATCHERS.with(|w| {
        if let Ok(mut watchers) = w.try_borrow_mut() {
            watchers.retain(|(other, _)| *other != id);
        }
    });
}
