//! A form with a file (`multipart/form-data`, RFC 7578): read whole, up to a limit, its token checked as that of any other form.

use super::error::PortalError;
use super::forms::Fields;
use super::session::Visit;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use std::future::Future;
use std::pin::Pin;

/// Largest form with a file, in bytes. Larger files go through the command line, which streams.
pub const MAX_BYTES: usize = 64 << 20;

/// A file as sent.
#[derive(Debug, Clone, Default)]
pub struct SentFile {
    /// Its name on the sender's machine.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A form with a file, sent by a page of ours.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// What was typed.
    pub fields: Fields,
    /// The file, when one was chosen.
    pub file: Option<SentFile>,
}

impl FromRequest for Uploaded {
    type Error = PortalError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PortalError>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Visit>().cloned();
        let boundary = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).and_then(boundary);
        let mut stream = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let visit = visit.ok_or(PortalError::Unframed)?;
            let boundary = boundary.ok_or(PortalError::Unreadable)?;
            let mut body = Vec::new();
            let mut stream = (&mut stream).await.map_err(|_| PortalError::Unreadable)?;
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|_| PortalError::Unreadable)?;
                if body.len() + chunk.len() > MAX_BYTES {
                    return Err(PortalError::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            let form = parse(&body, &boundary).ok_or(PortalError::Unreadable)?;
            if visit.form_token_fits(form.fields.get("csrf")) { Ok(form) } else { Err(PortalError::Forgery) }
        })
    }
}

fn boundary(content_type: &str) -> Option<Vec<u8>> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|p| p.trim().strip_prefix("boundary="))?.trim_matches('"');
    (1..=70).contains(&value.len()).then(|| format!("--{value}").into_bytes())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    // The first byte of a boundary or of a line end is rare enough in text to look for it alone.
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = haystack.get(from..)?.iter().position(|b| *b == first) {
        if haystack.get(from + at..)?.starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The parts between the boundaries; nothing when it is no such form.
fn parse(body: &[u8], boundary: &[u8]) -> Option<Uploaded> {
    let mut form = Uploaded { fields: Fields::default(), file: None };
    let mut line_boundary = b"\r\n".to_vec();
    line_boundary.extend_from_slice(boundary);
    let mut rest = body.get(find(body, boundary)? + boundary.len()..)?;
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n")?;
        let end = find(part, &line_boundary)?;
        let head_end = find(part.get(..end)?, b"\r\n\r\n")?;
        let head = std::str::from_utf8(part.get(..head_end)?).ok()?;
        let content = part.get(head_end + 4..end)?;
        let disposition = head.lines().find(|l| l.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = parameter(disposition, "name")?;
        match parameter(disposition, "filename") {
            Some(file_name) if !content.is_empty() || !file_name.is_empty() => {
                form.file = Some(SentFile { name: file_name.chars().take(200).collect(), content: content.to_vec() });
            }
            Some(_) => {}
            None => form.fields.0.push((name, std::str::from_utf8(content).ok()?.to_owned())),
        }
        rest = part.get(end + line_boundary.len()..)?;
    }
    Some(form)
}

/// `name="value"` of a header line; browsers write a quote in it as `%22`.
fn parameter(line: &str, name: &str) -> Option<String> {
    let start = format!("; {name}=\"");
    let value = line.split_once(&start)?.1;
    Some(value.split_once('"')?.0.replace("%22", "\""))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn fields_and_file_are_told_apart_and_bytes_kept() {
        let body =
            b"--xyz\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; \
                     filename=\"a%22b.csv\"\r\nContent-Type: text/csv\r\n\r\nid\r\n--xy\0\xff\r\n\r\n--xyz--\r\n";
        let form = parse(body, b"--xyz").unwrap();
        assert_eq!(form.fields.get("csrf"), "token");
        let file = form.file.unwrap();
        assert_eq!((file.name.as_str(), file.content.as_slice()), ("a\"b.csv", &b"id\r\n--xy\0\xff\r\n"[..]));
    }

    #[test]
    fn a_body_that_is_no_such_form_is_refused() {
        for body in [&b""[..], b"--xyz", b"--xyz\r\n", b"--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", b"a=b&c=d"] {
            assert!(parse(body, b"--xyz").is_none());
        }
        assert!(boundary("application/x-www-form-urlencoded").is_none());
        assert_eq!(boundary("multipart/form-data; boundary=\"q\"").unwrap(), b"--q");
    }
}
