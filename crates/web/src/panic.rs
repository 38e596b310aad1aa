//! When the engine stops at a fault of its own: every figure of this instance is told, with a report.
//! After a trap the instance is dead, so the panel that the reader sees is made by embed.js.

use js_sys::Function;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    static WATCHERS: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Before Yew, which would install its own.
pub fn install() {
    yew::set_custom_panic_hook(Box::new(|info| {
        let report = format!("Highwater {}\n{info}", env!("CARGO_PKG_VERSION"));
        WATCHERS.with(|w| {
            if let Ok(watchers) = w.try_borrow() {
                for watcher in watchers.iter() {
                    let _ = watcher.call1(&JsValue::NULL, &report.as_str().into());
                }
            }
        });
    }));
}

/// Tells this figure.
pub fn watch(failed: Function) {
    WATCHERS.with(|w| {
        if let Ok(mut watchers) = w.try_borrow_mut() {
            watchers.push(failed);
        }
    });
}
