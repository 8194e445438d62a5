//! Texts that a cloud's customers write themselves, made fit to be shown.

/// `text` on one line, at most `longest` characters of it, without what could hide or reorder what
/// stands beside it.
pub fn clean(text: &str, longest: usize) -> String {
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).take(longest).collect();
    shown.trim().into()
}

/// `text` on the lines that it has, without the same: what a terminal and a log get, whoever wrote
/// parts of it.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !is_invisible(*c)).collect()
}

/// Control characters, the marks that turn the direction of writing, and those that show nothing
/// (Unicode Standard, chapter 23).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_nothing_that_moves_a_terminals_cursor_or_its_direction_does() {
        let text = "one\u{1b}[2J\r\n  two\u{202e}\u{9b}31m\t\n";
        assert_eq!(printable(text), "one[2J\n  two31m\n");
    }

    #[test]
    fn a_name_is_one_bounded_line_of_what_can_be_seen() {
        assert_eq!(clean("  Zofia Nowak ", 256), "Zofia Nowak");
        assert_eq!(clean("a\r\nb\0c\u{1b}[31md\u{202e}e\u{2028}f", 256), "abc[31mdef");
        for hidden in
            "\u{ad}\u{61c}\u{180e}\u{200b}\u{2029}\u{2064}\u{2069}\u{206f}\u{feff}\u{e0041}".chars()
        {
            assert_eq!(clean(&format!("a{hidden}b"), 256), "ab", "{hidden:?}");
        }
        assert_eq!(clean(&"ż".repeat(1_000_000), 256), "ż".repeat(256));
        assert_eq!(clean("<b>&amp;</b>", 256), "<b>&amp;</b>");
    }
}
