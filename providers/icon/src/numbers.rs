//! Numbers as SVG writes them (SVG 2 section 4.2), read one after the other.

/// The largest number that an icon may hold.
const LARGEST: f64 = 100_000.0;

/// Counts an icon's numbers: how long it takes to draw is a matter of these.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(4_096)
    }
}

impl Budget {
    /// One number less; `None` where there was none left.
    pub(crate) fn spend(&mut self) -> Option<()> {
        self.0 = self.0.checked_sub(1)?;
        Some(())
    }
}

/// Reads a text from its beginning.
pub(crate) struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.trim_matches(is_blank))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a letter is next.
    pub(crate) fn at_letter(&self) -> bool {
        self.0.starts_with(|it: char| it.is_ascii_alphabetic())
    }

    /// The next character, where it is one of these.
    pub(crate) fn one_of(&mut self, these: impl Fn(char) -> bool) -> Option<char> {
        let next = self.0.chars().next().filter(|next| these(*next))?;
        self.0 = &self.0[next.len_utf8()..];
        Some(next)
    }

    /// Blanks.
    pub(crate) fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches(is_blank);
    }

    /// Blanks with at most one comma among them.
    pub(crate) fn separator(&mut self) {
        self.blanks();
        if self.one_of(|it| it == ',').is_some() {
            self.blanks();
        }
    }

    /// A number within the limits.
    pub(crate) fn number(&mut self, budget: &mut Budget) -> Option<f64> {
        budget.spend()?;
        let (number, rest) = self.0.split_at(length_of_number(self.0)?);
        self.0 = rest;
        number.parse().ok().filter(|it: &f64| it.abs() <= LARGEST)
    }

    /// Letters, as they stand.
    pub(crate) fn word(&mut self) -> &'a str {
        let letters = self.0.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(letters);
        self.0 = rest;
        word
    }
}

/// What SVG takes for white space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// How many bytes of the text are a number: a sign, digits with a point, an exponent.
fn length_of_number(text: &str) -> Option<usize> {
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

/// A list of numbers and nothing else.
pub(crate) fn list(text: &str, budget: &mut Budget) -> Option<Vec<f64>> {
    let (mut scanner, mut numbers) = (Scanner::new(text), Vec::new());
    while !scanner.is_empty() {
        numbers.push(scanner.number(budget)?);
        scanner.separator();
    }
    Some(numbers)
}

/// Numbers, written with a blank between two.
pub(crate) fn written(numbers: &[f64]) -> String {
    numbers.iter().map(|it| one(*it)).collect::<Vec<_>>().join(" ")
}

/// A number to four places.
pub(crate) fn one(number: f64) -> String {
    // Adding zero makes -0 a 0.
    ((number * 10_000.0).round() / 10_000.0 + 0.0).to_string()
}
