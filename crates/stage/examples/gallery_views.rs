//! Draws the views beside the cluster map to SVG files with the theme inside:
//! `cargo run -p highwater-stage --example gallery_views -- OUT`.

#[path = "../tests/other_views/mod.rs"]
mod other_views;
#[path = "../tests/pictures.rs"]
mod pictures;
#[path = "../tests/views.rs"]
mod views;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/gallery".into()));
    std::fs::create_dir_all(&out)?;
    for picture in other_views::all() {
        for theme in ["light", "dark"] {
            let svg = picture.svg(Some(theme));
            std::fs::write(out.join(format!("{}-{theme}.svg", picture.name)), svg)?;
        }
    }
    Ok(())
}
