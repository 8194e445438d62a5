//! Texts that a cloud's customers write themselves, made fit to be shown.

/// `text` on one line, at most `longest` characters of it, without what could hide or reorder what
/// stands beside it.
pub fn clean(text: &str, longest: usize) -> String {
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).take(longest).collect();
    shown.trim().into()
}

/// Control characters, and the marks that turn the direction of writing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_bounded_line_of_what_can_be_seen() {
        assert_eq!(clean("  Zofia Nowak ", 256), "Zofia Nowak");
        assert_eq!(clean("a\r\nb\0c\u{1b}[31md\u{202e}e\u{2028}f", 256), "abc[31mdef");
        assert_eq!(clean(&"ż".repeat(1_000_000), 256), "ż".repeat(256));
        assert_eq!(clean("<b>&amp;</b>", 256), "<b>&amp;</b>");
    }
}
