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
    use super::*;

    #[test]
    fn trimmed_removes_whitespace_and_marks_at_the_ends() {
        for text in [
            "a b",
            " a b\t",
            "a b\r\n",
            "a b\n\n",
            "\u{feff}a b",
            "a b\u{a0}",
            "\u{200b}a b\u{200b}",
            "\u{feff} a b \u{feff}\r\n",
            "\u{2060}a b\u{85}",
        ] {
            assert_eq!(trimmed(text), "a b", "{text:?}");
        }
        assert_eq!(trimmed("\u{feff}\r\n"), "");
    }

    #[test]
    fn is_quoted_is_true_for_matching_quotes_at_both_ends() {
        for text in ["\"a\"", "'a'", "`a`", "\u{201c}a\u{201d}", "\u{2018}a\u{2019}", "\"\""] {
            assert!(is_quoted(text), "{text}");
        }
        for text in ["", "a", "\"", "'", "\"a", "a\"", "a\"b", "\"a'"] {
            assert!(!is_quoted(text), "{text}");
        }
    }

    #[test]
    fn has_invisible_finds_invisible_characters_anywhere() {
        for text in
            ["a\nb", "a\rb", "a\0", "a\tb", "a\u{a0}b", "a\u{200b}b", "\u{202e}a", "a\u{7f}"]
        {
            assert!(has_invisible(text), "{text:?}");
        }
        for text in ["", "a b", "a~._-\"'%+/=", "za\u{17c}\u{f3}\u{142}\u{107}"] {
            assert!(!has_invisible(text), "{text:?}");
        }
    }
}
