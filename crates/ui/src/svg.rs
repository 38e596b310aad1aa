//! The live picture: retained SVG, patched by key straight on the DOM. A mark keeps its element for
//! as long as its key lives, so that it can be focused, styled and moved; only what differs is written.

use highwater_scene::{Animator, Key, Patch, Scene, number};
use highwater_sorted::SortedMap;
use web_sys::{Document, Element};

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// An `svg` element that shows scenes.
pub struct LiveSvg {
    document: Document,
    svg: Element,
    elements: SortedMap<Key, Element>,
    animator: Animator,
    title: String,
    size: (i32, i32),
    /// Marks outlined because they have just changed (no movement is shown).
    changed: Vec<Element>,
    /// Marks can be reached by the keyboard.
    reachable: bool,
}

impl LiveSvg {
    /// Makes an `svg` in this element; `reachable` = its marks can be focused and selected.
    pub fn new(document: Document, parent: &Element, reachable: bool) -> Option<Self> {
        let svg = document.create_element_ns(Some(NAMESPACE), "svg").ok()?;
        write(&svg, "role", "group");
        write(&svg, "class", "scene");
        write(&svg, "width", "100%");
        if reachable {
            write(&svg, "aria-description", "up and down move among the marks, Enter selects");
        }
        parent.append_child(&svg).ok()?;
        Some(Self {
            document,
            svg,
            elements: SortedMap::new(),
            animator: Animator::new(),
            title: String::new(),
            size: (0, 0),
            changed: Vec::new(),
            reachable,
        })
    }

    /// The `svg` element.
    pub fn element(&self) -> &Element {
        &self.svg
    }

    /// Sets what should be shown; `cut` = without movement.
    pub fn show(&mut self, scene: &Scene, now_ms: u32, cut: bool) {
        let size = (scene.width, scene.height);
        if self.size != size {
            self.size = size;
            let view_box = format!("0 0 {} {}", number(size.0), number(size.1));
            write(&self.svg, "viewBox", &view_box);
        }
        if self.title != scene.title {
            self.title.clone_from(&scene.title);
            write(&self.svg, "aria-label", &scene.title);
        }
        self.animator.show(scene, now_ms, cut);
    }

    /// Writes what is due. `outline` marks what has changed instead of moving it.
    pub fn frame(&mut self, now_ms: u32, position: i32, speed_percent: u32, outline: bool) {
        let patches = self.animator.frame(now_ms, position, speed_percent);
        if outline && !patches.is_empty() {
            for element in self.changed.drain(..) {
                let _ = element.class_list().remove_1("changed");
            }
        }
        for patch in patches {
            self.apply(patch, outline);
        }
        if self.svg.query_selector("[tabindex='0']").ok().flatten().is_none()
            && let Ok(Some(first)) = self.svg.query_selector("[data-pick][tabindex]")
        {
            write(&first, "tabindex", "0");
        }
    }

    /// Whether another frame at the same position would write anything.
    pub fn busy(&self) -> bool {
        self.animator.busy()
    }

    /// The one mark that Tab reaches; the others are reached from it by up and down.
    pub fn move_focus(&self, forward: bool) -> bool {
        let Ok(all) = self.svg.query_selector_all("[data-pick][tabindex]") else { return false };
        let count = all.length();
        if count == 0 {
            return false;
        }
        let at = (0..count).find(|i| {
            element_at(&all, *i)
                .is_some_and(|e| e.get_attribute("tabindex").as_deref() == Some("0"))
        });
        let next = match (at, forward) {
            (Some(i), true) => (i + 1) % count,
            (Some(i), false) => (i + count - 1) % count,
            (None, _) => 0,
        };
        if let Some(old) = at.and_then(|i| element_at(&all, i)) {
            write(&old, "tabindex", "-1");
        }
        if let Some(new) = element_at(&all, next) {
            write(&new, "tabindex", "0");
            focus(&new);
        }
        true
    }

    fn apply(&mut self, patch: Patch, outline: bool) {
        match patch {
            Patch::Create { key, parent, before, element } => {
                let Ok(new) = self.document.create_element_ns(Some(NAMESPACE), element.tag) else {
                    return;
                };
                for (name, value) in &element.attributes {
                    write(&new, name, value);
                }
                if let Some(text) = &element.text {
                    new.set_text_content(Some(text));
                }
                if self.reachable {
                    reachable(&new);
                }
                self.put(&new, parent.as_ref(), before.as_ref());
                self.mark(&new, outline);
                if let Some(old) = self.elements.insert(key, new) {
                    old.remove();
                }
            }
            Patch::Move { key, parent, before } => {
                if let Some(element) = self.elements.get(&key).cloned() {
                    self.put(&element, parent.as_ref(), before.as_ref());
                }
            }
            Patch::Set { key, name, value } => {
                if let Some(element) = self.elements.get(&key).cloned() {
                    write(&element, name, &value);
                    if self.reachable && (name == "data-pick" || name == "role") {
                        reachable(&element);
                    }
                    self.mark(&element, outline && name != "aria-label");
                }
            }
            Patch::Unset { key, name } => {
                if let Some(element) = self.elements.get(&key) {
                    let _ = element.remove_attribute(name);
                    if name == "data-pick" {
                        let _ = element.remove_attribute("tabindex");
                    }
                }
            }
            Patch::Text { key, text } => {
                if let Some(element) = self.elements.get(&key).cloned() {
                    element.set_text_content(Some(&text));
                    self.mark(&element, outline);
                }
            }
            Patch::Remove { key } => {
                if let Some(element) = self.elements.remove(&key) {
                    element.remove();
                }
            }
        }
    }

    /// Outlines a mark that has changed, if it is one that people follow; its parts would only add noise.
    fn mark(&mut self, element: &Element, outline: bool) {
        const FOLLOWED: [&str; 4] = ["message", "batch", "float", "water"];
        let class = element.get_attribute("class").unwrap_or_default();
        let followed = class.split(' ').any(|c| FOLLOWED.contains(&c));
        if outline && followed {
            let _ = element.class_list().add_1("changed");
            self.changed.push(element.clone());
        }
    }

    fn put(&self, element: &Element, parent: Option<&Key>, before: Option<&Key>) {
        let parent = parent.and_then(|p| self.elements.get(p)).unwrap_or(&self.svg);
        let before = before
            .and_then(|b| self.elements.get(b))
            .filter(|b| b.parent_element().as_ref() == Some(parent));
        let _ = parent.insert_before(element, before.map(|b| b.as_ref()));
    }
}

fn element_at(list: &web_sys::NodeList, index: u32) -> Option<Element> {
    use wasm_bindgen::JsCast as _;
    list.get(index)?.dyn_into().ok()
}

/// Focuses an SVG element, which web-sys types as neither HTML nor focusable.
fn focus(element: &Element) {
    use wasm_bindgen::JsCast as _;
    let _ = element.clone().unchecked_into::<web_sys::SvgElement>().focus();
}

/// What can be selected can be reached. Its role stays that of an image with a name: a button's name
/// would have to repeat the few signs that are drawn on it.
fn reachable(element: &Element) {
    if element.has_attribute("data-pick")
        && element.has_attribute("aria-label")
        && !element.has_attribute("tabindex")
    {
        write(element, "tabindex", "-1");
    }
}

fn write(element: &Element, name: &str, value: &str) {
    // Fails only for names that are no XML names, and ours are constants.
    let _ = element.set_attribute(name, value);
}
