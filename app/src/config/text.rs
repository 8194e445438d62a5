//! Whitespace, quotes and invisible characters in values.

/// The text without leading and trailing whitespace and invisible marks, which editors and web pages add.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_mark(c))
}

/// Byte order mark, zero width space and word joiner.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}

/// Pairs of quotes.
const QUOTES: [(char, char); 5] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];

/// Whether the text is in quotes. A shell removes them; a file and `docker --env-file` do not.
pub(super) fn is_quoted(text: &str) -> bool {
    let mut chars = text.chars();
    let ends = chars.next().zip(chars.next_back());
    ends.is_some_and(|ends| QUOTES.contains(&ends))
}

/// Whether the text has invisible characters, which no secret has: control characters, whitespace other
/// than a space, marks.
pub(super) fn has_invisible(text: &str) -> bool {
    let is_bidi = |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_invisible = |c: char| {
        c.is_control()
            || (c.is_whitespace() && c != ' ')
            || is_mark(c)
            || is_bidi(c)
            || c == '\u{ad}'
    };
    text.chars().any(is_invisible)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::unchanged("a b", "a b")]
    #[case::blank_and_tab(" a b\t", "a b")]
    #[case::crlf("a b\r\n", "a b")]
    #[case::line_breaks("a b\n\n", "a b")]
    #[case::byte_order_mark("\u{feff}a b", "a b")]
    #[case::no_break_space("a b\u{a0}", "a b")]
    #[case::zero_width_spaces("\u{200b}a b\u{200b}", "a b")]
    #[case::marks_and_whitespace("\u{feff} a b \u{feff}\r\n", "a b")]
    #[case::word_joiner_and_next_line("\u{2060}a b\u{85}", "a b")]
    #[case::nothing_else("\u{feff}\r\n", "")]
    fn trimmed_removes_whitespace_and_marks_at_the_ends(
        #[case] text: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(trimmed(text), expected);
    }

    #[rstest]
    #[case::double("\"a\"", true)]
    #[case::single("'a'", true)]
    #[case::backtick("`a`", true)]
    #[case::curly_double("\u{201c}a\u{201d}", true)]
    #[case::curly_single("\u{2018}a\u{2019}", true)]
    #[case::empty_in_quotes("\"\"", true)]
    #[case::empty("", false)]
    #[case::letter("a", false)]
    #[case::one_double("\"", false)]
    #[case::one_single("'", false)]
    #[case::opening_only("\"a", false)]
    #[case::closing_only("a\"", false)]
    #[case::inside("a\"b", false)]
    #[case::unmatched("\"a'", false)]
    fn is_quoted_requires_matching_quotes_at_both_ends(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_quoted(text), expected);
    }

    #[rstest]
    #[case::line_feed("a\nb", true)]
    #[case::carriage_return("a\rb", true)]
    #[case::nul("a\0", true)]
    #[case::tab("a\tb", true)]
    #[case::no_break_space("a\u{a0}b", true)]
    #[case::zero_width_space("a\u{200b}b", true)]
    #[case::bidi_override("\u{202e}a", true)]
    #[case::delete("a\u{7f}", true)]
    #[case::empty("", false)]
    #[case::blank("a b", false)]
    #[case::punctuation("a~._-\"'%+/=", false)]
    #[case::polish_letters("za\u{17c}\u{f3}\u{142}\u{107}", false)]
    fn has_invisible_finds_invisible_characters(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(has_invisible(text), expected);
    }
}
