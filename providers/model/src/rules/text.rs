//! Texts that a cloud's customers write themselves, made fit to be shown.

/// `text` on one line, at most `longest` characters of it, without what could hide or reorder what
/// stands beside it; empty where nothing of it would be seen.
///
/// The joiners U+200C and U+200D stay where they follow a letter or sign: Persian, Sinhala and
/// emoji families are spelled with them (Unicode Standard, section 23.2), and they move or hide
/// nothing. A name is only shown, never compared: nobody becomes somebody else by one.
pub fn clean(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    let (mut length, mut joinable) = (0, false);
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if is_joiner(c) && !joinable {
            continue;
        }
        if length == longest {
            break;
        }
        (length, joinable) = (length + 1, !is_joiner(c) && !c.is_whitespace());
        shown.push(c);
    }
    if shown.chars().all(is_blank) { String::new() } else { shown.trim().into() }
}

/// Whether `text` is one line of 1 to `longest` characters, each of which is seen: what identifiers
/// are made of. Two that look alike are the same.
pub fn is_plain(text: &str, longest: usize) -> bool {
    !text.chars().any(is_joiner) && !text.is_empty() && clean(text, longest) == text
}

/// `text` on the lines that it has, without the same: what a terminal and a log get, whoever wrote
/// parts of it.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !is_invisible(*c)).collect()
}

/// `text` with a full stop, where it does not end as a sentence does already: what a plug-in's author
/// or another program has written may be either.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}")
}

/// Control characters, the marks that turn the direction of writing, and those that show nothing
/// (Unicode Standard, chapter 23).
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

/// Spaces, joiners, letters that fill a place and show nothing, and variation selectors: a text of
/// these alone is an empty place on a page.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || is_joiner(c)
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
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
    fn a_sentence_ends_once() {
        for (text, whole) in [
            ("it is missing", "it is missing."),
            ("it is missing: The cloud.", "it is missing: The cloud."),
            ("which one? ", "which one?"),
            ("(the cloud.)", "(the cloud.)."),
        ] {
            assert_eq!(sentence(text), whole);
        }
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

    #[test]
    fn a_name_keeps_the_joiners_it_is_spelled_with() {
        for name in [
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}", // Persian
            "\u{0dc1}\u{0dca}\u{200d}\u{0dbb}\u{0dd3}",                  // Sinhala
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",               // a family
            "\u{0928}\u{094d}\u{200d}",                                  // half a letter of Hindi
        ] {
            assert_eq!(clean(name, 256), name);
        }
    }

    #[test]
    fn a_joiner_that_joins_nothing_is_taken_out() {
        assert_eq!(clean("\u{200d}a\u{200c}\u{200d} \u{200d}b", 256), "a\u{200c} b");
        assert_eq!(clean("ab\u{200d}", 2), "ab");
        assert_eq!(clean("\u{200d}ab", 2), "ab");
    }

    #[test]
    fn a_name_of_which_nothing_is_seen_is_empty() {
        for name in
            ["", "\u{200d}", "\u{3164}\u{3164}", " \u{2800} ", "\u{fe0f}", "\u{202e}\u{e0041}"]
        {
            assert_eq!(clean(name, 256), "", "{name:?}");
        }
    }

    #[test]
    fn an_identifier_has_no_joiner_and_nothing_that_would_be_cleaned() {
        assert!(is_plain("a b", 3) && is_plain("\u{17c}", 1));
        for text in ["", "abcd", " a", "a\u{200d}b", "a\u{200c}", "a\u{202e}", "a\n", "\u{3164}"] {
            assert!(!is_plain(text, 3), "{text:?}");
        }
    }
}
