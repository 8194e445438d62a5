//! Parses and formats numbers of SVG (SVG 2 section 4.2).

/// The largest absolute value of a number.
const MAX_NUMBER: f64 = 100_000.0;

/// The count of numbers that an icon may still have: their count determines the time to render it.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(4_096)
    }
}

impl Budget {
    /// Takes one number; `None` if none is left.
    pub(crate) fn spend(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

/// Parses a text from its beginning.
pub(crate) struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.trim_matches(is_white_space))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the next character is a letter.
    pub(crate) fn at_letter(&self) -> bool {
        self.0.starts_with(|it: char| it.is_ascii_alphabetic())
    }

    /// Takes the next character if it is allowed.
    pub(crate) fn one_of(&mut self, is_allowed: impl Fn(char) -> bool) -> Option<char> {
        let next = self.0.chars().next().filter(|next| is_allowed(*next))?;
        self.0 = &self.0[next.len_utf8()..];
        Some(next)
    }

    /// Skips white space.
    pub(crate) fn white_space(&mut self) {
        self.0 = self.0.trim_start_matches(is_white_space);
    }

    /// Skips white space with at most one comma.
    pub(crate) fn separator(&mut self) {
        self.white_space();
        if self.one_of(|it| it == ',').is_some() {
            self.white_space();
        }
    }

    /// Takes a number within the limits.
    pub(crate) fn number(&mut self, budget: &mut Budget) -> Option<f64> {
        budget.spend()?;
        let (number, rest) = self.0.split_at(number_len(self.0)?);
        self.0 = rest;
        number.parse().ok().filter(|it: &f64| it.abs() <= MAX_NUMBER)
    }

    /// Takes letters, possibly none.
    pub(crate) fn word(&mut self) -> &'a str {
        let letters = self.0.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(letters);
        self.0 = rest;
        word
    }
}

/// White space of SVG.
fn is_white_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// The length of the number at the start of `text`, in bytes: a sign, digits with a point, an exponent.
fn number_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let sign = |at: usize| usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let digits = |at: usize| bytes[at..].iter().take_while(|it| it.is_ascii_digit()).count();
    let mut at = sign(0);
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 || at > 24 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let begin = at + 1 + sign(at + 1);
        let exponent = digits(begin);
        if (1..=4).contains(&exponent) {
            at = begin + exponent;
        }
    }
    Some(at)
}

/// Parses a list of numbers.
pub(crate) fn list(text: &str, budget: &mut Budget) -> Option<Vec<f64>> {
    let (mut scanner, mut numbers) = (Scanner::new(text), Vec::new());
    while !scanner.is_empty() {
        numbers.push(scanner.number(budget)?);
        scanner.separator();
    }
    Some(numbers)
}

/// The numbers, separated by spaces.
pub(crate) fn format_list(numbers: &[f64]) -> String {
    numbers.iter().map(|it| format(*it)).collect::<Vec<_>>().join(" ")
}

/// A number with at most four decimal places.
pub(crate) fn format(number: f64) -> String {
    // Adding zero makes -0 a 0.
    ((number * 10_000.0).round() / 10_000.0 + 0.0).to_string()
}
