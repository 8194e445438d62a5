//! What stands around a value and is no part of it.

/// The text without blanks, line ends and the marks that editors and web pages leave at its ends, none
/// of which can be seen: nobody means them.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_mark(c))
}

/// Byte order mark, zero width space and word joiner.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}

/// The kinds of quotes that people and their programs put around a value.
const QUOTES: [(char, char); 5] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];

/// Whether the text stands in quotes. A shell takes them away; a file and `docker --env-file` do not.
pub(super) fn is_quoted(text: &str) -> bool {
    let mut chars = text.chars();
    let ends = chars.next().zip(chars.next_back());
    ends.is_some_and(|ends| QUOTES.contains(&ends))
}

/// Whether something stands in the text that no secret has and nobody sees: a line break, another
/// control character, a blank that is no space, a mark.
pub(super) fn has_unseen(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let unseen = |c: char| {
        c.is_control() || (c.is_whitespace() && c != ' ') || is_mark(c) || turns(c) || c == '\u{ad}'
    };
    text.chars().any(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_line_ends_and_marks_at_the_ends_are_no_part_of_a_value() {
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
    fn a_value_in_quotes_is_told_from_one_with_a_quote_in_it() {
        for text in ["\"a\"", "'a'", "`a`", "\u{201c}a\u{201d}", "\u{2018}a\u{2019}", "\"\""] {
            assert!(is_quoted(text), "{text}");
        }
        for text in ["", "a", "\"", "'", "\"a", "a\"", "a\"b", "\"a'"] {
            assert!(!is_quoted(text), "{text}");
        }
    }

    #[test]
    fn what_nobody_sees_is_found_wherever_it_stands() {
        for text in
            ["a\nb", "a\rb", "a\0", "a\tb", "a\u{a0}b", "a\u{200b}b", "\u{202e}a", "a\u{7f}"]
        {
            assert!(has_unseen(text), "{text:?}");
        }
        for text in ["", "a b", "a~._-\"'%+/=", "za\u{17c}\u{f3}\u{142}\u{107}"] {
            assert!(!has_unseen(text), "{text:?}");
        }
    }
}
