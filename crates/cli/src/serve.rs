//! A small server of static files on this machine: no more than previewing needs.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Something served from memory instead of the folder: path below the root, and its bytes.
pub type Overlay<'a> = dyn Fn(&str) -> Option<Vec<u8>> + Sync + 'a;

/// Longest request line and header line that is read.
const LINE_BYTES_MAX: u64 = 16 * 1024;

/// Serves `folder` until the process ends.
pub fn serve(listener: &TcpListener, folder: &Path, overlay: &Overlay<'_>) {
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            scope.spawn(move || {
                // A browser that goes away in the middle is no news.
                answer(stream, folder, overlay).ok();
            });
        }
    });
}

fn answer(mut stream: TcpStream, folder: &Path, overlay: &Overlay<'_>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = String::new();
    let mut reader = BufReader::new(std::io::Read::take(&mut stream, LINE_BYTES_MAX));
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let (status, kind, body) = response(&request, folder, overlay);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.flush()
}

fn response(
    request: &str,
    folder: &Path,
    overlay: &Overlay<'_>,
) -> (&'static str, &'static str, Vec<u8>) {
    let mut words = request.split_whitespace();
    let text =
        |status, message: &str| (status, "text/plain; charset=utf-8", message.as_bytes().to_vec());
    let (Some("GET" | "HEAD"), Some(target)) = (words.next(), words.next()) else {
        return text("405 Method Not Allowed", "GET and HEAD only");
    };
    let Some(path) = local(target) else { return text("400 Bad Request", "bad path") };
    if let Some(bytes) = overlay(&path) {
        return ("200 OK", media_type(&path), bytes);
    }
    let file = folder.join(PathBuf::from(&path));
    match std::fs::read(&file) {
        Ok(bytes) => ("200 OK", media_type(&path), bytes),
        Err(_) => text("404 Not Found", "not found"),
    }
}

/// A request's path below the root; `None` when it points outside or cannot be read.
fn local(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let mut path = String::from_utf8(bytes).ok()?;
    if path.is_empty() || path.ends_with('/') {
        path.push_str("index.html");
    }
    let inside = Path::new(&path).components().all(|c| matches!(c, Component::Normal(_)));
    (inside && !path.contains('\0') && !path.contains('\\')).then_some(path)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(local("/"), Some("index.html".into()));
        assert_eq!(local("/content/a%20b.hwp?x=1#y"), Some("content/a b.hwp".into()));
        for outside in [
            "/../secret",
            "/a/../../b",
            "/%2e%2e/secret",
            "//etc/passwd",
            "/a%2f..%2f..%2fb",
            "/a\\b",
            "/%00",
            "/%zz",
            "x",
        ] {
            assert_eq!(local(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_file_an_overlay_and_what_is_missing() {
        let folder = std::env::temp_dir().join(format!("highwater-serve-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.wasm"), b"file").unwrap();
        let overlay = |path: &str| (path == "content/x.hwp").then(|| b"packed".to_vec());
        let get = |target: &str| response(&format!("GET {target} HTTP/1.1\r\n"), &folder, &overlay);
        assert_eq!(get("/a.wasm"), ("200 OK", "application/wasm", b"file".to_vec()));
        assert_eq!(get("/content/x.hwp").2, b"packed");
        assert_eq!(get("/b").0, "404 Not Found");
        assert_eq!(response("POST / HTTP/1.1", &folder, &overlay).0, "405 Method Not Allowed");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
