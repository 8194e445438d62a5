//! A text with its escapes decoded: JSON and JavaScript, percent encoding, HTML.

/// The longest decoded HTML reference or tag, in bytes.
const MAX_LEN: usize = 32;

/// Whether decoding can change anything.
pub(super) fn has_escapes(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'<'))
}

/// The ASCII characters of a text with every escape decoded, nested ones of any kind included.
///
/// Characters other than letters and digits may be dropped, because the normal form drops them.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.bytes().filter(u8::is_ascii) {
        out.push(byte);
        while let Some((length, meant)) = escape_at_end(&out) {
            out.truncate(out.len() - length);
            let Some(meant) = meant else { break };
            out.push(meant);
        }
    }
    out
}

/// The escape at the end of the text: its length, and the ASCII character that it encodes.
fn escape_at_end(text: &[u8]) -> Option<(usize, Option<u8>)> {
    match text {
        [.., b'%', a, b] | [.., b'\\', b'x' | b'X', a, b] if is_hex(&[*a, *b]) => {
            let length = if text[text.len() - 3] == b'%' { 3 } else { 4 };
            Some((length, number(&[*a, *b], 16)))
        }
        [.., b'\\' | b'%', b'u' | b'U', a, b, c, d] if is_hex(&[*a, *b, *c, *d]) => {
            Some((6, number(&[*a, *b, *c, *d], 16)))
        }
        [.., b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7'] => {
            Some((4, number(&[*a, *b, *c], 8)))
        }
        // Escaped twice, as JSON in JSON is.
        [.., b'\\', b'\\'] => Some((2, Some(b'\\'))),
        // Line breaks and the like.
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v'] => Some((2, None)),
        [.., b'}'] => between(text, b"\\u{").map(|(length, digits)| (length, number(digits, 16))),
        [.., b';'] => between(text, b"&").map(|(length, name)| (length, referred(name))),
        [.., b'>'] => between(text, b"<").map(|(length, _)| (length, None)),
        _ => None,
    }
}

/// The text between `opening` and the last byte, and the length of all three.
fn between<'t>(text: &'t [u8], opening: &[u8]) -> Option<(usize, &'t [u8])> {
    let near = &text[text.len().saturating_sub(MAX_LEN)..];
    let begin = near.windows(opening.len()).rposition(|window| window == opening)?;
    Some((near.len() - begin, &near[begin + opening.len()..near.len() - 1]))
}

/// The character of an HTML character reference (HTML, section 13.5). Letters have no named one.
fn referred(name: &[u8]) -> Option<u8> {
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        // Characters that begin or end another escape.
        b"amp" | b"AMP" => Some(b'&'),
        b"percnt" => Some(b'%'),
        b"bsol" => Some(b'\\'),
        b"num" => Some(b'#'),
        b"semi" => Some(b';'),
        b"lt" | b"LT" => Some(b'<'),
        b"gt" | b"GT" => Some(b'>'),
        b"lbrace" | b"lcub" => Some(b'{'),
        b"rbrace" | b"rcub" => Some(b'}'),
        _ => None,
    }
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits.trim_start_matches('0'), radix).ok().filter(u8::is_ascii)
}
