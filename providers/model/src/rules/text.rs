//! Cleaning of text that comes from outside and is shown to people.

/// The first `max_len` characters of `text` on one line, without control characters and characters that
/// hide or reorder other text. Empty if no character would be visible.
///
/// The joiners U+200C and U+200D are kept after a letter or sign: Persian, Sinhala and emoji families
/// are spelled with them (Unicode Standard, section 23.2), and they hide and reorder nothing. They can
/// make two names look alike, which is safe because names are shown and never compared.
pub fn clean(text: &str, max_len: usize) -> String {
    let mut cleaned = String::new();
    let (mut length, mut joinable) = (0, false);
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if is_joiner(c) && !joinable {
            continue;
        }
        if length == max_len {
            break;
        }
        (length, joinable) = (length + 1, !is_joiner(c) && !c.is_whitespace());
        cleaned.push(c);
    }
    if cleaned.chars().all(is_blank) { String::new() } else { cleaned.trim().into() }
}

/// Whether `text` is one line of 1 to `max_len` visible characters without joiners, as identifiers must
/// be: those are compared.
pub fn is_plain(text: &str, max_len: usize) -> bool {
    !text.chars().any(is_joiner) && !text.is_empty() && clean(text, max_len) == text
}

/// `text` with its line breaks and without other invisible characters, for terminals and logs.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !is_invisible(*c)).collect()
}

/// `text` with a full stop, unless it ends like a sentence. Authors of plug-ins and other programs write
/// texts either way.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}")
}

/// Control characters, marks of text direction, and format characters without a glyph (Unicode
/// Standard, chapter 23).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Spaces, joiners, blank letters and variation selectors: a text of these alone is not visible.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || is_joiner(c)
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn printable_keeps_line_breaks_and_removes_control_and_direction_characters() {
        let text = "one\u{1b}[2J\r\n  two\u{202e}\u{9b}31m\t\n";
        assert_eq!(printable(text), "one[2J\n  two31m\n");
    }

    #[rstest]
    #[case::no_full_stop("it is missing", "it is missing.")]
    #[case::full_stop("it is missing: The cloud.", "it is missing: The cloud.")]
    #[case::question("which one? ", "which one?")]
    #[case::parenthesis("(the cloud.)", "(the cloud.).")]
    fn sentence_ends_with_one_mark(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(sentence(text), expected);
    }

    #[test]
    fn clean_returns_one_truncated_line_of_visible_characters() {
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

    #[rstest]
    #[case::persian("\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}")]
    #[case::sinhala("\u{0dc1}\u{0dca}\u{200d}\u{0dbb}\u{0dd3}")]
    #[case::emoji_family("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}")]
    #[case::hindi_half_form("\u{0928}\u{094d}\u{200d}")]
    fn clean_keeps_joiners_between_letters(#[case] name: &str) {
        assert_eq!(clean(name, 256), name);
    }

    #[test]
    fn clean_removes_joiners_that_join_nothing() {
        assert_eq!(clean("\u{200d}a\u{200c}\u{200d} \u{200d}b", 256), "a\u{200c} b");
        assert_eq!(clean("ab\u{200d}", 2), "ab");
        assert_eq!(clean("\u{200d}ab", 2), "ab");
    }

    #[test]
    fn clean_returns_empty_for_invisible_text() {
        for name in
            ["", "\u{200d}", "\u{3164}\u{3164}", " \u{2800} ", "\u{fe0f}", "\u{202e}\u{e0041}"]
        {
            assert_eq!(clean(name, 256), "", "{name:?}");
        }
    }

    #[test]
    fn is_plain_refuses_joiners_and_text_that_clean_changes() {
        assert!(is_plain("a b", 3) && is_plain("\u{17c}", 1));
        for text in ["", "abcd", " a", "a\u{200d}b", "a\u{200c}", "a\u{202e}", "a\n", "\u{3164}"] {
            assert!(!is_plain(text, 3), "{text:?}");
        }
    }
}
