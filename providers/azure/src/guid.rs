//! GUIDs in the format of Entra ID.

/// Whether `text` is a GUID: hexadecimal digits in groups of 8, 4, 4, 4 and 12 (RFC 9562 section 4).
pub fn is_guid(text: &str) -> bool {
    let groups = text.split('-').map(|group| {
        let is_hex = group.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hex { group.len() } else { 0 }
    });
    groups.eq([8, 4, 4, 4, 12])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::lower_case("72f988bf-86f1-41af-91ab-2d7cd011db47", true)]
    #[case::upper_case("72F988BF-86F1-41AF-91AB-2D7CD011DB47", true)]
    #[case::empty("", false)]
    #[case::word("contoso", false)]
    #[case::word_of_entra_id("organizations", false)]
    #[case::no_hyphens("72f988bf86f141af91ab2d7cd011db47", false)]
    #[case::braces("{72f988bf-86f1-41af-91ab-2d7cd011db47}", false)]
    #[case::too_short("72f988bf-86f1-41af-91ab-2d7cd011db4", false)]
    #[case::trailing_hyphen("72f988bf-86f1-41af-91ab-2d7cd011db47-", false)]
    #[case::not_hexadecimal("72f988bg-86f1-41af-91ab-2d7cd011db47", false)]
    #[case::line_break("72f988bf-86f1-41af-91ab-2d7cd011db47\n", false)]
    #[case::slash("72f988bf-86f1-41af/91ab-2d7cd011db47", false)]
    fn is_guid_takes_hyphenated_form_only(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_guid(text), expected);
    }
}
